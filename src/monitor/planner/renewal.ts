import { type Random, TwinergyError } from '../../core/index.js';
import { exp, expm1 } from '../../core/math/index.js';
import { expectedDays, type LifeDistribution, positive } from './life.js';

/** A policy's long-run figures. Money in the currency of the input. */
export interface RenewalPolicy {
  /** Days between renewals; null: run until it fails. */
  readonly interval: number | null;
  /** Cost a day in the long run. */
  readonly costRate: number;
  /** Cost a day without planned renewals. */
  readonly unplannedRate: number;
}

/** What a renewal is decided on. */
export interface ReplacementInput {
  /** Life of a new part. */
  readonly life: LifeDistribution;
  /** Cost of a planned renewal. */
  readonly plannedCost: number;
  /** Cost of a failure: repair, secondary damage, lost energy until it is repaired. */
  readonly failureCost: number;
  /** Cost a day of running a part of that age, by its wear; default none. */
  readonly runningCost?: ((ageDays: number) => number) | undefined;
  /** Oldest age that is looked at, days. Default 20 years. */
  readonly horizonDays?: number | undefined;
}

/**
 * The age at which a part is best replaced, by renewal–reward: cost of a cycle over its length,
 * C(T) = [c_p S(T) + c_f (1 − S(T)) + ∫₀ᵀ S(u) r(u) du] / ∫₀ᵀ S(u) du.
 * Source: R. Barlow, L. Hunter: Optimum preventive maintenance policies, Operations Research 8, 90–100, 1960.
 * @throws TwinergyError `PLAN_BAD_NUMBER`
 */
export function optimalReplacement(input: ReplacementInput): RenewalPolicy {
  const { life, plannedCost, failureCost, runningCost, horizonDays = 7305 } = input;
  positive(plannedCost, 'plannedCost');
  positive(failureCost, 'failureCost');
  positive(horizonDays, 'horizonDays');
  const step = horizonDays / 2000;
  let length = 0;
  let running = 0;
  let best = { age: horizonDays, rate: Number.POSITIVE_INFINITY };
  let survival = 1;
  for (let k = 1; k <= 2000; k++) {
    const age = k * step;
    const next = life.survival(age);
    const part = ((survival + next) / 2) * step;
    length += part;
    if (runningCost !== undefined) running += part * runningCost(age - step / 2);
    survival = next;
    const rate = (plannedCost * next + failureCost * (1 - next) + running) / length;
    if (rate < best.rate) best = { age, rate };
  }
  const unplannedRate = (failureCost * (1 - survival) + plannedCost * survival + running) / length;
  // At the end of what is looked at nothing is gained any more by a plan.
  if (best.age >= horizonDays - step / 2 || best.rate > unplannedRate * (1 - 1e-6))
    return { interval: null, costRate: unplannedRate, unplannedRate };
  return { interval: best.age, costRate: best.rate, unplannedRate };
}

/** What the cleaning of modules is decided on. */
export interface CleaningInput {
  /** Loss that a dry day adds, as a fraction: 0.001 is a tenth of a percent a day. */
  readonly soilingRate: number;
  /** Value of the energy of a clean plant, money a day. */
  readonly energyValue: number;
  readonly cleaningCost: number;
  /** Mean days between rains that clean; default: it never rains. */
  readonly rainEvery?: number | undefined;
}

/**
 * How long after the last cleaning or rain the modules are best cleaned. Without rain it is √(2 c / (r v)), the
 * square-root rule of stock keeping; rain at random ends a cycle for nothing, so that one waits longer.
 * @throws TwinergyError `PLAN_BAD_NUMBER`
 */
