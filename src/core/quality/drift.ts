import { median, sortedPresent, usualRange } from './statistics.js';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const YEAR = 365.25 * DAY;
const LEAST_WEEKS = 8;
/** Least change over the whole time, as a share, that is told. */
const LEAST_CHANGE = 0.02;
/** Least Mann–Kendall statistic: one false finding in 1,000 steady channels. */
const LEAST_TREND = 3.3;

/**
 * The drift of a channel against what it ought to show, as a share per year: the slope of Theil and Sen through weekly
 * medians of the ratio (of the difference, as a share of the range, for a channel that does not rest at zero); undefined
 * where it is under 2 % over the whole time, or where the rank test of Mann and Kendall sees no trend.
 */
export function driftOf(
  time: Float64Array,
  data: Float64Array,
  expected: Float64Array,
  asRatio: boolean,
): number | undefined {
  const sorted = sortedPresent(expected);
  const range = usualRange(sorted);
  if (range === 0) return undefined;
  const weeks = new Map<number, number[]>();
  for (let i = 0; i < time.length; i++) {
    const reference = expected[i] as number;
    if (asRatio && !(reference > 0.3 * range)) continue;
    const value = asRatio ? (data[i] as number) / reference : ((data[i] as number) - reference) / range;
    if (Number.isNaN(value)) continue;
    const week = Math.floor((time[i] as number) / WEEK);
    const values = weeks.get(week);
    if (values === undefined) weeks.set(week, [value]);
    else values.push(value);
  }
  const points = [...weeks].map(([week, values]) => ({ at: week * WEEK, value: median(values) }));
  const n = points.length;
  if (n < LEAST_WEEKS) return undefined;
  const slopes: number[] = [];
  let rising = 0;
  points.forEach((a, i) => {
    for (const b of points.slice(i + 1)) {
      slopes.push(((b.value - a.value) / (b.at - a.at)) * YEAR);
      rising += Math.sign(b.value - a.value);
    }
  });
  const slope = median(slopes);
  const level = asRatio ? Math.abs(median(points.map(({ value }) => value))) : 1;
  const span = ((points[n - 1]?.at ?? 0) - (points[0]?.at ?? 0)) / YEAR;
  const trend = (Math.abs(rising) - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  if (level === 0 || Math.abs(slope * span) < LEAST_CHANGE * level || trend < LEAST_TREND) return undefined;
  return slope / level;
}
