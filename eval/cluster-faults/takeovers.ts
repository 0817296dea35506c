import type { WorkerLine } from './fleet.js';

interface Owner {
  readonly worker: string;
  readonly epoch: number;
}

/**
 * Follows who handles what, from what the workers tell, and how long partitions were without anybody. Lines of different workers
 * may come in another order than they were written in: of two owners the one with the greater epoch counts.
 */
export class Takeovers {
  readonly #owners = new Map<number, Owner>();
  /** The greatest epoch that was heard of each partition. */
  readonly #epochs = new Map<number, number>();
  /** Partitions whose owner was taken away, and when, ms since the epoch. */
  readonly #orphaned = new Map<number, number>();
  /** Workers that are taken away now, and since when. */
  readonly #gone = new Map<string, number>();
  readonly times: number[] = [];
  fenced = 0;

  hear({ type, worker, partition, epoch, at }: WorkerLine): void {
    if (type === 'fenced') this.fenced++;
    if (partition === undefined || epoch === undefined) return;
    if (type === 'owned') this.#owned(partition, { worker, epoch }, at);
    else if (type === 'released' && this.#owners.get(partition)?.epoch === epoch) this.#owners.delete(partition);
  }

  /** A worker was taken away, at this moment. */
  lost(worker: string): void {
    const at = Date.now();
    this.#gone.set(worker, at);
    for (const [partition, owner] of this.#owners) if (owner.worker === worker) this.#orphan(partition, at);
  }

  /** It may take partitions again. */
  back(worker: string): void {
    this.#gone.delete(worker);
  }

  /** Partitions that somebody handles. */
  get owned(): number {
    return this.#owners.size;
  }

  /** Who handles a partition; undefined where nobody does. */
  ownerOf(partition: number): string | undefined {
    return this.#owners.get(partition)?.worker;
  }

  /** Workers that handle something, by name. */
  get owners(): string[] {
    return [...new Set([...this.#owners.values()].map(({ worker }) => worker))].sort();
  }

  #owned(partition: number, owner: Owner, at: number): void {
    if (owner.epoch < (this.#epochs.get(partition) ?? 0)) return;
    this.#epochs.set(partition, owner.epoch);
    this.#owners.set(partition, owner);
    // It had begun with it when it was taken away, and its line came later.
    const gone = this.#gone.get(owner.worker);
    if (gone !== undefined) {
      this.#orphan(partition, Math.max(gone, at));
      return;
    }
    const since = this.#orphaned.get(partition);
    if (since === undefined) return;
    this.times.push(at - since);
    this.#orphaned.delete(partition);
  }

  #orphan(partition: number, at: number): void {
    this.#owners.delete(partition);
    if (!this.#orphaned.has(partition)) this.#orphaned.set(partition, at);
  }
}
