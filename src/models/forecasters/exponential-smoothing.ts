import type { FittedEngine, ForecastEngine } from './engine.js';
import { lookBack } from './moments.js';
import type { Series } from './series.js';

/** Smoothing weights that are tried: level, trend, season, damping. */
const LEVELS = [0.02, 0.1, 0.3, 0.6] as const;
const TRENDS = [0, 0.05] as const;
const SEASONS = [0.05, 0.15, 0.35] as const;
const DAMPING = 0.95;
/** Seasons over which the state is run up to an origin: what lies further back has lost its weight. */
const RUN_UP = 14;

interface Smoothing {
  readonly level: number;
  readonly trend: number;
  readonly seasonal: number;
}

/**
 * Exponential smoothing with additive damped trend and additive season, ETS(A,Ad,A) (Holt & Winters; Hyndman et al. 2008).
 * The weights are those with the least square error over the horizon on the history, among a grid.
 */
export const exponentialSmoothing: ForecastEngine = {
  name: 'ets',
  minimumHistory: ({ season, horizon }) => 3 * season + horizon,
  *fit(pool, { season, horizon, holdout }) {
    let best = { weights: { level: 0.1, trend: 0, seasonal: 0.15 }, error: Number.POSITIVE_INFINITY };
    const out = new Float64Array(horizon);
    const grid = LEVELS.flatMap((level) =>
      TRENDS.flatMap((trend) => SEASONS.map((seasonal) => ({ level, trend, seasonal: season > 1 ? seasonal : 0 }))),
    );
    for (const [done, weights] of grid.entries()) {
      yield { phase: 'trying smoothing weights', done, total: grid.length };
      let error = 0;
      pool.forEach((series, p) => {
        const until = holdout[p] as number;
        const every = Math.max(1, Math.floor((until - 3 * season) / 60) | 1);
        for (let origin = 2 * season; origin + horizon < until; origin += every) {
          smooth(series, origin, season, weights, out);
          for (let h = 0; h < horizon; h++) {
            error += (((out[h] as number) - (series.filled[origin + 1 + h] as number)) / series.scale) ** 2;
          }
        }
      });
      if (error < best.error) best = { weights, error };
    }
    return fitted(best.weights, season);
  },
  fromJSON: (state, { season }) => fitted(state as Smoothing, season),
};

function fitted(weights: Smoothing, season: number): FittedEngine {
  return {
    lookback: RUN_UP * season,
    predictInto: (series, origin, out) => smooth(series, origin, season, weights, out),
    toJSON: () => weights,
  };
}

function smooth(series: Series, origin: number, season: number, weights: Smoothing, out: Float64Array): void {
  const length = Math.min(origin + 1, RUN_UP * Math.max(season, 4));
  const window = lookBack(series, origin, length, new Float64Array(length));
  const first = Math.min(season, length);
  let level = 0;
  for (let i = 0; i < first; i++) level += (window[i] as number) / first;
  const seasonal = Float64Array.from({ length: season }, (_, i) =>
    season > 1 ? (window[i % first] as number) - level : 0,
  );
  let trend = 0;
  for (let i = first; i < length; i++) {
    const at = i % season;
    const value = window[i] as number;
    const before = level;
    const expected = level + DAMPING * trend;
    level = expected + weights.level * (value - expected - (seasonal[at] as number));
    trend = DAMPING * trend + weights.trend * (level - before - DAMPING * trend);
    seasonal[at] = (seasonal[at] as number) + weights.seasonal * (value - level - (seasonal[at] as number));
  }
  let drift = 0;
  let damped = DAMPING;
  for (let h = 0; h < out.length; h++) {
    drift += damped * trend;
    damped *= DAMPING;
    out[h] = level + drift + (seasonal[(length + h) % season] as number);
  }
}
