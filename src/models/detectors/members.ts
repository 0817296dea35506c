import { upperBound } from './ecod.js';
import type { DetectorEngine } from './engine.js';
import { quantileSorted } from './scaler.js';

/** One engine of an ensemble with the distribution of its scores on the training rows. */
export interface Member<Kind extends string> {
  readonly kind: Kind;
  readonly engine: DetectorEngine;
  /** Training scores in order, thinned. */
  readonly sorted: Float64Array;
  readonly weight: number;
}

/** Training scores kept per member. */
const kept = 4096;

/** The order statistics that `rankOf` looks scores up in. */
export function rankTable(scores: Float64Array): Float64Array {
  const sorted = scores.slice().sort();
  if (sorted.length <= kept) return sorted;
  return Float64Array.from({ length: kept }, (_, i) => quantileSorted(sorted, i / (kept - 1)));
}

/**
 * Which share of the training scores are below `score`, interpolated, in (0, 1); beyond the greatest it goes on towards
 * 1, so that what is more unusual than anything seen is still ordered.
 */
export function rankOf(sorted: Float64Array, score: number): number {
  const n = sorted.length;
  const low = sorted[0] as number;
  const high = sorted[n - 1] as number;
  if (score < low) return 0;
  if (score >= high) {
    const tail = Math.max(high - quantileSorted(sorted, 0.9), 1e-12);
    return 1 - 1 / ((n + 1) * (1 + (score - high) / tail));
  }
  const at = upperBound(sorted, score) - 1;
  const step = (sorted[at + 1] as number) - (sorted[at] as number);
  return (at + (step > 0 ? (score - (sorted[at] as number)) / step : 0)) / n;
}
