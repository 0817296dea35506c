import { packFloats32, unpackFloats32 } from '../neural/pack.js';

/** What an engine said of rows of assets that it had not learned from, with what came true. */
export interface HeldOut {
  readonly center: number;
  readonly spread: number;
  /** Units until the end of the life. */
  readonly remaining: number;
  /** Whether that was a failure; otherwise it would have gone on. */
  readonly failed: boolean;
  readonly weight: number;
}

/** A `Calibration` as JSON data. */
export interface SavedCalibration {
  readonly floor: number;
  /** Centres that the stages stand for, and each stage's quantiles of the scaled error one after the other. */
  readonly stages: string;
  readonly quantiles: string;
}

/** Probabilities at which errors are kept. */
const GRID = Float64Array.from({ length: 101 }, (_, i) => (i + 0.5) / 101);
/** Most stages of life. */
const STAGES = 24;
/** Rows of a stage, at the least. */
const LEAST_ROWS = 60;

/**
 * The distribution of the truth given an engine's outlook: conformal prediction on held-out assets, with errors in units of
 * the engine's own spread (Lei et al. 2018), local in the stage of life, which is where the centre lies (Boström et al.
 * 2017). Assets that have not failed count with the time for which they have held (Kaplan & Meier 1958, by Efron's
 * redistribution to the right).
 */
export class Calibration {
  readonly #floor: number;
  readonly #stages: Float32Array;
  readonly #quantiles: Float32Array;

  private constructor(floor: number, stages: Float32Array, quantiles: Float32Array) {
    this.#floor = floor;
    this.#stages = stages;
    this.#quantiles = quantiles;
  }

  /** Takes an engine at its word, as a normal distribution: where there are no held-out assets. */
  static none(): Calibration {
    return new Calibration(0, Float32Array.of(0), Float32Array.from(GRID, normalQuantile));
  }

  /** From held-out rows; `cap` is the longest remaining life that is told apart. */
  static fit(rows: readonly HeldOut[], cap: number): Calibration {
    const sorted = [...rows].sort((a, b) => a.center - b.center);
    // A spread of nearly nothing is no certainty.
    const floor = 0.02 * (sorted.reduce((sum, { center }) => sum + center, 0) / Math.max(1, sorted.length)) + 1e-9;
    const count = Math.max(1, Math.min(STAGES, Math.floor(sorted.length / LEAST_ROWS)));
    const size = Math.min(sorted.length, Math.max(LEAST_ROWS, Math.ceil((2 * sorted.length) / count)));
    const stages = new Float32Array(count);
    const quantiles = new Float32Array(count * GRID.length);
    for (let s = 0; s < count; s++) {
      const from = count === 1 ? 0 : Math.round((s * (sorted.length - size)) / (count - 1));
      const part = sorted.slice(from, from + size);
      // The outermost stages stand for the ends, not for their middles.
      const place = count === 1 ? size >> 1 : Math.round(((size - 1) * s) / (count - 1));
      stages[s] = part[place]?.center ?? 0;
      quantiles.set(stageQuantiles(part, floor, cap), s * GRID.length);
    }
    return new Calibration(floor, stages, quantiles);
  }

  /** Equally likely remaining lives, increasing, from 0 to `cap`. */
  lives(center: number, spread: number, cap: number): Float64Array {
    const stages = this.#stages;
    let high = 0;
    while (high < stages.length - 1 && (stages[high] as number) < center) high++;
    const low = Math.max(0, high - 1);
    const [a, b] = [stages[low] as number, stages[high] as number];
    const share = b > a ? Math.max(0, Math.min(1, (center - a) / (b - a))) : 1;
    const scale = Math.max(this.#floor, spread);
    const at = (stage: number, i: number) =>
      Math.max(0, Math.min(cap, center + scale * (this.#quantiles[stage * GRID.length + i] as number)));
    const result = new Float64Array(GRID.length);
    for (let i = 0; i < result.length; i++)
      result[i] = share < 1 ? (1 - share) * at(low, i) + share * at(high, i) : at(high, i);
    return result;
  }

  toJSON(): SavedCalibration {
    return { floor: this.#floor, stages: packFloats32(this.#stages), quantiles: packFloats32(this.#quantiles) };
  }

  static fromJSON({ floor, stages, quantiles }: SavedCalibration): Calibration {
    return new Calibration(floor, unpackFloats32(stages), unpackFloats32(quantiles));
  }
}

/** An error that stands for "beyond the cap". */
const BEYOND = 1e30;

function stageQuantiles(rows: readonly HeldOut[], floor: number, cap: number): Float32Array {
  const errors = rows
    .map(({ center, spread, remaining, failed, weight }) => ({
      error: remaining >= cap ? BEYOND : (remaining - center) / Math.max(floor, spread),
      failed: failed || remaining >= cap,
      weight,
    }))
    .sort((a, b) => a.error - b.error || Number(b.failed) - Number(a.failed));
  // From the right, so that what an unfinished life leaves goes to all that are longer, in proportion.
  const mass = new Float64Array(errors.length);
  let later = 0;
  for (const { weight } of errors) later += weight;
  let factor = 1;
  errors.forEach(({ failed, weight }, i) => {
    later -= weight;
    if (failed || later <= 1e-12) mass[i] = weight * factor;
    else factor *= (later + weight) / later;
  });
  const total = mass.reduce((sum, m) => sum + m, 0);
  const result = new Float32Array(GRID.length);
  let i = 0;
  let sum = mass[0] ?? 0;
  GRID.forEach((p, g) => {
    while (i < errors.length - 1 && sum < p * total) sum += mass[++i] as number;
    result[g] = errors[i]?.error ?? 0;
  });
  return result;
}

/** Quantile of the standard normal distribution (Abramowitz & Stegun 26.2.23, error below 4.5e-4). */
function normalQuantile(p: number): number {
  const q = Math.min(p, 1 - p);
  const t = Math.sqrt(-2 * Math.log(q));
  const x = t - (2.515517 + t * (0.802853 + 0.010328 * t)) / (1 + t * (1.432788 + t * (0.189269 + 0.001308 * t)));
  return p < 0.5 ? -x : x;
}
