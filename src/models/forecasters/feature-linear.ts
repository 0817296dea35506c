import { packFloats, unpackFloats } from '../serial.js';
import type { FittedEngine, ForecastEngine } from './engine.js';
import { FeatureMap, type FeatureShape, isActive, levelAt, shapeOf } from './features.js';
import { solveRidge } from './ridge.js';
import type { Series } from './series.js';

/** Penalties tried on the held-out part, in units of observations. */
const LAMBDAS = [10, 30, 100, 300, 1000, 3000, 30000] as const;

/** The penalty on the weights that all leads share. */
const SHARED_LAMBDA = 30;

interface State {
  readonly lambda: number;
  /** Mean of each input. */
  readonly mean: Float64Array;
  /** Standard deviation of each input. */
  readonly spread: Float64Array;
  /** For each lead the weights of the inputs and, last, the constant. */
  readonly weights: Float64Array;
}

/** Weighted sums of products of inputs (and the constant) with one another and with the clearness, for each lead. */
interface Products {
  readonly gram: readonly Float64Array[];
  readonly cross: readonly Float64Array[];
  readonly square: Float64Array;
}

/**
 * One ridge regression for each lead, on lags, covariates and calendar. With a clear-sky curve it forecasts the clearness,
 * weighted by the square of the curve, which is least squares in power; the weights of a lead are drawn towards those that
 * all leads share, so that neighbouring leads learn from one another. The penalty is chosen on the held-out part.
 */
export const featureLinear: ForecastEngine = {
  name: 'feature-linear',
  minimumHistory: ({ horizon, season }) => 4 * season + horizon,
  *fit(pool, { horizon, season, holdout }) {
    const map = new FeatureMap(shapeOf(pool[0] as Series), season);
    const { mean, spread } = standardise(map, pool, holdout, horizon, season);
    yield { phase: 'collecting examples', done: 0, total: 3 };
    const learn = products(map, pool, mean, spread, horizon, (i) => [season, holdout[i] as number]);
    yield { phase: 'collecting examples', done: 1, total: 3 };
    const check = products(map, pool, mean, spread, horizon, (i) => [holdout[i] as number, pool[i]?.length ?? 0]);
    yield { phase: 'solving', done: 2, total: 3 };
    let best = { lambda: 0, weights: Float64Array.of() as Float64Array, error: Number.POSITIVE_INFINITY };
    for (const lambda of LAMBDAS) {
      const weights = solve(learn, lambda, map.names.length + 1);
      const error = squaredError(check, weights, map.names.length + 1);
      if (error < best.error) best = { lambda, weights, error };
    }
    return fitted(map, { lambda: best.lambda, mean, spread, weights: best.weights }, horizon, season);
  },
  fromJSON(state, { horizon, season }) {
    const saved = state as Record<'mean' | 'spread' | 'weights', string> & { shape: FeatureShape; lambda: number };
    const { shape, lambda } = saved;
    const [mean, spread, weights] = [unpackFloats(saved.mean), unpackFloats(saved.spread), unpackFloats(saved.weights)];
    return fitted(new FeatureMap(shape, season), { lambda, mean, spread, weights }, horizon, season);
  },
};

function fitted(map: FeatureMap, state: State, horizon: number, season: number): FittedEngine {
  const { lambda, mean, spread, weights } = state;
  const n = map.names.length;
  const row = new Float64Array(n);
  return {
    lookback: map.lookback,
    predictInto(series, origin, out) {
      for (let h = 0; h < out.length; h++) {
        const target = origin + 1 + h;
        if (!isActive(series, target)) {
          out[h] = 0;
          continue;
        }
        map.write(series, origin, h + 1, row, 0);
        const at = h * (n + 1);
        let sum = weights[at + n] as number;
        for (let k = 0; k < n; k++) {
          sum += ((weights[at + k] as number) * ((row[k] as number) - (mean[k] as number))) / (spread[k] as number);
        }
        // A clear sky bounds the clearness: what a linear model says beyond it is extrapolation.
        out[h] = (map.shape.solar ? Math.min(1.2, Math.max(0, sum)) : sum) * levelAt(series, target);
      }
    },
    *refit(pool) {
      yield { phase: 'collecting examples', done: 0, total: 1 };
      const all = products(map, pool, mean, spread, horizon, (i) => [season, pool[i]?.length ?? 0]);
      return fitted(map, { ...state, weights: solve(all, lambda, n + 1) }, horizon, season);
    },
    explain() {
      const influence = new Float64Array(n);
      for (let h = 0; h < horizon; h++) {
        for (let k = 0; k < n; k++)
          influence[k] = (influence[k] as number) + Math.abs(weights[h * (n + 1) + k] as number);
      }
      const total = influence.reduce((a, b) => a + b, 0) || 1;
      return new Map(map.names.map((name, k) => [name, (influence[k] as number) / total]));
    },
    toJSON: () => ({
      shape: map.shape,
      lambda,
      mean: packFloats(mean),
      spread: packFloats(spread),
      weights: packFloats(weights),
    }),
  };
}

