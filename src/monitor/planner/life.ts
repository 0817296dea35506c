import { quote, TwinergyError } from '../../core/index.js';
import { exp, log, pow } from '../../core/math/index.js';

/** When something will end (a part fails, rain washes the glass), as a distribution over the days from now. */
export interface LifeDistribution {
  /** Probability that it has not happened within `days`, falling from 1; for days ≥ 0. */
  survival(days: number): number;
}

/** It never ends: nothing to fear and nothing to hope for. */
export const endless: LifeDistribution = { survival: () => 1 };

/** Events that come at random, on average every `meanDays` days. */
export function exponentialLife(meanDays: number): LifeDistribution {
  positive(meanDays, 'meanDays');
  return { survival: (days) => exp(-Math.max(0, days) / meanDays) };
}

/**
 * Weibull distribution of the life of a part, given that it has reached `age`: S(t) = exp((age/η)^β − ((age+t)/η)^β).
 * @param shape β > 0; above 1 the part wears
 * @param scaleDays η > 0, days by which 63 % have failed
 * @param ageDays days that it has run already
 */
export function weibullLife(shape: number, scaleDays: number, ageDays = 0): LifeDistribution {
  positive(shape, 'shape');
  positive(scaleDays, 'scaleDays');
  const before = pow(Math.max(0, ageDays) / scaleDays, shape);
  return { survival: (days) => exp(before - pow((Math.max(0, ageDays) + Math.max(0, days)) / scaleDays, shape)) };
}

/** The parts of a prediction of remaining life that the planner reads; `RULPredictor.predict` gives one. */
export interface LifePrediction {
  /** In days; null where nothing can be said. */
  readonly median: number | null;
  readonly intervals: readonly { readonly level: number; readonly lower: number; readonly upper: number }[];
}

/**
 * The distribution behind a prediction's median and intervals: its quantiles joined by straight lines, and beyond the
 * outermost ones exponential, with the rate at which it came there. Undefined where the prediction says nothing.
 * @throws TwinergyError `PLAN_BAD_LIFE` for quantiles that are not in order
 */
export function lifeFromPrediction({ median, intervals }: LifePrediction): LifeDistribution | undefined {
  if (median === null) return undefined;
  const points = intervals.flatMap(({ level, lower, upper }): [number, number][] => [
    [(1 - level / 100) / 2, lower],
    [(1 + level / 100) / 2, upper],
  ]);
  points.push([0.5, median]);
  points.sort(([a], [b]) => a - b);
  return lifeFromQuantiles(points);
}

/**
 * The distribution through quantiles `[probability of having ended, days]`, both rising.
 * @throws TwinergyError `PLAN_BAD_LIFE`
 */
export function lifeFromQuantiles(
  quantiles: readonly (readonly [probability: number, days: number])[],
): LifeDistribution {
  const points: [number, number][] = [[0, 0]];
  for (const [probability, days] of quantiles) {
    const [p, d] = points[points.length - 1] as [number, number];
    if (!(probability > 0 && probability < 1) || probability < p || !Number.isFinite(days) || days < d) {
      throw new TwinergyError(
        'PLAN_BAD_LIFE',
        `Quantiles of a life must rise, got ${quote([probability, days])} after ${quote([p, d])}.`,
        { value: [probability, days] },
      );
    }
    points.push([probability, days]);
  }
  if (points.length === 1) throw new TwinergyError('PLAN_BAD_LIFE', 'A life needs at least one quantile.');
  const [lastP, lastDays] = points[points.length - 1] as [number, number];
  const hazard = lastDays > 0 ? -log(1 - lastP) / lastDays : Number.POSITIVE_INFINITY;
  return {
    survival(days) {
      if (days <= 0) return 1;
      if (days >= lastDays) return (1 - lastP) * (Number.isFinite(hazard) ? exp(-hazard * (days - lastDays)) : 0);
      let k = 1;
      while ((points[k] as [number, number])[1] <= days) k++;
      const [p0, d0] = points[k - 1] as [number, number];
      const [p1, d1] = points[k] as [number, number];
      return 1 - (p0 + ((p1 - p0) * (days - d0)) / (d1 - d0));
    },
  };
}

/** The life of what ends with the first of several independent causes. */
export function firstOf(...lives: readonly LifeDistribution[]): LifeDistribution {
  return { survival: (days) => lives.reduce((product, life) => product * life.survival(days), 1) };
}

/** Expected days until it ends, but at most `days`: ∫₀ᵗ S(u) du by Simpson's rule on 256 panels. */
export function expectedDays(life: LifeDistribution, days: number): number {
  if (!(days > 0)) return 0;
  const n = 256;
  const h = days / n;
  let sum = life.survival(0) + life.survival(days);
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * life.survival(i * h);
  return (sum * h) / 3;
}

export function positive(value: number, path: string): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new TwinergyError('PLAN_BAD_NUMBER', `${path} must be greater than 0, got ${quote(value)}.`, { path, value });
}
