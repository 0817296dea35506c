import type { Course, TrainingLife } from './course.js';
import type { FittedLifeEngine, LifeEngine, LifeEngineSpec } from './engine.js';

/** What the fleet says of a path of wear before an asset's own is looked at, as JSON data. */
interface FleetPrior {
  /** Wear at failure: mean over the fleet, and variance. */
  readonly limit: number;
  readonly limitVariance: number;
  /** Growth: of the wear a unit, or for `exponential` of its logarithm. */
  readonly rate: number;
  readonly rateVariance: number;
  /** Variance of the wear's increments a unit; for `exponential` of the logarithm around its line. */
  readonly noise: number;
  /** `exponential`: the wear of a new asset is so far above nothing. */
  readonly offset: number;
  /** Longest remaining life that is said. */
  readonly longest: number;
  /** The share of life that is used up at some values of the wear, both increasing: wear by this clock grows evenly. */
  readonly clock: { readonly wear: readonly number[]; readonly used: readonly number[] };
}

type Kind = 'wiener' | 'gamma' | 'exponential';

/** The wear, smoothed. */
function smoothed(course: Course, window: number): Float64Array {
  const rows = Math.max(3, Math.round(window / 3));
  const sums = course.sums[course.channels.length];
  return Float64Array.from(
    { length: course.length },
    (_, row) => sums?.mean(Math.max(0, row + 1 - rows), row + 1) ?? 0,
  );
}

/**
 * The path whose growth is modelled: for `exponential` the wear itself, else the wear by the fleet's clock (Whitmore &
 * Schenkelberg 1997); `gamma` takes its greatest value so far, since a gamma process never falls.
 */
function pathOf(course: Course, window: number, kind: Kind, { wear, used }: FleetPrior['clock']): Float64Array {
  const path = smoothed(course, window);
  if (kind === 'exponential') return path;
  let greatest = Number.NEGATIVE_INFINITY;
  return path.map((value) => {
    const now = interpolate(wear, used, value);
    greatest = Math.max(greatest, now);
    return kind === 'gamma' ? greatest : now;
  });
}

function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  let i = 1;
  while (i < xs.length - 1 && x > (xs[i] as number)) i++;
  const [x0, x1, y0, y1] = [xs[i - 1] ?? 0, xs[i] ?? 0, ys[i - 1] ?? 0, ys[i] ?? ys[0] ?? 0];
  return x1 > x0 ? y0 + Math.max(0, Math.min(1, (x - x0) / (x1 - x0))) * (y1 - y0) : y0;
}

/** Places of the clock. */
const PLACES = 24;

/** Which share of `reach` is used up at which wear: means over the fleet, made increasing by pooling (Barlow et al. 1972). */
function clockOf(lives: readonly TrainingLife[], window: number, reach: number): FleetPrior['clock'] {
  const points = lives.flatMap((life) =>
    Array.from(smoothed(life, window), (wear, row) => ({
      wear,
      used: 1 - Math.min(reach, life.remaining[row] as number) / reach,
    })),
  );
  points.sort((a, b) => a.wear - b.wear);
  const size = Math.max(1, Math.ceil(points.length / PLACES));
  const pools: { wear: number; used: number; count: number }[] = [];
  for (let from = 0; from < points.length; from += size) {
    const part = points.slice(from, from + size);
    let pool = {
      wear: part.reduce((sum, { wear }) => sum + wear, 0) / part.length,
      used: part.reduce((sum, { used }) => sum + used, 0) / part.length,
      count: part.length,
    };
    for (let before = pools.at(-1); before !== undefined && before.used >= pool.used; before = pools.at(-1)) {
      pools.pop();
      const count = pool.count + before.count;
      pool = {
        wear: (pool.wear * pool.count + before.wear * before.count) / count,
        used: (pool.used * pool.count + before.used * before.count) / count,
        count,
      };
    }
    pools.push(pool);
  }
  return { wear: pools.map(({ wear }) => wear), used: pools.map(({ used }) => used) };
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, variance };
}

/** Rows of the last stretch of a life: wear that has not begun yet says nothing of its growth. */
function stretchOf({ remaining, length }: TrainingLife, reach: number): number {
  let from = 0;
  while (from < length - 4 && (remaining[from] as number) > reach) from++;
  return Math.min(from, Math.max(0, length - 4));
}

function fleetPrior(lives: readonly TrainingLife[], spec: LifeEngineSpec, kind: Kind): FleetPrior {
  const failed = lives.filter(({ failed: ended, length }) => ended && length >= 4);
  const longestLife = lives.reduce((most, { remaining }) => Math.max(most, remaining[0] as number), 0);
  const reach = Math.min(spec.cap, longestLife / 2);
  const clock = clockOf(failed, spec.window, reach);
  const paths = failed.map((life) => pathOf(life, spec.window, kind, clock));
  const { mean: limit, variance: limitVariance } = moments(paths.map((path) => path.at(-1) as number));
  // A logarithm needs all to be above nothing.
  const offset =
    0.25 * Math.max(1e-6, limit) - Math.min(0, ...paths.map((path) => path.reduce((a, b) => Math.min(a, b), 0)));
  const rates: number[] = [];
  const noises: number[] = [];
  failed.forEach((life, i) => {
    const from = stretchOf(life, reach);
    const path = (paths[i] as Float64Array).subarray(from);
    const age = life.age.subarray(from);
    const span = (age.at(-1) as number) - (age[0] as number);
    if (!(span > 0)) return;
    const values = kind === 'exponential' ? path.map((x) => Math.log(x + offset)) : path;
    const { slope, residual } = lineOf(age, values);
    const rate = kind === 'exponential' ? slope : ((path.at(-1) as number) - (path[0] as number)) / span;
    rates.push(rate);
    if (kind === 'exponential') noises.push(residual);
    else {
      // Over the stretch that an asset is judged by, so that what is only noise of the measurement counts once.
      const back = Math.min(2 * spec.window, path.length - 1);
      for (let k = back; k < path.length; k++) {
        const dt = (age[k] as number) - (age[k - back] as number);
        noises.push(((path[k] as number) - (path[k - back] as number) - rate * dt) ** 2 / dt);
      }
    }
  });
  const { mean: rate, variance } = moments(rates);
  return {
    limit,
    limitVariance,
    rate: Math.max(rate, 1e-12),
    rateVariance: Math.max(variance, (0.05 * rate) ** 2, 1e-24),
    noise: Math.max(moments(noises).mean, 1e-12),
    offset,
    longest: Math.min(spec.cap, 2 * Math.max(longestLife, 1e-9)),
    clock,
  };
}

