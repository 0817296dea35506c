import { packFloats, unpackFloats } from '../serial.js';
import { lowerBound } from './ecod.js';
import { fitExcesses, type Tail, tailProbability, tailQuantile } from './extreme-value.js';

/** A fitted calibration as JSON data. */
export interface CalibrationState {
  readonly scores: string;
  readonly tail: Tail;
}

/** Fewer calibration scores than this above a score: the empirical share is too coarse, the tail model takes over. */
const enough = 10;

/**
 * Raw scores → p-values by the scores of held-back normal rows. In the body the p-value is conformal (Vovk, Gammerman &
 * Shafer 2005; Laxhammar & Falkman 2010): (1 + number of normal scores ≥ s) / (1 + n), which for exchangeable rows is
 * valid whatever the engine. Its finest value is 1 / (n + 1); beyond the last few scores a generalised Pareto tail
 * (Pickands 1975) fitted to the greatest tenth goes on, so that rates below 1 / n can be asked for.
 */
export class Calibration {
  readonly #sorted: Float64Array;
  readonly #tail: Tail;
  /** p-value at which the tail model takes over. */
  readonly #join: number;

  constructor(sorted: Float64Array, tail: Tail) {
    this.#sorted = sorted;
    this.#tail = tail;
    const n = sorted.length;
    this.#join = n === 0 ? 1 : tail.share > 0 ? Math.min(tail.share, (enough + 1) / (n + 1)) : 0;
  }

  /** From the scores of normal rows that the engine was not fitted on; NaN is left out. */
  static fit(scores: Float64Array): Calibration {
    return Calibration.ofSorted(scores.filter((score) => Number.isFinite(score)).sort());
  }

  /** From scores in increasing order; the array is kept. */
  static ofSorted(sorted: Float64Array): Calibration {
    return new Calibration(sorted, fitTail(sorted));
  }

  /** How many scores there are. */
  get size(): number {
    return this.#sorted.length;
  }

  /** Probability that a normal row scores `score` or more. Strictly decreasing beyond the calibration scores. */
  pValue(score: number): number {
    const n = this.#sorted.length;
    if (n === 0) return 1;
    const above = n - lowerBound(this.#sorted, score);
    const conformal = (1 + above) / (1 + n);
    if (above >= enough || this.#tail.share === 0) return conformal;
    return Math.min(this.#join, tailProbability(this.#tail, score));
  }

  /** The score whose p-value is `rate`. */
  threshold(rate: number): number {
    const n = this.#sorted.length;
    if (n === 0) return Number.POSITIVE_INFINITY;
    // Where ten or more scores lie above, the p-value is the conformal one, whatever the tail says.
    if (rate < this.#join) {
      const body = n >= enough ? nextUp(this.#sorted[n - enough] as number) : Number.NEGATIVE_INFINITY;
      return Math.max(tailQuantile(this.#tail, rate), body);
    }
    // The least score with (1 + above) ≤ rate (1 + n).
    const above = Math.floor(rate * (n + 1) + 1e-9) - 1;
    return above >= n ? Number.NEGATIVE_INFINITY : nextUp(this.#sorted[n - 1 - Math.max(0, above)] as number);
  }

  toJSON(): CalibrationState {
    return { scores: packFloats(this.#sorted), tail: this.#tail };
  }

  static fromJSON(state: CalibrationState): Calibration {
    return new Calibration(unpackFloats(state.scores), state.tail);
  }
}

function nextUp(x: number): number {
  return x + Math.max(Number.MIN_VALUE, Math.abs(x) * Number.EPSILON);
}

function fitTail(sorted: Float64Array): Tail {
  const n = sorted.length;
  const count = Math.max(Math.min(n - 1, 2 * enough), Math.floor(n / 10));
  if (n < 2 * enough) return { start: sorted[n - 1] ?? 0, share: n > 1 ? 1 / n : 0, shape: 0, scale: spanOf(sorted) };
  const start = sorted[n - 1 - count] as number;
  const excesses = sorted.subarray(n - count).map((score) => score - start);
  return { start, share: count / n, ...fitExcesses(excesses) };
}

/** With a handful of scores nothing can be said of the tail but its order of magnitude. */
function spanOf(sorted: Float64Array): number {
  const n = sorted.length;
  return n > 1 ? Math.max(1e-12, ((sorted[n - 1] as number) - (sorted[0] as number)) / Math.log(n)) : 1;
}
