import { TwinergyError } from '../../core/errors.js';
import type { FittedEngine, ForecastEngine } from './engine.js';
import type { Series } from './series.js';

/** The clear-sky curve of a series. Throws `FORECAST_NO_CLEAR_SKY` where there is none. */
export function requireClearSky(series: Series, engine: string): Float64Array {
  if (series.clearSky !== null) return series.clearSky;
  throw new TwinergyError('FORECAST_NO_CLEAR_SKY', `The engine "${engine}" needs a clear-sky curve.`, {
    path: 'clearSky',
    hint: 'Give fit() the option clearSky: a column name, or a function of the time in ms.',
  });
}

/**
 * Clearness (target / clear sky) at step `i`, from the sums over the last `span` steps with daylight, at most a day back:
 * at night it is the clearness with which the evening ended.
 */
export function clearness(series: Series, clearSky: Float64Array, i: number, span: number, season: number): number {
  let sum = 0;
  let clear = 0;
  let used = 0;
  for (let j = i; j >= 0 && used < span && i - j <= season; j--) {
    const c = clearSky[j] as number;
    if (c <= 0.02 * series.scale) continue;
    sum += series.filled[j] as number;
    clear += c;
    used++;
  }
  return clear > 0 ? Math.min(1.5, Math.max(0, sum / clear)) : 0;
}

/** The clearness of the last daylight step goes on. */
export const clearSkyPersistence: ForecastEngine = {
  name: 'clear-sky-persistence',
  minimumHistory: ({ season }) => season,
  fit(pool, { season }) {
    for (const series of pool) requireClearSky(series, 'clear-sky-persistence');
    return persistClearness(season);
  },
  fromJSON: (_state, { season }) => persistClearness(season),
};

function persistClearness(season: number): FittedEngine {
  return {
    lookback: season,
    predictInto(series, origin, out) {
      const clearSky = requireClearSky(series, 'clear-sky-persistence');
      const index = clearness(series, clearSky, origin, 1, season);
      for (let h = 0; h < out.length; h++) out[h] = index * (clearSky[origin + 1 + h] as number);
    },
    toJSON: () => null,
  };
}

/**
 * Smart persistence: the clearness of the moment decays towards its long-term mean, lead by lead, with the weights that
 * minimise the squared error on the history (regression of the index on its value at the origin; Lorenz & Heinemann 2012).
 */
export const smartPersistence: ForecastEngine = {
  name: 'smart-persistence',
  minimumHistory: ({ season, horizon }) => 3 * season + horizon,
  fit(pool, { season, horizon }) {
    const mean = new Float64Array(horizon);
    const weight = new Float64Array(horizon);
    for (let h = 0; h < horizon; h++) {
      let s = 0;
      let sx = 0;
      let sy = 0;
      let sxx = 0;
      let sxy = 0;
      for (const series of pool) {
        const clearSky = requireClearSky(series, 'smart-persistence');
        for (let o = season; o + 1 + h < series.length; o++) {
          const c = (clearSky[o + 1 + h] as number) / series.scale;
          const y = (series.target[o + 1 + h] as number) / series.scale;
          if (!Number.isFinite(y) || c <= 0.02) continue;
          const x = clearness(series, clearSky, o, 1, season);
          s += c * c;
          sx += c * c * x;
          sxx += c * c * x * x;
          sy += c * y;
          sxy += c * y * x;
        }
      }
      const spread = s * sxx - sx * sx;
      const slope = spread > 1e-9 * s * s ? Math.min(1, Math.max(0, (s * sxy - sx * sy) / spread)) : 0;
      weight[h] = slope;
      mean[h] = s > 0 ? (sy - slope * sx) / s : 0;
    }
    return decay([...mean], [...weight], season);
  },
  fromJSON(state, { season }) {
    const { mean, weight } = state as { mean: number[]; weight: number[] };
    return decay(mean, weight, season);
  },
};

function decay(mean: readonly number[], weight: readonly number[], season: number): FittedEngine {
  return {
    lookback: season,
    predictInto(series, origin, out) {
      const clearSky = requireClearSky(series, 'smart-persistence');
      const index = clearness(series, clearSky, origin, 1, season);
      for (let h = 0; h < out.length; h++) {
        const lead = Math.min(h, mean.length - 1);
        out[h] = ((mean[lead] as number) + (weight[lead] as number) * index) * (clearSky[origin + 1 + h] as number);
      }
    },
    toJSON: () => ({ mean, weight }),
  };
}
