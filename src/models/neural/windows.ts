import { levelAt } from '../forecasters/features.js';
import { lookBack } from '../forecasters/moments.js';
import type { Series } from '../forecasters/series.js';

/** Mean and standard deviation of a covariate. */
export interface Standard {
  readonly mean: number;
  readonly deviation: number;
}

/** How a network sees a series. */
export interface WindowShape {
  /** Steps of a window. */
  readonly steps: number;
  /** Whether time of day, clear sky and covariates go in beside the value. */
  readonly covariates: boolean;
  /** Standards of the past and then the known columns. */
  readonly standards: readonly Standard[];
  /** Whether there is a clear-sky curve. */
  readonly solar: boolean;
}

/** Numbers of a step. */
export function featuresOf({ covariates, standards, solar }: WindowShape): number {
  return covariates ? 3 + (solar ? 1 : 0) + standards.length : 1;
}

/** Standards of the covariates over the parts that are learned from. */
export function standardsOf(pool: readonly Series[], holdout: readonly number[]): Standard[] {
  const first = pool[0];
  if (first === undefined) return [];
  return [...first.past, ...first.known].map((_, k) => {
    let count = 0;
    let sum = 0;
    let squares = 0;
    pool.forEach((series, p) => {
      const column = [...series.past, ...series.known][k] as Float64Array;
      for (let i = 0; i < (holdout[p] as number); i++) {
        const value = column[i] as number;
        count++;
        sum += value;
        squares += value * value;
      }
    });
    const mean = sum / Math.max(1, count);
    return { mean, deviation: Math.sqrt(Math.max(1e-12, squares / Math.max(1, count) - mean * mean)) };
  });
}

/**
 * Reads windows for a network, and turns what it says into values: the window is standardised by its own mean and
 * deviation (instance normalisation, Kim et al. 2022), outputs are put back by them; with a clear-sky curve, values go in
 * as parts of the series' scale and outputs are clearnesses.
 */
export class WindowReader {
  readonly shape: WindowShape;
  readonly #values: Float64Array;
  #mean = 0;
  #deviation = 1;

  constructor(shape: WindowShape) {
    this.shape = shape;
    this.#values = new Float64Array(shape.steps);
  }

  /** Writes the window that ends with `origin` to `out` at `offset`, step after step. */
  read(series: Series, origin: number, out: Float32Array, offset: number): void {
    const { steps, covariates, standards, solar } = this.shape;
    const values = lookBack(series, origin, steps, this.#values);
    this.#mean = 0;
    this.#deviation = series.scale;
    if (!solar) {
      for (const value of values) this.#mean += value / steps;
      let variance = 0;
      for (const value of values) variance += (value - this.#mean) ** 2 / steps;
      this.#deviation = Math.max(Math.sqrt(variance), 1e-3 * series.scale);
    }
    let at = offset;
    for (let i = 0; i < steps; i++) {
      out[at++] = ((values[i] as number) - this.#mean) / this.#deviation;
      if (!covariates) continue;
      const step = Math.max(0, origin - steps + 1 + i);
      const angle = (2 * Math.PI * ((series.start + step * series.step) % 864e5)) / 864e5;
      out[at++] = Math.sin(angle);
      out[at++] = Math.cos(angle);
      if (solar) out[at++] = levelAt(series, step) / series.scale;
      for (let k = 0; k < standards.length; k++) {
        const column = k < series.past.length ? series.past[k] : series.known[k - series.past.length];
        const { mean, deviation } = standards[k] as Standard;
        out[at++] = ((column?.[step] ?? mean) - mean) / deviation;
      }
    }
  }

  /** What is added to an output of the last window read, and what it is multiplied by, at `target`. */
  scaleAt(series: Series, target: number): { readonly base: number; readonly gain: number } {
    return this.shape.solar ? { base: 0, gain: levelAt(series, target) } : { base: this.#mean, gain: this.#deviation };
  }
}
