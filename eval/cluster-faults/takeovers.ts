import type { WorkerLine } from './fleet.js';

/** Follows who handles what, from what the workers tell, and how long partitions were without anybody. */
export class Takeovers {
  readonly #owner = new Map<number, string>();
  /** Partitions whose owner was taken away, and when, ms since the epoch. */
  readonly #orphaned = new Map<number, number>();
  readonly times: number[] = [];
  fenced = 0;

  hear({ type, worker, partition, at }: WorkerLine): void {
    if (type === 'fenced') this.fenced++;
    if (partition === undefined) return;
    if (type === 'owned') {
      this.#owner.set(partition, worker);
      const since = this.#orphaned.get(partition);
      if (since === undefined) return;
      this.times.push(at - since);
      this.#orphaned.delete(partition);
    } else if (type === 'released' && this.#owner.get(partition) === worker) this.#owner.delete(partition);
  }

  /** A worker was taken away, at this moment. */
  lost(worker: string): void {
    const at = Date.now();
    for (const [partition, owner] of this.#owner) {
      if (owner !== worker) continue;
      this.#owner.delete(partition);
      if (!this.#orphaned.has(partition)) this.#orphaned.set(partition, at);
    }
  }

  /** Partitions that somebody handles. */
  get owned(): number {
    return this.#owner.size;
  }

  /** Workers that handle something, by name. */
  get owners(): string[] {
    return [...new Set(this.#owner.values())].sort();
  }
}
