import type { Random } from '../../core/random.js';
import { isActive } from './features.js';
import { type ConformalIntervals, spreadUnit } from './intervals.js';
import type { Series } from './series.js';

/** The least and the greatest value that the target can take. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The forecasts from one origin as distributions: an engine's values with calibrated residuals around them. */
export class ForecastDistribution {
  /** The engine's forecast within the bounds, 0 at night. */
  readonly mean: Float64Array;
  readonly #raw: Float64Array;
  readonly #series: Series;
  readonly #origin: number;
  readonly #intervals: ConformalIntervals;
  readonly #bounds: Bounds;

  /** @param values the engine's forecast for the steps after `origin` */
  constructor(series: Series, origin: number, values: Float64Array, intervals: ConformalIntervals, bounds: Bounds) {
    this.#series = series;
    this.#origin = origin;
    this.#raw = values;
    this.#intervals = intervals;
    this.#bounds = bounds;
    this.mean = values.map((value, h) => this.#bounded(h, value));
  }

  /** The value below which step `h` (from 0) lies with `probability`. */
  quantile(h: number, probability: number): number {
    const step = this.#origin + 1 + h;
    const value = this.#raw[h] as number;
    if (!isActive(this.#series, step)) return this.#bounded(h, value);
    const unit = spreadUnit(this.#series, step);
    return this.#bounded(h, value + unit * this.#intervals.quantile(h + 1, value / unit, probability));
  }

  /**
   * Draws `count` paths, each with the spread of the forecast at every step and the persistence of its errors from one
   * step to the next (a Gaussian copula of first order; Pinson et al. 2009), so that their sums are distributed as the
   * energy of the horizon is.
   */
  sample(count: number, random: Random): Float64Array[] {
    const rho = this.#intervals.persistence;
    const fresh = Math.sqrt(1 - rho * rho);
    return Array.from({ length: count }, () => {
      let z = random.normal();
      return this.mean.map((_, h) => {
        if (h > 0) z = rho * z + fresh * random.normal();
        return this.quantile(h, normalProbability(z));
      });
    });
  }

  #bounded(h: number, value: number): number {
    if (this.#series.clearSky !== null && (this.#series.clearSky[this.#origin + 1 + h] as number) <= 0) return 0;
    return Math.min(this.#bounds.max, Math.max(this.#bounds.min, value));
  }
}

/** The standard normal distribution function (Abramowitz & Stegun 1964, 26.2.17; error below 7.5e-8). */
function normalProbability(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * Math.exp((-z * z) / 2) * poly;
  return z > 0 ? 1 - tail : tail;
}