/** Slope of the least-squares line, and the variance around it. */
function lineOf(x: Float64Array, y: Float64Array): { slope: number; residual: number } {
  const n = x.length;
  const mx = x.reduce((sum, value) => sum + value, 0) / n;
  const my = y.reduce((sum, value) => sum + value, 0) / n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [(x[i] as number) - mx, (y[i] as number) - my];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const slope = xx > 0 ? xy / xx : 0;
  return { slope, residual: Math.max(0, yy - slope * xy) / Math.max(1, n - 2) };
}

/**
 * A model of how wear grows, with the fleet's growth as prior that each asset's own course updates (Gebraeel, Lawley, Li &
 * Ryan 2005), and the first passage of the wear at failure: `wiener`, Brownian motion with drift, whose passage is inverse
 * Gaussian (Doksum & Hóyland 1992); `gamma`, increments that are never negative (van Noortwijk 2009); `exponential`, growth in
 * proportion. Centre and spread are mean and deviation of the time of passage.
 */
export function degradationEngine(kind: Kind): LifeEngine {
  return {
    name: kind,
    fit: (lives, spec) => fitted(fleetPrior(lives, spec, kind), spec, kind),
    fromJSON: (state, spec) => fitted(state as FleetPrior, spec, kind),
  };
}

function fitted(prior: FleetPrior, spec: LifeEngineSpec, kind: Kind): FittedLifeEngine {
  const passage = kind === 'exponential' ? exponentialPassage : driftPassage;
  return {
    outlook(course, rows) {
      const path = pathOf(course, spec.window, kind, prior.clock);
      const center = new Float64Array(rows.length);
      const spread = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number;
        const from = Math.max(0, row - 2 * spec.window);
        const { mean, variance } = passage(
          prior,
          course.age.subarray(from, row + 1),
          path.subarray(from, row + 1),
          kind,
        );
        center[i] = Math.max(0, Math.min(prior.longest, mean));
        spread[i] = Math.min(prior.longest, Math.sqrt(variance));
      }
      return { center, spread };
    },
    toJSON: () => prior,
  };
}

/** Time until a path with random drift passes the limit. */
function driftPassage(prior: FleetPrior, age: Float64Array, path: Float64Array, kind: Kind) {
  const { limit, limitVariance, rate, rateVariance, noise, longest } = prior;
  const now = path.at(-1) as number;
  const span = (age.at(-1) as number) - (age[0] as number);
  const grown = now - (path[0] as number);
  // Normal prior, normal increments: the posterior is normal again. The drift of a wear that goes on is not negative.
  const weight = noise / rateVariance;
  const own = Math.max((rate * weight + grown) / (weight + span), 0.05 * rate);
  const uncertainty = noise / (weight + span);
  const left = Math.max(0, limit - now);
  const mean = Math.min(longest, left / own);
  // A gamma process overshoots the limit by half a jump on average (renewal theory), so that it comes sooner.
  const sooner = kind === 'gamma' ? noise / (2 * own * own) : 0;
  const variance =
    (mean * noise) / (own * own) + (mean * mean * uncertainty) / (own * own) + limitVariance / (own * own);
  return { mean: Math.max(0, mean - sooner), variance };
}

/** Time until a line through the logarithm passes that of the limit: intercept and slope from the asset, the slope's prior from the fleet. */
function exponentialPassage(prior: FleetPrior, age: Float64Array, path: Float64Array) {
  const { limit, limitVariance, rate, rateVariance, noise, offset, longest } = prior;
  const n = path.length;
  const now = age.at(-1) as number;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < n; i++) {
    const x = (age[i] as number) - now;
    const y = Math.log(Math.max(1e-9, (path[i] as number) + offset));
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const weight = noise / rateVariance;
  const spread = sxx - (sx * sx) / n;
  const slope = Math.max((sxy - (sx * sy) / n + weight * rate) / (spread + weight), 0.05 * rate);
  const level = (sy - slope * sx) / n;
  const goal = Math.log(Math.max(1e-9, limit + offset));
  const mean = Math.min(longest, Math.max(0, goal - level) / slope);
  const slopeVariance = noise / (spread + weight);
  const goalVariance = limitVariance / (limit + offset) ** 2;
  return { mean, variance: (noise / n + goalVariance + mean * mean * slopeVariance) / (slope * slope) };
}
