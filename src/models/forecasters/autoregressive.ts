import type { FittedEngine, ForecastEngine } from './engine.js';
import { deviation, lookBack } from './moments.js';
import { solveRidge } from './ridge.js';

/**
 * An autoregressive model of the difference from the day before (or, without a season, of the value less its mean): order
 * by Akaike's criterion, weights by least squares, forecasts one step after the other (Box & Jenkins 1970). For series too
 * short for the direct methods.
 */
export const autoregressive: ForecastEngine = {
  name: 'ar',
  minimumHistory: ({ season }) => 2 * season + 12,
  fit(pool, { season, holdout }) {
    const seasonal = season > 1;
    const most = Math.max(1, Math.min(24, Math.floor((holdout[0] as number) / 10)));
    const n = most + 1;
    const gram = new Float64Array(n * n);
    const row = new Float64Array(n);
    let rows = 0;
    let sum = 0;
    let count = 0;
    pool.forEach((series, p) => {
      const unit = deviation(series, holdout[p] as number);
      for (let i = 0; i < (holdout[p] as number); i++) {
        sum += seasonal ? 0 : (series.filled[i] as number) / unit;
        count++;
      }
    });
    const mean = sum / Math.max(1, count);
    pool.forEach((series, p) => {
      const unit = deviation(series, holdout[p] as number);
      const { filled } = series;
      const base = (i: number) => (seasonal ? (filled[i - season] as number) / unit : mean);
      for (let i = (seasonal ? season : 0) + most; i < (holdout[p] as number); i++) {
        for (let k = 0; k < n; k++) row[k] = (filled[i - k] as number) / unit - base(i - k);
        rows++;
        for (let k = 0; k < n; k++) {
          for (let j = 0; j < n; j++)
            gram[k * n + j] = (gram[k * n + j] as number) + (row[k] as number) * (row[j] as number);
        }
      }
    });
    let best = { weights: [0], criterion: Number.POSITIVE_INFINITY };
    for (let order = 1; order <= most; order++) {
      const a = new Float64Array(order * order);
      const b = new Float64Array(order);
      for (let i = 0; i < order; i++) {
        for (let j = 0; j < order; j++) a[i * order + j] = gram[(i + 1) * n + j + 1] as number;
        b[i] = gram[i + 1] as number;
      }
      const weights = solveRidge(a, b, order, 1, 1e-3 * rows);
      let error = gram[0] as number;
      for (let i = 0; i < order; i++) {
        let product = -2 * (b[i] as number);
        for (let j = 0; j < order; j++) product += (a[i * order + j] as number) * (weights[j] as number);
        error += (weights[i] as number) * product;
      }
      const criterion = rows * Math.log(Math.max(1e-12, error / Math.max(1, rows))) + 2 * order;
      if (criterion < best.criterion) best = { weights: [...weights], criterion };
    }
    return fitted(best.weights, mean, season);
  },
  fromJSON(state, { season }) {
    const { weights, mean } = state as { weights: number[]; mean: number };
    return fitted(weights, mean, season);
  },
};

/** @param mean in standard deviations of the series; 0 where the model is of differences */
function fitted(weights: readonly number[], mean: number, season: number): FittedEngine {
  const seasonal = season > 1;
  const lookback = weights.length + (seasonal ? season : 0);
  return {
    lookback,
    predictInto(series, origin, out) {
      const path = new Float64Array(lookback + out.length);
      lookBack(series, origin, lookback, path);
      const level = seasonal ? 0 : mean * deviation(series, origin + 1);
      const least = Math.min(...path.subarray(0, lookback));
      const greatest = Math.max(...path.subarray(0, lookback));
      const range = greatest - least;
      for (let h = 0; h < out.length; h++) {
        const i = lookback + h;
        let value = seasonal ? (path[i - season] as number) : level;
        for (let k = 0; k < weights.length; k++) {
          const j = i - 1 - k;
          const base = seasonal ? (path[Math.max(0, j - season)] as number) : level;
          value += (weights[k] as number) * ((path[j] as number) - base);
        }
        // An unstable fit must not run away over a long horizon.
        path[i] = Math.min(greatest + range, Math.max(least - range, value));
        out[h] = path[i] as number;
      }
    },
    toJSON: () => ({ weights, mean }),
  };
}
