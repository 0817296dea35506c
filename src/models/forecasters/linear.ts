import { packFloats, unpackFloats } from '../serial.js';
import type { EngineSpec, FittedEngine, ForecastEngine } from './engine.js';
import { addMoments, centred, deviation, lookBack, type Moments, windowMoments } from './moments.js';
import { solveRidge } from './ridge.js';
import type { Series } from './series.js';

/** How a linear engine reads a window. */
interface Layout {
  /** Steps of look-back. */
  readonly lookback: number;
  /** Penalty, in units of the mean square of the windows. */
  readonly lambda: number;
}

/** Look-backs and penalties that are tried on the held-out part. */
const SEASONS = [2, 7, 14, 30] as const;
const LAMBDAS = [0.003, 0.01, 0.03, 0.1, 0.3, 1] as const;

/**
 * What makes one linear engine differ from another: the least-squares problem built from the centred moments, and the
 * mean square error of its solution on other moments.
 */
interface Shape {
  readonly name: string;
  /** Weights that forecast from a centred window: horizon × lookback, row-major. */
  solve(moments: Float64Array, size: number, layout: Layout, horizon: number, season: number): Float64Array;
}

const dense: Shape = {
  name: 'linear',
  solve(moments, size, { lookback, lambda }, horizon) {
    const offset = size - horizon - lookback;
    const a = block(moments, size, offset, lookback, offset, lookback);
    const b = block(moments, size, offset, lookback, size - horizon, horizon);
    return transpose(solveRidge(a, b, lookback, horizon, lambda), lookback, horizon);
  },
};

const periodic: Shape = {
  name: 'periodic-linear',
  solve(moments, size, { lookback, lambda }, horizon, season) {
    const offset = size - horizon - lookback;
    const lags = Math.floor(lookback / season);
    const first = offset + lookback - lags * season;
    const weights = new Float64Array(horizon * lookback);
    for (let q = 0; q * season < horizon; q++) {
      const phases = Math.min(season, horizon - q * season);
      const a = new Float64Array(lags * lags);
      const b = new Float64Array(lags);
      for (let p = 0; p < phases; p++) {
        for (let i = 0; i < lags; i++) {
          const row = (first + i * season + p) * size;
          for (let j = 0; j < lags; j++) {
            a[i * lags + j] = (a[i * lags + j] as number) + (moments[row + first + j * season + p] as number) / phases;
          }
          b[i] = (b[i] as number) + (moments[row + size - horizon + q * season + p] as number) / phases;
        }
      }
      const w = solveRidge(a, b, lags, 1, lambda);
      for (let p = 0; p < phases; p++) {
        for (let i = 0; i < lags; i++) {
          weights[(q * season + p) * lookback + lookback - lags * season + i * season + p] = w[i] as number;
        }
      }
    }
    return weights;
  },
};

/**
 * Direct multi-horizon ridge regression on the last days, in closed form: the mean of the window is taken off and put back
 * (as in NLinear/DLinear, Zeng et al. 2023, and Toner & Darlow 2024, who show that their class is least squares), one set
 * of weights for all series of the pool. Look-back and penalty are chosen on the held-out part.
 */
export const linear: ForecastEngine = linearEngine(dense);

/**
 * Ridge regression in which a forecast looks only at the same time of day on earlier days, with one set of weights for
 * all times of day (the class of SparseTSF, Lin et al. 2024): few weights, so it holds where history is short or drifts.
 */
export const periodicLinear: ForecastEngine = linearEngine(periodic);

/** The weights (horizon × lookback) of the ridge regression on windows less their mean, learned before the hold-out. */
export function linearWindowWeights(pool: readonly Series[], spec: EngineSpec, lookback: number): Float64Array {
  const size = lookback + spec.horizon;
  const moments = centred(poolMoments(pool, spec, size, 'learn'), 0, lookback);
  return dense.solve(moments, size, { lookback, lambda: 0.01 }, spec.horizon, spec.season);
}

