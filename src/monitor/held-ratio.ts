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
  #measured = 0;
  #expected = 0;
  /** Time of the last, ms since the epoch; −∞ before the first. */
  #last = Number.NEGATIVE_INFINITY;

  /** Takes in an output that could be judged, once: what isn't newer than the last counts already. */
  add(time: number, measured: number, expected: number): void {
    if (time <= this.#last) return;
    const kept = exp(-(time - this.#last) / FADES);
    this.#measured = kept * this.#measured + Math.max(0, measured);
    this.#expected = kept * this.#expected + expected;
    this.#last = time;
  }

  /** The ratio as far as `time` may still take it for its own, with its age, ms. */
  at(time: number): { readonly value: number; readonly age: number } | undefined {
    const age = time - this.#last;
    return age > OLDEST ? undefined : { value: this.#measured / this.#expected, age };
  }

  save(): SavedRatio | undefined {
    return Number.isFinite(this.#last) ? [this.#measured, this.#expected, this.#last] : undefined;
  }

  restore(saved: SavedRatio | undefined): void {
    [this.#measured, this.#expected, this.#last] = saved ?? [0, 0, Number.NEGATIVE_INFINITY];
  }
}
