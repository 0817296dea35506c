import type { Monitor } from '../monitor/index.js';
import { changeTable, control } from './bucket.js';
import { isFenced, scopeOf, storedFence } from './fenced-storage.js';
import { HoldOff } from './hold-off.js';
import { type PartitionContext, PartitionWork } from './partition-work.js';
import { claimed, type OwnerTable, ownedBy, released } from './table.js';
import { within } from './within.js';
import { fleetsOf } from './work.js';

/** Partitions that are taken over side by side. */
const OPENING = 4;

/** How long the work on a partition may take to end in order, ms. Its successor's fence shuts out what comes later. */
const ENDING = 10_000;

/** What the partitions of a worker need of it. */
export interface OwnedPartitionsOptions {
  readonly id: string;
  readonly context: PartitionContext;
  /** How long a partition may take to begin, ms; doubled after each time that it took longer. */
  readonly startLimit: number;
  /** Whether new partitions may begin. */
  readonly mayStart: () => boolean;
  /** Called when something has ended or begun, so that the table is looked at again. */
  readonly onChange: () => void;
}

/** The partitions that one worker handles: begins and ends them as the table of owners says, and hands them over. */
export class OwnedPartitions {
  readonly #options: OwnedPartitionsOptions;
  readonly #context: PartitionContext;
  readonly #running = new Map<number, PartitionWork>();
  readonly #opening = new Map<number, Promise<void>>();
  readonly #closing = new Map<number, Promise<void>>();
  readonly #holdOff = new HoldOff();
  #releasing: Promise<unknown> = Promise.resolve();
  #takeovers = 0;
  #handovers = 0;
  #failedStarts = 0;

