import { type BalanceInput, balance } from './balance.js';

/** Finds the partitions of nobody that are one worker's part, or that nobody took for too long. */
export class Claims {
  readonly #id: string;
  readonly #patience: number;
  /** Since when partitions have been without an owner, by `performance.now`. */
  readonly #orphans = new Map<number, number>();

  /** @param patience how long a partition is left to the worker whose part it is, ms */
  constructor(id: string, patience: number) {
    this.#id = id;
    this.#patience = patience;
  }

  /** What to claim, of a table from which owners that are gone have been taken out (see `Members.view`). */
  in(view: BalanceInput): number[] {
    const now = performance.now();
    view.table.partitions.forEach(({ owner }, partition) => {
      if (owner !== null) this.#orphans.delete(partition);
      else if (!this.#orphans.has(partition)) this.#orphans.set(partition, now);
    });
    return balance(view)
      .filter(({ from, to, partition }) => {
        const alone = now - (this.#orphans.get(partition) ?? now) > this.#patience;
        return from === null && (to === this.#id || alone);
      })
      .map(({ partition }) => partition);
  }
}
