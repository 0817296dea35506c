import { exp, expm1, log } from '../math/index.js';
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
 * Logarithm of the likelihood of a history under a law: the difference from the mean path walks by chance and is measured
 * with noise, which is a Kalman filter of one number.
 * @param prior standard deviation of the first value
 * @param present where what the filter knows in the end is written
 */
export function historyLikelihood(
  law: DegradationLaw,
  { days, value, sd }: WearHistory,
  prior: number,
  present: PresentWear,
): number {
  const last = days[days.length - 1] as number;
  let mean = value[0] as number;
  let variance = prior * prior;
  let before = meanGrowth(law, (days[0] as number) - last);
  let sum = 0;
  let product = 1;
  for (let i = 0; i < days.length; i++) {
    if (i > 0) {
      const elapsed = (days[i] as number) - (days[i - 1] as number);
      const now = meanGrowth(law, (days[i] as number) - last);
      const step = now - before;
      before = now;
      mean += step;
      // Before the onset nothing moves but what measuring leaves open.
      if (step > 0)
        variance += law.monotone ? (law.noise * law.noise * step) / law.slope : law.noise * law.noise * elapsed;
    }
    const noise = (sd[i] as number) * (sd[i] as number);
    const total = variance + noise;
    const off = (value[i] as number) - mean;
    if (i > 0) {
      sum -= (0.5 * off * off) / total;
      // One logarithm for many factors: it is what costs.
      product *= total;
      if (product < 1e-200 || product > 1e200) {
        sum -= 0.5 * log(product);
        product = 1;
      }
    }
    const share = variance / total;
    mean += share * off;
    variance *= 1 - share;
  }
  present.mean = mean;
  present.variance = variance;
  return sum - 0.5 * log(product);
}

/** One law that a history speaks for, with the present it implies. */
export interface LawDraw {
  readonly law: DegradationLaw;
  readonly present: PresentWear;
}

/** Kinds of law. */
const EXPONENTIAL = 0;
const GAMMA = 2;
/** Size of chance steps below which the exponential law, which is smooth, still holds. */
const SMOOTH = log(0.05);

/** Logarithms of growth × age from which a path is bent, and up to which it is straight. */
const BENT = log(1.5);
const STRAIGHT = log(0.5);
/** Weight of the usual law, so that it is as likely as all others: it fills about a ninth of the space. */
const USUAL = log(8);

const STEPS = 3600;
const BURN_IN = 1200;
const STARTS = 200;

/**
 * Ranges of the logarithms of slope (`scale` a day), growth, age and the size of a chance step (`scale`). The variance of
 * a day is slope × size: without wear there is no chance in it, and its steps are no greater than some ordinary wear.
 */
const RANGES = [
  [log(1e-5), log(2)],
  [log(1e-4), log(0.06)],
  [log(3), log(3000)],
  [log(1e-5), log(5)],
] as const;

/**
 * Draws laws from what a history leaves possible (Bayes). Thought equally likely before are the exponential law (smooth;
 * with little growth it is a straight line), the Wiener and the Gamma process (chance about a straight line); and all
 * slopes, growths, ages and sizes of chance steps, on logarithmic scales. Markov chain after Metropolis, with steps that
 * adapt while it warms up (H. Haario et al.: An adaptive Metropolis algorithm, Bernoulli 7, 2001).
 * @param scale a value of ordinary wear, for the ranges
 * @param prior standard deviation of the first value
 * @param usual the law that this kind of wear is known for: thought as likely as all others together
 */
export function drawLaws(
  history: WearHistory,
  count: number,
  scale: number,
  prior: number,
  random: Random,
  usual?: 'linear' | 'exponential',
): LawDraw[] {
  const present: PresentWear = { mean: 0, variance: 0 };
  const lawOf = (point: Float64Array, kind: number): DegradationLaw => ({
    slope: scale * exp(point[0] as number),
    growth: kind === EXPONENTIAL ? exp(point[1] as number) : 0,
    age: exp(point[2] as number),
    noise: scale * exp(0.5 * ((point[0] as number) + (point[3] as number))),
    monotone: kind === GAMMA,
  });
  const inside = (point: Float64Array, kind: number) =>
    RANGES.every(([low, high], i) => (point[i] as number) >= low && (point[i] as number) <= high) &&
    (kind !== EXPONENTIAL || (point[3] as number) < SMOOTH);
  const density = (point: Float64Array, kind: number) => {
    if (!inside(point, kind)) return Number.NEGATIVE_INFINITY;
    const bend = (point[1] as number) + (point[2] as number);
    const expected =
      kind === EXPONENTIAL && (usual === 'exponential' ? bend > BENT : usual === 'linear' && bend < STRAIGHT);
    return historyLikelihood(lawOf(point, kind), history, prior, present) + (expected ? USUAL : 0);
  };

  let best = Number.NEGATIVE_INFINITY;
  const at = new Float64Array(4);
  let kind = 0;
  const trial = new Float64Array(4);
  for (let s = 0; s < STARTS; s++) {
    RANGES.forEach(([low, high], i) => {
      trial[i] = random.uniform(low, high);
    });
    const other = s % 3;
    const value = density(trial, other);
    if (value > best) {
      best = value;
      at.set(trial);
      kind = other;
    }
  }
  const width = Float64Array.of(0.3, 0.5, 0.5, 0.5);
  const kept: LawDraw[] = [];
  const gap = (STEPS - BURN_IN) / count;
  let due = BURN_IN;
  density(at, kind);
  let now = { ...present };
  for (let step = 0; step < STEPS; step++) {
    // One number at a time, or all at once, or the kind of chance.
    const which = step % 6;
    trial.set(at);
    let other = kind;
    if (which < 4) trial[which] = (at[which] as number) + (width[which] as number) * random.normal();
    else if (which === 4) {
      for (let i = 0; i < 4; i++) trial[i] = (at[i] as number) + 0.5 * (width[i] as number) * random.normal();
    } else other = (kind + 1 + random.int(2)) % 3;
    const value = density(trial, other);
    const taken = log(1 - random.next()) < value - best;
    if (taken) {
      best = value;
      at.set(trial);
      kind = other;
      now = { ...present };
    }
    if (step < BURN_IN && which < 4) {
      width[which] = Math.min(4, Math.max(0.005, (width[which] as number) * (taken ? 1.15 : 0.93)));
    }
    while (step >= due && kept.length < count) {
      kept.push({ law: lawOf(at, kind), present: now });
      due += gap;
    }
  }
  while (kept.length < count) kept.push({ law: lawOf(at, kind), present: now });
  return kept;
}
