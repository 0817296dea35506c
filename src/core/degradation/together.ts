import type { WearHistory } from './law.js';
import { type Level, levelsOf } from './levels.js';

/** Standard deviation of a step, as a share of full wear, that is exact enough to be compared. */
const TELLING = 0.014;
/** Steps that two histories must have in common for a comparison to say something. */
const FEWEST = 5;

/**
 * How far two histories of wear go by the same steps, 0…1: the correlation of their growth from stretch to stretch, what
 * measuring adds taken out. Where there is too little to compare, 1: that wear of one cause goes together is what leaves
 * most open.
 */
export function together(a: WearHistory, fullOfA: number, b: WearHistory, fullOfB: number): number {
  const first = levelsOf(a, TELLING * fullOfA);
  const second = levelsOf(b, TELLING * fullOfB);
  const pairs = first.flatMap((level) => {
    const near = second.find(({ day }) => Math.abs(day - level.day) < 1.5);
    return near === undefined ? [] : [{ a: scaled(level, fullOfA), b: scaled(near, fullOfB) }];
  });
  if (pairs.length <= FEWEST) return 1;
  let [varianceA, varianceB, covariance] = [0, 0, 0];
  const steps = pairs.slice(1).map((pair, i) => {
    const before = pairs[i] as (typeof pairs)[number];
    varianceA -= pair.a.variance + before.a.variance;
    varianceB -= pair.b.variance + before.b.variance;
    return { a: pair.a.value - before.a.value, b: pair.b.value - before.b.value };
  });
  const mean = (key: 'a' | 'b') => steps.reduce((sum, step) => sum + step[key], 0) / steps.length;
  const [meanA, meanB] = [mean('a'), mean('b')];
  for (const step of steps) {
    varianceA += (step.a - meanA) ** 2;
    varianceB += (step.b - meanB) ** 2;
    covariance += (step.a - meanA) * (step.b - meanB);
  }
  // Nothing but what measuring adds: there is no chance that could be shared.
  if (!(varianceA > 0 && varianceB > 0)) return 0;
  return Math.min(1, Math.max(0, covariance / Math.sqrt(varianceA * varianceB)));
}

const scaled = ({ day, value, variance }: Level, full: number): Level => ({
  day,
  value: value / full,
  variance: variance / (full * full),
});