export function optimalCleaning({ soilingRate, energyValue, cleaningCost, rainEvery }: CleaningInput): RenewalPolicy {
  positive(soilingRate, 'soilingRate');
  positive(energyValue, 'energyValue');
  positive(cleaningCost, 'cleaningCost');
  const growth = soilingRate * energyValue;
  const rain = rainEvery === undefined ? 0 : 1 / rainEvery;
  // With λ the rate of rain: E[cycle] = (1 − e^−λT)/λ, E[loss] = g (1 − e^−λT (1 + λT))/λ².
  const rate = (days: number) => {
    if (rain === 0) return cleaningCost / days + (growth * days) / 2;
    const gone = -expm1(-rain * days);
    const loss = (growth * (gone - rain * days * exp(-rain * days))) / (rain * rain);
    return (cleaningCost * (1 - gone) + loss) / (gone / rain);
  };
  // The most that dust can take in the end is all of it.
  const longest = Math.max(2, 1 / soilingRate);
  let low = 0.5;
  let high = longest;
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let k = 0; k < 80; k++) {
    const a = high - golden * (high - low);
    const b = low + golden * (high - low);
    if (rate(a) <= rate(b)) high = b;
    else low = a;
  }
  const interval = (low + high) / 2;
  const unplannedRate = rate(longest);
  // What saves less than a thousandth is not worth a plan.
  if (rate(interval) > 0.999 * unplannedRate) return { interval: null, costRate: unplannedRate, unplannedRate };
  return { interval, costRate: rate(interval), unplannedRate };
}

/** Options of `simulateRenewal`. */
export interface RenewalSimulation extends ReplacementInput {
  /** Age of planned renewals, days; null: none. */
  readonly interval: number | null;
  /** Days from a failure to its repair, on top of `failureCost`: what a day of standing costs. */
  readonly downtime?: { readonly days: (random: Random) => number; readonly costPerDay: number } | undefined;
  /** Days by which a planned renewal may slip: weather, crew, daylight. */
  readonly slip?: ((random: Random) => number) | undefined;
  readonly random: Random;
  /** Cycles that are drawn. Default 2,000. */
  readonly cycles?: number | undefined;
}

/**
 * The long-run cost of a policy by drawing cycles one by one; where plans slip and repairs wait, which has no closed
 * form.
 * @returns cost a day and its standard error (delta method for a ratio of means)
 */
export function simulateRenewal(options: RenewalSimulation): { costRate: number; standardError: number } {
  const { life, interval, plannedCost, failureCost, runningCost, downtime, slip, random } = options;
  const { cycles = 2000, horizonDays = 7305 } = options;
  if (cycles < 2)
    throw new TwinergyError('PLAN_BAD_NUMBER', `cycles must be at least 2, got ${cycles}.`, { path: 'cycles' });
  const costs = new Float64Array(cycles);
  const lengths = new Float64Array(cycles);
  for (let k = 0; k < cycles; k++) {
    const end = drawLife(life, random, horizonDays);
    const planned = interval === null ? Number.POSITIVE_INFINITY : interval + (slip?.(random) ?? 0);
    const fails = end < planned && end < horizonDays;
    const ran = Math.min(end, planned, horizonDays);
    let cost = fails ? failureCost : plannedCost;
    let length = ran;
    if (runningCost !== undefined) cost += integrate(runningCost, ran);
    if (fails && downtime !== undefined) {
      const days = downtime.days(random);
      cost += days * downtime.costPerDay;
      length += days;
    }
    costs[k] = cost;
    lengths[k] = length;
  }
  const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / cycles;
  const costRate = mean(costs) / mean(lengths);
  let squares = 0;
  for (let k = 0; k < cycles; k++) squares += ((costs[k] as number) - costRate * (lengths[k] as number)) ** 2;
  return { costRate, standardError: Math.sqrt(squares / (cycles - 1) / cycles) / mean(lengths) };
}

/** A life drawn from its distribution, by bisection on the survival; at most `horizon`. */
export function drawLife(life: LifeDistribution, random: Random, horizon: number): number {
  const u = 1 - random.next();
  if (life.survival(horizon) >= u) return horizon;
  let low = 0;
  let high = horizon;
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (life.survival(middle) >= u) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function integrate(rate: (age: number) => number, end: number): number {
  const n = 32;
  let sum = 0;
  for (let k = 0; k < n; k++) sum += rate(((k + 0.5) * end) / n);
  return (sum * end) / n;
}

/** Mean life up to `horizonDays`. */
export function meanLife(life: LifeDistribution, horizonDays = 7305): number {
  return expectedDays(life, horizonDays);
}
