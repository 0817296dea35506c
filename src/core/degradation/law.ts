import { expm1, log } from '../math/index.js';
import type { Random } from '../random.js';

/**
 * How wear grows: slowly or ever faster, smoothly or by chance. With age a (days since the onset) the mean path is
 * x(a) = S (1 − e^(−k a′))/k seen backwards from now, so that its slope now is S: with growth k = 0 a straight line, with
 * k > 0 an exponential. Around it, chance: Brownian (Wiener process), or in steps that never go back (Gamma process).
 * Sources: G. A. Whitmore, F. Schenkelberg: Modelling accelerated degradation data using Wiener diffusion with a time
 * scale transformation, Lifetime Data Analysis 3, 1997; J. M. van Noortwijk: A survey of the application of gamma
 * processes in maintenance, Reliability Engineering & System Safety 94, 2009; N. Gebraeel et al.: Residual-life
 * distributions from component degradation signals, IIE Transactions 37, 2005 (the exponential law).
 */
export interface DegradationLaw {
  /** Slope now, units per day. */
  readonly slope: number;
  /** Growth of the slope, 1/d; 0 is linear. */
  readonly growth: number;
  /** Days since the onset. */
  readonly age: number;
  /** Standard deviation of the chance part, units per √day at the present slope. */
  readonly noise: number;
  /** Whether it only goes up: Gamma steps in place of Brownian ones. */
  readonly monotone: boolean;
}

/** Mean growth from now to `days` later (earlier where negative, never before the onset), in units. */
export function meanGrowth(
  { slope, growth, age }: Pick<DegradationLaw, 'slope' | 'growth' | 'age'>,
  days: number,
): number {
  const at = Math.max(days, -age);
  return growth * Math.abs(at) < 1e-6 ? slope * at : (slope * expm1(growth * at)) / growth;
}

/** Random growth in one day, `from` days after now. */
export function dailyGrowth(law: DegradationLaw, from: number, random: Random): number {
  const mean = meanGrowth(law, from + 1) - meanGrowth(law, from);
  const variance = dailyVariance(law, mean);
  if (!(variance > 1e-6 * mean * mean)) return mean;
  if (!law.monotone) return mean + Math.sqrt(variance) * random.normal();
  return random.gamma((mean * mean) / variance, variance / mean);
}

/** Variance of the growth in a day whose mean growth is `mean`: of Gamma steps it goes with the mean. */
function dailyVariance({ slope, noise, monotone }: DegradationLaw, mean: number): number {
  return monotone ? (noise * noise * mean) / slope : noise * noise;
}

/** A history of wear: times in days (the last is now), values and their standard deviations. */
export interface WearHistory {
  readonly days: Float64Array;
  readonly value: Float64Array;
  readonly sd: Float64Array;
}

/** What a law says of the present, given a history. */
export interface PresentWear {
  mean: number;
  variance: number;
}

/**
 * Logarithm of the likelihood of a history under a law, whose wear begins at nothing: the difference from the mean path
 * starts with what the asset may have had before, walks by chance and is measured with noise, which is a Kalman filter of
 * one number.
 * @param first standard deviation of what there may have been before the onset
 * @param scatter factor of the standard deviations of the history
 * @param present where what the filter knows in the end is written
 */
export function historyLikelihood(
  law: DegradationLaw,
  { days, value, sd }: WearHistory,
  first: number,
  scatter: number,
  present: PresentWear,
): number {
  const last = days[days.length - 1] as number;
  const chance = law.noise * law.noise;
  let at = Math.max(-law.age, (days[0] as number) - last);
  let before = meanGrowth(law, at);
  let mean = before - meanGrowth(law, -law.age);
  let variance = first * first + (law.monotone ? (chance * mean) / law.slope : chance * (at + law.age));
  let sum = 0;
  let product = 1;
  for (let i = 0; i < days.length; i++) {
    const day = Math.max(-law.age, (days[i] as number) - last);
    // Before the onset nothing moves but what measuring leaves open.
    if (day > at) {
      const now = meanGrowth(law, day);
      mean += now - before;
      variance += law.monotone ? (chance * (now - before)) / law.slope : chance * (day - at);
      before = now;
      at = day;
    }
    const noise = scatter * (sd[i] as number);
    const total = variance + noise * noise;
    const off = (value[i] as number) - mean;
    sum -= (0.5 * off * off) / total;
    // One logarithm for many factors: it is what costs.
    product *= total;
    if (product < 1e-200 || product > 1e200) {
      sum -= 0.5 * log(product);
      product = 1;
    }
    const share = variance / total;
    mean += share * off;
    variance *= 1 - share;
  }
  present.mean = mean;
  present.variance = variance;
  return sum - 0.5 * log(product);
}
