import { TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { type DailyValues, quantileSorted } from './days.js';
import { seasonOf, YEAR } from './season.js';

/** How far apart in the season two days may be that are compared, days. */
const TOLERANCE = 2;
const LEAST_PAIRS = 20;

/** Options of `yearOnYear`. */
export interface YearOnYearOptions {
  /** Confidence level of the interval, %. Default 90. */
  readonly level?: number | undefined;
  /** Series that the bootstrap makes. Default 400. */
  readonly resamples?: number | undefined;
  /** Length of the blocks that are resampled, days: as long as weather and dust remember. Default 45. */
  readonly blockDays?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** A rate of change with its interval, as fractions a year: −0.005 is half a percent a year. */
export interface Rate {
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
  /** Standard error by the bootstrap. */
  readonly standardError: number;
  /** Confidence level of the interval, %. */
  readonly level: number;
  /** Pairs of days that were compared. */
  readonly pairs: number;
}

/** Pairs of days, so many years apart. */
interface Span {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Years between the days, and from the first day of the series to the middle between them. */
  readonly years: Float64Array;
  readonly middle: Float64Array;
}

/**
 * The yearly rate of change of a daily figure by comparing each day with the same season of later years: the median of
 * the slopes, in which seasons cancel and soiling, snow and outages have little say. Pairs one, two, … years apart count
 * by their distance, as a slope over four years is four times as exact as one over a year.
 *
 * Sources: D. Jordan et al.: Robust PV degradation methodology and application, IEEE J. Photovoltaics 8, 525–531, 2018
 * (year on year, as in RdTools); the interval by resampling blocks of residuals (circular block bootstrap, Politis &
 * Romano 1992), as days are not independent.
 *
 * @throws TwinergyError `DEGRADATION_TOO_SHORT` where there is less than a year and a month to compare
 */
export function yearOnYear(
  series: DailyValues,
  { level = 90, resamples = 400, blockDays = 45, seed = 0 }: YearOnYearOptions = {},
): Rate {
  const { day, value } = series;
  const spans = spansOf(day);
  const pairs = spans.reduce((sum, { from }) => sum + from.length, 0);
  const rate = checkedRate(spans, value);
  const usual = seasonOf(series, rate);
  const residual = value.map((v, i) => v / (usual[i] as number) - 1);
  const random = new Random(seed);
  const made = new Float64Array(day.length);
  const rates = new Float64Array(resamples);
  const n = day.length;
  const block = Math.max(
    1,
    Math.min(n, Math.round((blockDays * n) / ((day[n - 1] as number) - (day[0] as number) + 1))),
  );
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < n; i += block) {
      const from = random.int(n);
      for (let j = i; j < Math.min(n, i + block); j++) {
        made[j] = (usual[j] as number) * (1 + (residual[(from + j - i) % n] as number));
      }
    }
    rates[b] = medianSlope(spans, made);
  }
  rates.sort();
  let mean = 0;
  for (const r of rates) mean += r / resamples;
  let spread = 0;
  for (const r of rates) spread += (r - mean) ** 2 / Math.max(1, resamples - 1);
  const tail = (1 - level / 100) / 2;
  // The made series scatter about the rate that they were made with: the estimate scatters so about the true one.
  return {
    rate,
    lower: 2 * rate - quantileSorted(rates, 1 - tail),
    upper: 2 * rate - quantileSorted(rates, tail),
    standardError: Math.sqrt(spread),
    level,
    pairs,
  };
}

/** The rate alone, as `yearOnYear` gives it, without an interval. @throws TwinergyError `DEGRADATION_TOO_SHORT` */
export function yearOnYearRate({ day, value }: DailyValues): number {
  return checkedRate(spansOf(day), value);
}

function checkedRate(spans: readonly Span[], value: Float64Array): number {
  const pairs = spans.reduce((sum, { from }) => sum + from.length, 0);
  if (pairs >= LEAST_PAIRS) return medianSlope(spans, value);
  throw new TwinergyError(
    'DEGRADATION_TOO_SHORT',
    `There are ${pairs} pairs of days a year apart; at least ${LEAST_PAIRS} are needed for a yearly rate.`,
    { value: pairs, hint: 'Give more than a year of data.' },
  );
}

/** Each day with the nearest day one, two, … years later. */
function spansOf(day: Float64Array): Span[] {
  const spans: Span[] = [];
  const first = day[0] ?? 0;
  const last = day[day.length - 1] ?? 0;
  for (let span = 1; span * YEAR <= last - first + TOLERANCE; span++) {
    const from: number[] = [];
    const to: number[] = [];
    let j = 0;
    for (let i = 0; i < day.length; i++) {
      const wanted = (day[i] as number) + span * YEAR;
      const off = (k: number) => Math.abs((day[k] as number) - wanted);
      while (j + 1 < day.length && off(j + 1) <= off(j)) j++;
      if (off(j) > TOLERANCE) continue;
      from.push(i);
      to.push(j);
    }
    spans.push({
      from: Int32Array.from(from),
      to: Int32Array.from(to),
      years: Float64Array.from(from, (i, p) => ((day[to[p] as number] as number) - (day[i] as number)) / YEAR),
      middle: Float64Array.from(
        from,
        (i, p) => (((day[to[p] as number] as number) + (day[i] as number)) / 2 - first) / YEAR,
      ),
    });
  }
  return spans;
}

/**
 * The median of the slopes, each weighted by its distance in years. A slope is taken relative to the middle of its pair,
 * where seasons cancel, and then told relative to the level at the beginning of the series.
 */
function medianSlope(spans: readonly Span[], value: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let total = 0;
  const sorted = spans.map(({ from, to, years, middle }, s) => {
    const slopes = new Float64Array(from.length);
    for (let p = 0; p < slopes.length; p++) {
      const before = value[from[p] as number] as number;
      const after = value[to[p] as number] as number;
      const slope = (2 * (after - before)) / ((after + before) * (years[p] as number));
      slopes[p] = slope / (1 - slope * (middle[p] as number));
    }
    slopes.sort();
    low = Math.min(low, slopes[0] ?? low);
    high = Math.max(high, slopes[slopes.length - 1] ?? high);
    total += (s + 1) * slopes.length;
    return slopes;
  });
  // Bisection on the weight below: the groups are sorted, and their weights are whole numbers.
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    let below = 0;
    sorted.forEach((slopes, s) => {
      below += (s + 1) * countBelow(slopes, middle);
    });
    if (2 * below < total) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function countBelow(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
