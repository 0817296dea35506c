import { quantile, sortedPresent, usualRange } from './statistics.js';

/** Rows `start` ≤ i < `end`. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** Least number of equal values, or of points on a line, that can be a fault: fewer come about by chance. */
const LEAST_POINTS = 6;

/** Of runs that a channel has by nature (slow or coarsely resolved ones), a suspicious one is this much longer. */
const LONGER = 4;

/** Consecutive rows with the same value; rows without a value end a run. */
function equalRuns(data: Float64Array, tolerance: number): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let i = 1; i <= data.length; i++) {
    if (i < data.length && Math.abs((data[i] as number) - (data[start] as number)) <= tolerance) continue;
    if (!Number.isNaN(data[start] as number)) runs.push({ start, end: i });
    start = i;
  }
  return runs;
}

/** The least length at which a run is out of the ordinary for its channel. */
function suspiciousLength(lengths: number[]): number {
  const usual = quantile(Float64Array.from(lengths).sort(), 0.99);
  return Math.max(LEAST_POINTS, Number.isNaN(usual) || usual <= 2 ? 0 : LONGER * usual);
}

/**
 * Stale values: the same one, six times or more, and four times as long as the channel repeats values by nature. Left out
 * are the level at which the channel rests (zero, or the low value to which it comes back day after day) and a ceiling
 * that it reaches often (that is clipping). After `pvanalytics.quality.gaps.stale_values_diff`, with the two exceptions.
 */
export function staleRuns(time: Float64Array, data: Float64Array): Run[] {
  const sorted = sortedPresent(data);
  const range = usualRange(sorted);
  if (range === 0) return [];
  const runs = equalRuns(data, range * 1e-9);
  const low = quantile(sorted, 0.05) + 0.01 * range;
  const high = quantile(sorted, 0.99) - 0.01 * range;
  const value = ({ start }: Run) => data[start] as number;
  const isZero = (run: Run) => Math.abs(value(run)) <= 0.005 * range;
  const candidates = runs.filter((run) => !isZero(run));
  const least = suspiciousLength(candidates.filter((run) => value(run) > low).map(({ start, end }) => end - start));
  return candidates.filter((run) => {
    if (run.end - run.start < least) return false;
    const hours = ((time[run.end - 1] as number) - (time[run.start] as number)) / 3_600_000;
    const alike = candidates.filter(
      (other) => other.end - other.start >= LEAST_POINTS && Math.abs(value(other) - value(run)) <= 0.002 * range,
    ).length;
    const rests = value(run) <= low && alike >= 3;
    const clipped = value(run) >= high && alike >= 2 && hours < 12;
    return !rests && !clipped;
  });
}

/**
 * Interpolated values: the inner points of a straight line of six points or more, not level, and four times as long as
 * the channel draws straight lines by nature. After `pvanalytics.quality.gaps.interpolation_diff`.
 */
export function interpolatedRuns(time: Float64Array, data: Float64Array): Run[] {
  const range = usualRange(sortedPresent(data));
  if (range === 0) return [];
  const n = data.length;
  const steps = new Float64Array(Math.max(0, n - 1));
  for (let i = 0; i + 1 < n; i++) steps[i] = Math.abs((data[i + 1] as number) - (data[i] as number));
  const moving = steps.filter((step) => step > 0).sort();
  const tolerance = Math.min(1e-6 * quantile(moving, 0.5), 1e-6 * range);
  const runs: Run[] = [];
  let start = 0;
  for (let i = 1; i < n; i++) {
    if (i + 1 < n && isBetween(time, data, i, tolerance)) continue;
    if (i - start >= 2 && Math.abs((data[i] as number) - (data[start] as number)) > tolerance * (i - start)) {
      runs.push({ start: start + 1, end: i });
    }
    start = i;
  }
  const all = Array.from(
    { length: Math.max(0, n - 2 - runs.reduce((sum, run) => sum + run.end - run.start, 0)) },
    () => 0,
  );
  const least = suspiciousLength([...all, ...runs.map((run) => run.end - run.start)]);
  return runs.filter((run) => run.end - run.start + 2 >= least);
}

/** Whether point `i` lies on the straight line between its neighbours. */
function isBetween(time: Float64Array, data: Float64Array, i: number, tolerance: number): boolean {
  const before = time[i - 1] as number;
  const share = ((time[i] as number) - before) / ((time[i + 1] as number) - before);
  const a = data[i - 1] as number;
  const expected = a + ((data[i + 1] as number) - a) * share;
  return Math.abs((data[i] as number) - expected) <= tolerance;
}

/** Rows on each side that say how much the channel changes there. */
const NEIGHBOURS = 4;
/** How far beyond both neighbours: this much of the usual range, and twice the usual change there. */
const LEAST_SHARE = 0.2;
const CHANGES = 2;

/**
 * Outliers: single values beyond both of their neighbours, by more than a fifth of the channel's usual range and twice
 * the upper quartile of the changes around (the point itself left out), so that a cloudy hour is not taken for a fault.
 * A Hampel filter (1974) judges the distance to a window's median instead; on a ramp, which power has twice a day, the
 * neighbours tell more than the median.
 */
export function outlierRows(data: Float64Array): number[] {
  const range = usualRange(sortedPresent(data));
  if (range === 0) return [];
  const rows: number[] = [];
  const changes: number[] = [];
  for (let i = 1; i + 1 < data.length; i++) {
    const value = data[i] as number;
    const a = data[i - 1] as number;
    const b = data[i + 1] as number;
    const beyond = Math.max(Math.min(a, b) - value, value - Math.max(a, b));
    if (!(beyond > LEAST_SHARE * range)) continue;
    changes.length = 0;
    let last = Number.NaN;
    for (let j = Math.max(0, i - NEIGHBOURS); j <= i + NEIGHBOURS && j < data.length; j++) {
      if (j === i) continue;
      const change = Math.abs((data[j] as number) - last);
      if (!Number.isNaN(change)) changes.push(change);
      last = data[j] as number;
    }
    changes.sort((x, y) => x - y);
    const usual = changes[Math.floor(0.75 * (changes.length - 1))] ?? 0;
    if (beyond > CHANGES * usual + LEAST_SHARE * range) rows.push(i);
  }
  return rows;
}