  constructor(options: OwnedPartitionsOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** Those that run, in order of their numbers. */
  get numbers(): number[] {
    return [...this.#running.keys()].sort((a, b) => a - b);
  }

  /** The work on those that run. */
  get works(): readonly PartitionWork[] {
    return [...this.#running.values()];
  }

  /** Take-overs, hand-overs and starts that failed, since the worker began. */
  get counts(): { readonly takeovers: number; readonly handovers: number; readonly failedStarts: number } {
    return { takeovers: this.#takeovers, handovers: this.#handovers, failedStarts: this.#failedStarts };
  }

  /** The monitors of a partition by tenant; nothing where it does not run here. */
  monitors(partition: number): ReadonlyMap<string, Monitor> {
    return this.#running.get(partition)?.monitors ?? new Map();
  }

  /** How long a partition has run here, ms; undefined where it does not. */
  age(partition: number): number | undefined {
    return this.#running.get(partition)?.age;
  }

  /** Whether a partition failed to begin here a moment ago, so that another worker, or a later moment, may do better. */
  holdsOff(partition: number): boolean {
    return this.#holdOff.holds(partition);
  }

  /** Begins what the table says is this worker's, ends what is not. */
  follow(table: OwnerTable): void {
    const { id } = this.#options;
    for (const [partition, work] of this.#running) {
      const ownership = table.partitions[partition];
      if (ownership?.owner !== id || ownership.epoch !== work.epoch) void this.end(partition, { lost: true });
    }
    for (const partition of ownedBy(table, id)) {
      if (this.#opening.size >= OPENING) break;
      const busy = this.#running.has(partition) || this.#opening.has(partition) || this.#closing.has(partition);
      if (busy || this.holdsOff(partition)) continue;
      const opening = this.#open(partition, table.partitions[partition]?.epoch as number)
        .catch((error: unknown) => this.#context.events.emit('trouble', { partition, error }))
        .finally(() => {
          this.#opening.delete(partition);
          this.#options.onChange();
        });
      this.#opening.set(partition, opening);
    }
  }

  /**
   * Ends the work on a partition, beside everything else: what it waits for must not keep other partitions waiting. In order
   * (`lost` false), it is stored up to where it came, and the table says that it is free; lost, nothing is written any more.
   */
  end(partition: number, { lost, to }: { readonly lost: boolean; readonly to?: string | undefined }): Promise<void> {
    return this.#close(partition, async (work) => {
      await this.#stop(work, lost);
      if (!lost) this.#handovers++;
      this.#context.events.emit('released', { partition, epoch: work.epoch, lost });
      if (!lost) await this.#release(new Map([[partition, to]]));
    });
  }

  /** Ends all. */
  async endAll(lost: boolean): Promise<void> {
    await Promise.allSettled(this.#opening.values());
    await Promise.all(this.numbers.map((partition) => this.end(partition, { lost })));
    await Promise.all(this.#closing.values());
  }

  /** Gives back what the table says is this worker's and does not run here. */
  async releaseRest(table: OwnerTable): Promise<void> {
    const left = ownedBy(table, this.#options.id);
    if (left.length > 0) await this.#release(new Map(left.map((partition) => [partition, undefined])));
  }

  /** Ends a partition in order and begins it anew, under the same epoch: for what is asked of it to be replayed. */
  reopen(partition: number): Promise<void> {
    return this.#close(partition, (work) => this.#stop(work, false));
  }

  #close(partition: number, how: (work: PartitionWork) => Promise<void>): Promise<void> {
    const work = this.#running.get(partition);
    if (work === undefined) return this.#closing.get(partition) ?? Promise.resolve();
    this.#running.delete(partition);
    const closing = how(work)
      .catch((error: unknown) => this.#context.events.emit('trouble', { partition, error }))
      .finally(() => {
        this.#closing.delete(partition);
        this.#options.onChange();
      });
    this.#closing.set(partition, closing);
    return closing;
  }

  /** Stops the work on a partition; one that hangs is left to itself, for the fence of the next epoch shuts it out. */
  async #stop(work: PartitionWork, lost: boolean): Promise<void> {
    try {
      await within(work.stop(lost), ENDING, `Ending partition ${work.partition}`);
    } catch (error) {
      this.#context.events.emit('trouble', { partition: work.partition, error });
      work.stop(true).catch(() => undefined);
    }
  }

  async #open(partition: number, epoch: number): Promise<void> {
    const { startLimit, mayStart } = this.#options;
    const began = performance.now();
    const starting = this.#start(partition, epoch);
    try {
      const limit = startLimit * 2 ** this.#holdOff.times(partition);
      const work = await within(starting, limit, `Beginning partition ${partition}`);
      if (!mayStart()) {
        await this.#stop(work, true);
        return;
      }
      this.#holdOff.succeeded(partition);
      this.#running.set(partition, work);
      this.#takeovers++;
      const ms = performance.now() - began;
      this.#context.events.emit('owned', { partition, epoch, position: work.sequence, ms });
    } catch (error) {
      // What comes of it after all is not wanted any more.
      starting.then((work) => work.stop(true)).catch(() => undefined);
      this.#context.events.emit('trouble', { partition, error });
      if (isFenced(error)) await this.#claimAbove(partition, epoch);
      else {
        this.#failedStarts++;
        this.#holdOff.failed(partition);
        await this.#release(new Map([[partition, undefined]]));
      }
    }
  }

  async #start(partition: number, epoch: number): Promise<PartitionWork> {
    const replay = await this.#replayOf(partition);
    const work = await PartitionWork.open(partition, epoch, this.#context, replay?.from);
    await replay?.done();
    return work;
  }

  /** The bucket was made anew, or set back: the store has seen later epochs than the table. */
  async #claimAbove(partition: number, epoch: number): Promise<void> {
    const { link } = this.#context;
    const fence = await fenceOf(partition, this.#context);
    await changeTable(link.bucket, link.partitions, (table) => {
      const ownership = table.partitions[partition];
      const mine = ownership?.owner === this.#options.id && ownership.epoch === epoch && epoch <= fence;
      return mine ? claimed(table, this.#options.id, [partition], fence) : undefined;
    });
  }

  /** From where on a partition is asked to be replayed, and what says that it was done. */
  async #replayOf(partition: number): Promise<{ readonly from: number; done(): Promise<void> } | undefined> {
    const { bucket } = this.#context.link;
    const key = control.replay + partition;
    const entry = await bucket.get(key);
    if (entry === null || entry.operation !== 'PUT') return undefined;
    const { from } = entry.json<{ from: number }>();
    return { from, done: () => bucket.delete(key, { previousSeq: entry.revision }) };
  }

  /** Says in the table that partitions are free; one change after the other, so that they do not get in each other's way. */
  #release(given: ReadonlyMap<number, string | undefined>): Promise<unknown> {
    const { bucket, partitions } = this.#context.link;
    const change = () => changeTable(bucket, partitions, (table) => released(table, this.#options.id, given));
    const done = this.#releasing.then(change, change);
    this.#releasing = done.catch(() => undefined);
    return done;
  }
}

/** The fence that is stored of a partition: an epoch below it cannot write. */
async function fenceOf(partition: number, { link, options }: PartitionContext): Promise<number> {
  const fleets = await fleetsOf(options.assets);
  const scope = scopeOf(link.name, partition);
  const fences = await Promise.all(
    fleets.map(({ tenantId = 'default' }) => storedFence(options.storage.tenant(tenantId), scope)),
  );
  return Math.max(0, ...fences);
}
