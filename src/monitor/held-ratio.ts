import { exp } from '../core/math/index.js';

/** Time in which what was measured and expected loses its weight by e, ms. */
const FADES = 2 * 3_600_000;

/** Oldest that still says how the asset is: over a night, and a dark day, ms. */
const OLDEST = 36 * 3_600_000;

/** State of a `HeldRatio`: faded sums of measured and expected, and the time of the last, ms since the epoch. */
export type SavedRatio = readonly [measured: number, expected: number, time: number];

/**
 * Measured over expected output of the last hours that could be judged, for the time in which nothing can: a plant that
 * gave half its power at noon is not well because it is night. Hours count by their expected output, so that the noise
 * of dusk doesn't decide.
 */
export class HeldRatio {
  #sums: SavedRatio | undefined;

  /** Takes in an output that could be judged, once: what isn't newer than the last counts already. */
  add(time: number, measured: number, expected: number): void {
    const [measuredSum, expectedSum, last] = this.#sums ?? [0, 0, Number.NEGATIVE_INFINITY];
    if (time <= last) return;
    const kept = exp(-(time - last) / FADES);
    this.#sums = [kept * measuredSum + Math.max(0, measured), kept * expectedSum + expected, time];
  }

  /** The ratio as far as `time` may still take it for its own, with its age, ms. */
  at(time: number): { readonly value: number; readonly age: number } | undefined {
    if (this.#sums === undefined) return undefined;
    const [measured, expected, last] = this.#sums;
    return time - last > OLDEST ? undefined : { value: measured / expected, age: time - last };
  }

  save(): SavedRatio | undefined {
    return this.#sums;
  }

  restore(saved: SavedRatio | undefined): void {
    this.#sums = saved;
  }
}
