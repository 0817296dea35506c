import { quantile, sortedPresent, usualRange } from './statistics.js';

/** A ceiling is this thin, as a share of the usual range. */
const BAND = 0.005;
/** Least length of a stretch at the ceiling, and least number of such stretches. */
const LEAST_ROWS = 3;
const LEAST_STRETCHES = 2;
/** How much more often values lie at the ceiling than in the bands below it. */
const CROWDED = 3;

/**
 * Rows at a ceiling: three or more in a row within half a percent of the top, at least twice, where values crowd at the
 * top more than thrice as densely as just below. The top is the 99.5 % quantile, so that a few outliers do not hide it.
 */
export function clippedRows(time: Float64Array, data: Float64Array): number[] {
  const sorted = sortedPresent(data);
  const range = usualRange(sorted);
  if (range === 0 || time.length === 0) return [];
  const top = quantile(sorted, 0.995);
  const band = BAND * range;
  const between = (from: number, to: number) => firstAbove(sorted, to) - firstAbove(sorted, from);
  const atTop = between(top - band, top + band);
  const below = between(top - 9 * band, top - band) / 8;
  if (atTop <= CROWDED * below) return [];
  const stretches: number[][] = [];
  let current: number[] = [];
  for (let i = 0; i <= data.length; i++) {
    if (i < data.length && Math.abs((data[i] as number) - top) <= band) current.push(i);
    else {
      if (current.length >= LEAST_ROWS) stretches.push(current);
      current = [];
    }
  }
  return stretches.length >= LEAST_STRETCHES ? stretches.flat() : [];
}

/** Number of ascending values that are at most `limit`. */
function firstAbove(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