function linearEngine(shape: Shape): ForecastEngine {
  return {
    name: shape.name,
    minimumHistory: ({ horizon, season }) => 3 * Math.max(2, season) + 2 * horizon,
    fit(pool, spec) {
      const shortest = Math.min(...pool.map((_, i) => spec.holdout[i] as number));
      const season = periodOf(spec);
      const lookbacks = [...new Set(SEASONS.map((days) => days * season))].filter(
        (steps) => steps === 2 * season || shortest >= 4 * (steps + spec.horizon),
      );
      const size = Math.max(...lookbacks) + spec.horizon;
      const learned = poolMoments(pool, spec, size, 'learn');
      const held = poolMoments(pool, spec, size, 'choose');
      let best: { layout: Layout; weights: Float64Array; error: number } | null = null;
      for (const lookback of lookbacks) {
        const start = size - spec.horizon - lookback;
        const moments = centred(learned, start, size - spec.horizon);
        const check = held.count > 0 ? centred(held, start, size - spec.horizon) : moments;
        for (const lambda of LAMBDAS) {
          const layout = { lookback, lambda };
          const weights = shape.solve(moments, size, layout, spec.horizon, season);
          const error = squaredError(weights, check, size, lookback, spec.horizon);
          if (best === null || error < best.error) best = { layout, weights, error };
        }
      }
      const { layout, weights } = best as NonNullable<typeof best>;
      return fitted(shape, layout, weights, spec);
    },
    fromJSON(state, spec) {
      const { lookback, lambda, weights } = state as { lookback: number; lambda: number; weights: string };
      return fitted(shape, { lookback, lambda }, unpackFloats(weights), spec);
    },
  };
}

function periodOf({ season }: EngineSpec): number {
  return season > 1 ? season : 7;
}

function poolMoments(
  pool: readonly Series[],
  spec: EngineSpec,
  size: number,
  part: 'learn' | 'choose' | 'all',
): Moments {
  return addMoments(
    pool.map((series, i) => {
      const cut = spec.holdout[i] as number;
      const from = part === 'choose' ? Math.max(0, cut - size + spec.horizon) : 0;
      const to = part === 'learn' ? cut : series.length;
      return windowMoments(series.filled, from, to, size, 1 / deviation(series, cut));
    }),
    size,
  );
}

/** Mean square error of the forecasts `weights · window` over the windows behind `moments`, without going over them. */
function squaredError(w: Float64Array, moments: Float64Array, size: number, lookback: number, horizon: number): number {
  const offset = size - horizon - lookback;
  let error = 0;
  for (let h = 0; h < horizon; h++) {
    const target = size - horizon + h;
    error += moments[target * size + target] as number;
    for (let i = 0; i < lookback; i++) {
      const wi = w[h * lookback + i] as number;
      if (wi === 0) continue;
      const row = (offset + i) * size;
      let sum = -2 * (moments[row + target] as number);
      for (let j = 0; j < lookback; j++) sum += (w[h * lookback + j] as number) * (moments[row + offset + j] as number);
      error += wi * sum;
    }
  }
  return error / horizon;
}

function fitted(shape: Shape, layout: Layout, weights: Float64Array, spec: EngineSpec): FittedEngine {
  const { lookback, lambda } = layout;
  const window = new Float64Array(lookback);
  return {
    lookback,
    predictInto(series, origin, out) {
      lookBack(series, origin, lookback, window);
      let mean = 0;
      for (let i = 0; i < lookback; i++) mean += window[i] as number;
      mean /= lookback;
      for (let i = 0; i < lookback; i++) window[i] = (window[i] as number) - mean;
      for (let h = 0; h < out.length; h++) {
        let sum = mean;
        const row = h * lookback;
        for (let i = 0; i < lookback; i++) sum += (weights[row + i] as number) * (window[i] as number);
        out[h] = sum;
      }
    },
    // biome-ignore lint/correctness/useYield: cheap enough for one go
    *refit(pool) {
      const size = lookback + spec.horizon;
      const moments = centred(poolMoments(pool, spec, size, 'all'), 0, lookback);
      return fitted(shape, layout, shape.solve(moments, size, layout, spec.horizon, periodOf(spec)), spec);
    },
    explain() {
      const influence = new Map<string, number>();
      let total = 0;
      for (const weight of weights) total += Math.abs(weight);
      for (let i = 0; i < lookback; i++) {
        let sum = 0;
        for (let h = 0; h < spec.horizon; h++) sum += Math.abs(weights[h * lookback + i] as number);
        if (sum > 0) influence.set(`lag ${lookback - i - 1}`, sum / total);
      }
      return influence;
    },
    toJSON: () => ({ lookback, lambda, weights: packFloats(weights) }),
  };
}

function block(
  data: Float64Array,
  size: number,
  row: number,
  rows: number,
  column: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    result.set(data.subarray((row + i) * size + column, (row + i) * size + column + columns), i * columns);
  }
  return result;
}

function transpose(data: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j] as number;
  }
  return result;
}