/** Calls `use` for every example of one lead whose target was measured. */
function eachExample(
  series: Series,
  lead: number,
  [from, to]: readonly [number, number],
  use: (origin: number, level: number, clearness: number) => void,
): void {
  for (let origin = Math.max(0, from - lead); origin + lead < to; origin++) {
    const target = origin + lead;
    const value = series.target[target] as number;
    if (target < from || !Number.isFinite(value) || !isActive(series, target) || !isActive(series, origin)) continue;
    const level = levelAt(series, target);
    use(origin, level / series.scale, Math.min(2, value / level));
  }
}

/** Mean and standard deviation of the inputs over a sample of the examples. */
function standardise(
  map: FeatureMap,
  pool: readonly Series[],
  holdout: readonly number[],
  horizon: number,
  season: number,
): { mean: Float64Array; spread: Float64Array } {
  const n = map.names.length;
  const mean = new Float64Array(n);
  const spread = new Float64Array(n);
  const row = new Float64Array(n);
  let count = 0;
  const every = Math.max(1, Math.floor(horizon / 6));
  pool.forEach((series, i) => {
    for (let lead = 1; lead <= horizon; lead += every) {
      eachExample(series, lead, [season, holdout[i] as number], (origin) => {
        map.write(series, origin, lead, row, 0);
        count++;
        for (let k = 0; k < n; k++) {
          const delta = (row[k] as number) - (mean[k] as number);
          mean[k] = (mean[k] as number) + delta / count;
          spread[k] = (spread[k] as number) + delta * ((row[k] as number) - (mean[k] as number));
        }
      });
    }
  });
  for (let k = 0; k < n; k++) spread[k] = Math.sqrt((spread[k] as number) / Math.max(1, count)) || 1;
  return { mean, spread };
}

function products(
  map: FeatureMap,
  pool: readonly Series[],
  mean: Float64Array,
  spread: Float64Array,
  horizon: number,
  range: (index: number) => readonly [number, number],
): Products {
  const n = map.names.length + 1;
  const row = new Float64Array(n);
  const gram: Float64Array[] = [];
  const cross: Float64Array[] = [];
  const square = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    const a = new Float64Array(n * n);
    const b = new Float64Array(n);
    pool.forEach((series, i) => {
      eachExample(series, h + 1, range(i), (origin, level, clearness) => {
        map.write(series, origin, h + 1, row, 0);
        row[n - 1] = 1;
        for (let k = 0; k < n - 1; k++) row[k] = ((row[k] as number) - (mean[k] as number)) / (spread[k] as number);
        const weight = level * level;
        for (let k = 0; k < n; k++) {
          const x = weight * (row[k] as number);
          b[k] = (b[k] as number) + x * clearness;
          for (let j = 0; j <= k; j++) a[k * n + j] = (a[k * n + j] as number) + x * (row[j] as number);
        }
        square[h] = (square[h] as number) + weight * clearness * clearness;
      });
    });
    for (let k = 0; k < n; k++) for (let j = 0; j < k; j++) a[j * n + k] = a[k * n + j] as number;
    gram.push(a);
    cross.push(b);
  }
  return { gram, cross, square };
}

/** For each lead the weights w that minimise w·A·w − 2·b·w + λ·|w − shared|². */
function solve({ gram, cross }: Products, lambda: number, n: number): Float64Array {
  const a = new Float64Array(n * n);
  const b = new Float64Array(n);
  for (const g of gram) for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) + (g[i] as number);
  for (const c of cross) for (let i = 0; i < n; i++) b[i] = (b[i] as number) + (c[i] as number);
  const shared = solveRidge(a, b, n, 1, SHARED_LAMBDA, new Set([n - 1]));
  const weights = new Float64Array(gram.length * n);
  gram.forEach((g, h) => {
    const drawn = Float64Array.from(cross[h] as Float64Array, (value, k) => value + lambda * (shared[k] as number));
    weights.set(solveRidge(g, drawn, n, 1, lambda), h * n);
  });
  return weights;
}

function squaredError({ gram, cross, square }: Products, weights: Float64Array, n: number): number {
  let error = 0;
  gram.forEach((a, h) => {
    error += square[h] as number;
    const b = cross[h] as Float64Array;
    for (let i = 0; i < n; i++) {
      const wi = weights[h * n + i] as number;
      let sum = -2 * (b[i] as number);
      for (let j = 0; j < n; j++) sum += (a[i * n + j] as number) * (weights[h * n + j] as number);
      error += wi * sum;
    }
  });
  return error;
}
