import type { TypedEvents } from '../core/index.js';
import type { Storage } from '../storage/index.js';
import type { ClusterLink } from './link.js';
import { type ShadowRecord, settleShadows, shadowPrefix, type TenantTrials } from './shadows.js';
import type { WorkEvents } from './work.js';

/** A partition whose shadows are told of. */
interface Told {
  readonly partition: number;
  readonly shadows: readonly TenantTrials[];
}

/**
 * Says in the bucket how the shadows of a worker's partitions do: one key for each partition, so that its next owner goes on with
 * it. The owner of partition 0 acts on what all have said, where that is wanted.
 */
export class ShadowReports {
  readonly #link: ClusterLink;
  readonly #settleIn: Storage | undefined;
  readonly #events: Pick<TypedEvents<WorkEvents>, 'emit'>;
  #told = new Map<number, string>();
  #telling: Promise<void> | undefined;

  /** @param settleIn the store whose registry is changed by the verdicts; undefined: nothing is done on them */
  constructor(link: ClusterLink, settleIn: Storage | undefined, events: Pick<TypedEvents<WorkEvents>, 'emit'>) {
    this.#link = link;
    this.#settleIn = settleIn;
    this.#events = events;
  }

  /** Begins to say what is new of the partitions that the worker handles, where it is not under way. */
  tell(works: readonly Told[]): void {
    this.#telling ??= this.#tell(works)
      .catch((error: unknown) => this.#events.emit('trouble', { partition: undefined, error }))
      .then(() => {
        this.#telling = undefined;
      });
  }

  /** Resolves when nothing is under way. */
  get idle(): Promise<void> {
    return this.#telling ?? Promise.resolve();
  }

  async #tell(works: readonly Told[]): Promise<void> {
    const before = this.#told;
    // What is not handled any more is looked at again when it comes back: another has told of it meanwhile.
    this.#told = new Map();
    for (const { partition, shadows } of works) {
      const text = shadows.length === 0 ? '' : JSON.stringify({ format: 1, trials: shadows } satisfies ShadowRecord);
      if (text !== before.get(partition)) await this.#write(shadowPrefix + partition, text);
      this.#told.set(partition, text);
    }
    if (this.#settleIn === undefined || !this.#told.has(0)) return;
    for (const status of await settleShadows(this.#link, this.#settleIn)) this.#events.emit('settled', status);
  }

  async #write(key: string, text: string): Promise<void> {
    const { bucket } = this.#link;
    if (text !== '') await bucket.put(key, text);
    else if ((await bucket.get(key))?.operation === 'PUT') await bucket.delete(key);
  }
}
