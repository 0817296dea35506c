import type { Reading } from '../core/index.js';

/**
 * Knows which messages may be taken in together without a difference to taking them in one by one: those in which each asset's
 * readings are newer than all that came of it before. What is late, and the first that is heard of an asset, stays alone, for
 * how it is judged depends on what was there before.
 */
export class ArrivalOrder {
  readonly #newest = new Map<string, number>();

  /** Notes a message's readings; whether it may go with its neighbours. */
  follows(readings: readonly Reading[]): boolean {
    let follows = true;
    for (const { assetId, time } of readings)
      if (!(time > (this.#newest.get(assetId) ?? Number.POSITIVE_INFINITY))) follows = false;
    for (const { assetId, time } of readings) {
      const newest = this.#newest.get(assetId);
      if (newest === undefined || time > newest) this.#newest.set(assetId, time);
    }
    return follows;
  }
}
