import { Random } from '../../core/random.js';
import { type DailyValues, medianOf, quantileSorted } from './days.js';
import type { NormalisedDays } from './normalise.js';

/** Options of `soilingRatio`. */
export interface SoilingOptions {
  /** Profiles that the Monte Carlo draws. Default 200. */
  readonly samples?: number | undefined;
  /** Days that a stretch without cleaning must have for a rate to be told. Default 14. */
  readonly leastDays?: number | undefined;
  /** Confidence level of the interval, %. Default 90. */
  readonly level?: number | undefined;
  readonly seed?: number | undefined;
}

/** A stretch between two cleanings, by rain or by people. */
export interface SoilingStretch {
  /** First and last day, whole days since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Change a day, as a fraction of the clean power: −0.001 is a tenth of a percent a day; 0 where none is seen. */
  readonly rate: number;
  readonly standardError: number;
}

/** What dust takes. */
export interface SoilingEstimate {
  /** Share of the light that is left, weighted by light, with its interval. */
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
  readonly level: number;
  /** Median change a day over the stretches that soil, as a fraction (negative); 0 where none does. */
  readonly rate: number;
  readonly stretches: readonly SoilingStretch[];
  /** The median profile: share of the light that is left, day by day. */
  readonly profile: DailyValues;
}

/**
 * Soiling by the stochastic rate-and-recovery method: cleanings show as jumps of the daily performance, between them it
 * falls at a rate of its own (Theil–Sen); profiles are drawn with rates within their error and with recoveries between
 * what was seen and wholly clean, and the share of light that is left is averaged over them.
 * Source: M. Deceglie, L. Micheli, M. Muller: Quantifying soiling loss directly from PV yield, IEEE J. Photovoltaics 8,
 * 547–551, 2018.
 * @param days performance by the day, such as `sensorNormalised` gives
 */
export function soilingRatio(
  days: NormalisedDays,
  { samples = 200, leastDays = 14, level = 90, seed = 0 }: SoilingOptions = {},
): SoilingEstimate {
  const { day, value, weight } = days;
  const stretches = stretchesOf(day, value).map(([a, b]) => fitStretch(day, value, a, b, leastDays));
  const random = new Random(seed);
  const ratios = new Float64Array(samples);
  const profiles = Array.from({ length: samples }, (_, k) => {
    const profile = new Float64Array(day.length);
    let sum = 0;
    let total = 0;
    let left = 1;
    for (const { first, end, rate, standardError } of stretches) {
      const drawn = Math.min(0, random.normal(rate, standardError));
      // The cleaning brought back at least what was seen, and at most all.
      const before = medianOf(value.subarray(Math.max(0, first - SIDE), Math.max(1, first)));
      const after = medianOf(value.subarray(first, Math.min(end, first + SIDE)));
      const seen = Math.min(1, Math.max(left, left * (after / before)));
      left = rate === 0 ? 1 : random.uniform(seen, 1);
      const from = day[first] as number;
      for (let i = first; i < end; i++) {
        const now = Math.max(0, left + drawn * ((day[i] as number) - from));
        profile[i] = now;
        sum += now * (weight[i] as number);
        total += weight[i] as number;
      }
      left = profile[end - 1] ?? 1;
    }
    ratios[k] = total > 0 ? sum / total : 1;
    return profile;
  });
  ratios.sort();
  const tail = (1 - level / 100) / 2;
  const soiling = stretches.filter(({ rate }) => rate < 0).map(({ rate }) => rate);
  return {
    ratio: quantileSorted(ratios, 0.5),
    lower: quantileSorted(ratios, tail),
    upper: quantileSorted(ratios, 1 - tail),
    level,
    rate: soiling.length === 0 ? 0 : medianOf(soiling),
    stretches: stretches.map(({ first, end, rate, standardError }) => ({
      from: day[first] as number,
      to: day[end - 1] as number,
      rate,
      standardError,
    })),
    profile: { day, value: day.map((_, i) => medianOf(profiles.map((profile) => profile[i] as number))) },
  };
}

/** Days on either side of a jump that are compared. */
const SIDE = 5;

/**
 * Where the performance jumps up: the median of the days after against that of the days before, more than noise makes
 * of it, and the largest of its neighbourhood. A long gap ends a stretch too: nobody saw what happened.
 */
function stretchesOf(day: Float64Array, value: Float64Array): [number, number][] {
  const n = day.length;
  const jump = new Float64Array(n);
  for (let i = 2; i + 2 <= n; i++) {
    const before = medianOf(value.subarray(Math.max(0, i - SIDE), i));
    jump[i] = medianOf(value.subarray(i, Math.min(n, i + SIDE))) / before - 1;
  }
  const spread = 1.4826 * medianOf(jump.map(Math.abs));
  const limit = Math.max(0.005, 2.5 * spread);
  const starts = [0];
  for (let i = 1; i < n; i++) {
    const own = jump[i] as number;
    let top = own > limit;
    for (let k = Math.max(0, i - SIDE); top && k <= Math.min(n - 1, i + SIDE); k++) {
      if ((jump[k] as number) > own || ((jump[k] as number) === own && k < i)) top = false;
    }
    if (top || (day[i] as number) - (day[i - 1] as number) > 14) starts.push(i);
  }
  return starts.map((start, k): [number, number] => [start, starts[k + 1] ?? n]).filter(([a, b]) => b > a);
}

interface FittedStretch {
  readonly first: number;
  readonly end: number;
  readonly rate: number;
  readonly standardError: number;
}

/** The Theil–Sen slope of a stretch, relative to its own level; 0 where it does not clearly fall. */
function fitStretch(
  day: Float64Array,
  value: Float64Array,
  first: number,
  end: number,
  leastDays: number,
): FittedStretch {
  const none: FittedStretch = { first, end, rate: 0, standardError: 0 };
  const length = (day[end - 1] as number) - (day[first] as number);
  if (length < leastDays || end - first < leastDays / 2) return none;
  const slopes: number[] = [];
  const step = Math.max(1, Math.floor((end - first) / 60));
  for (let i = first; i < end; i += step) {
    for (let j = i + step; j < end; j += step) {
      slopes.push(((value[j] as number) - (value[i] as number)) / ((day[j] as number) - (day[i] as number)));
    }
  }
  const scale = medianOf(value.subarray(first, end));
  const slope = medianOf(slopes) / scale;
  const middle = ((day[end - 1] as number) + (day[first] as number)) / 2;
  const residual = medianOf(
    Array.from(value.subarray(first, end), (v, k) =>
      Math.abs(v / scale - 1 - slope * ((day[first + k] as number) - middle)),
    ),
  );
  // Error of a slope over evenly spaced points, from the median absolute residual.
  const error = (1.4826 * residual * Math.sqrt(12)) / (length * Math.sqrt(end - first));
  if (!(slope < -1.64 * error)) return none;
  return { first, end, rate: slope, standardError: error };
}
