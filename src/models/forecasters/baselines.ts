import type { ForecastEngine } from './engine.js';
import type { Series } from './series.js';

/** The last value goes on. */
export const persistence: ForecastEngine = stateless('persistence', 1, (series, origin, out) => {
  out.fill(series.filled[origin] as number);
});

/** The value of the day before at the same time goes on (Hyndman & Athanasopoulos 2021, section 5.2). */
export const seasonalNaive: ForecastEngine = stateless('seasonal-naive', 'season', (series, origin, out, season) => {
  for (let h = 0; h < out.length; h++) {
    out[h] = series.filled[Math.max(0, origin + 1 + h - season * Math.ceil((h + 1) / season))] as number;
  }
});

/**
 * The mean over the last 14 days at the same time of day; with a clear-sky curve, the mean clearness of those days at
 * that time, times the curve.
 */
export const climatology: ForecastEngine = stateless('climatology', 'fortnight', (series, origin, out, season) => {
  const { filled, clearSky } = series;
  for (let h = 0; h < out.length; h++) {
    const at = origin + 1 + h;
    let sum = 0;
    let weight = 0;
    for (let i = at - season * Math.ceil((h + 1) / season), days = 0; i >= 0 && days < 14; i -= season, days++) {
      sum += filled[i] as number;
      weight += clearSky === null ? 1 : (clearSky[i] as number);
    }
    const mean = weight > 0 ? sum / weight : 0;
    out[h] = clearSky === null ? mean : mean * (clearSky[at] as number);
  }
});

/** An engine that learns nothing: a rule that looks back over a few steps, a season, or 14 seasons. */
export function stateless(
  name: string,
  reach: number | 'season' | 'fortnight',
  rule: (series: Series, origin: number, out: Float64Array, season: number) => void,
): ForecastEngine {
  const fitted = (season: number) => ({
    lookback: reach === 'season' ? season : reach === 'fortnight' ? 14 * season : reach,
    predictInto: (series: Series, origin: number, out: Float64Array) => rule(series, origin, out, season),
    toJSON: () => null,
  });
  return {
    name,
    minimumHistory: ({ season }) => (reach === 1 ? 1 : season),
    fit: (_pool, { season }) => fitted(season),
    fromJSON: (_state, { season }) => fitted(season),
  };
}
