import type { KvWatchEntry } from '@nats-io/kv';
import type { TypedEvents } from '../core/index.js';
import { type ModelShelf, modelShelf } from '../monitor/index.js';
import { HoldOff } from './hold-off.js';
import type { ClusterLink } from './link.js';
import { ClusterModels } from './models.js';
import type { WorkEvents, WorkOptions } from './work.js';

/** The models of a worker, by tenant: all its partitions share them. */
export class WorkerModels {
  readonly #options: WorkOptions;
  readonly #models: ClusterModels;
  readonly #events: Pick<TypedEvents<WorkEvents>, 'emit'>;
  readonly #shelves = new Map<string, ModelShelf>();
  readonly #holdOff = new HoldOff();
  #revision: number | undefined;
  #swapping = false;

  constructor(link: ClusterLink, options: WorkOptions, events: Pick<TypedEvents<WorkEvents>, 'emit'>) {
    this.#models = new ClusterModels(link);
    this.#options = options;
    this.#events = events;
  }

  /** The models of a tenant; false where monitors run without. */
  of(tenantId: string): ModelShelf | false {
    const { storage, monitor } = this.#options;
    const models = monitor?.models;
    if (models === false) return false;
    if (models !== undefined && 'of' in models) return models;
    let shelf = this.#shelves.get(tenantId);
    if (shelf === undefined) {
      shelf = modelShelf(this.#models.in(storage.tenant(tenantId)), { seed: monitor?.seed ?? 0, ...models });
      this.#shelves.set(tenantId, shelf);
    }
    return shelf;
  }

  /**
   * Others were spread: from now on the models are those that the registry names then. A watch that begins anew tells only of the
   * last time, so it is every tenant's.
   */
  hear(entry: KvWatchEntry): void {
    const { isUpdate, revision } = entry;
    if (isUpdate) this.#shelves.delete(entry.json<{ tenant: string }>().tenant);
    else if (this.#revision !== undefined && revision > this.#revision) this.#shelves.clear();
    this.#revision = revision;
  }

  /** Lets partitions take the models into use that are not those they have; readings go on meanwhile. It never throws. */
  async swap(works: readonly { readonly partition: number; useModels(): Promise<void> }[]): Promise<void> {
    if (this.#swapping) return;
    this.#swapping = true;
    for (const work of works) {
      const { partition } = work;
      if (this.#holdOff.holds(partition)) continue;
      try {
        await work.useModels();
        this.#holdOff.succeeded(partition);
      } catch (error) {
        this.#holdOff.failed(partition);
        this.#events.emit('trouble', { partition, error });
      }
    }
    this.#swapping = false;
  }
}
