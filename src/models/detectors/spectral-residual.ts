import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, rowOf } from './engine.js';

/** Options of the spectral-residual engine. */
export interface SpectralResidualOptions {
  /** Rows in the sliding window, a power of two. Default 64. */
  readonly window?: number;
}

interface SpectralResidualState {
  readonly window: number;
  readonly recent: readonly string[];
  readonly seen: number;
}

/** Points by which the series is extended beyond its end, so that the newest point is not at the transform's edge. */
const extension = 5;
/** Width of the moving averages over the log spectrum and over the saliency map. */
const smoothing = 3;

/**
 * Spectral residual (Ren et al. 2019): what remains of a window's log amplitude spectrum after its smooth part is taken
 * off, transformed back, is large where the series does what the rest of the window does not explain. Needs no
 * training; single series (the score is the largest column's), spikes and short bursts.
 */
class SpectralResidual implements DetectorEngine {
  readonly #window: number;
  #recent: Float64Array[] = [];
  #seen = 0;

  constructor(window: number) {
    this.#window = window;
  }

  *fitWork(rows: Matrix): Work<void> {
    this.#restart(rows.columns);
    yield { phase: 'spectral residual', done: 1, total: 1 };
  }

  #restart(columns: number): void {
    this.#recent = Array.from({ length: columns }, () => new Float64Array(this.#window - extension));
    this.#seen = 0;
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    const [recent, seen] = [this.#recent, this.#seen];
    this.#restart(rows.columns);
    for (let i = 0; i < rows.rows; i++) out[i] = this.step(rowOf(rows, i));
    this.#recent = recent;
    this.#seen = seen;
  }

  step(row: Float64Array): number {
    this.#seen++;
    let worst = 0;
    for (let j = 0; j < row.length; j++) {
      const recent = this.#recent[j] as Float64Array;
      recent.copyWithin(0, 1);
      recent[recent.length - 1] = row[j] as number;
      if (this.#seen >= recent.length) worst = Math.max(worst, saliency(recent, this.#window));
    }
    return worst;
  }

  /** The saliency of each column's newest point; the row is taken as seen already. */
  contributionsInto(row: Float64Array, out: Float64Array): void {
    for (let j = 0; j < row.length; j++) {
      const recent = this.#recent[j] as Float64Array;
      out[j] = this.#seen >= recent.length ? Math.max(0, saliency(recent, this.#window)) : 0;
    }
  }

  toJSON(): SpectralResidualState {
    return { window: this.#window, recent: this.#recent.map(packFloats), seen: this.#seen };
  }

  static restore(state: SpectralResidualState): SpectralResidual {
    const engine = new SpectralResidual(state.window);
    engine.#recent = state.recent.map(unpackFloats);
    engine.#seen = state.seen;
    return engine;
  }
}

/** How far the newest point's saliency stands above the window's mean saliency, relative to it. */
function saliency(recent: Float64Array, window: number): number {
  const last = recent.length - 1;
  const re = new Float64Array(window);
  const im = new Float64Array(window);
  re.set(recent);
  let slope = 0;
  for (let i = 1; i <= extension; i++) {
    slope += ((recent[last] as number) - (recent[last - i] as number)) / i / extension;
  }
  re.fill((recent[last - extension + 1] as number) + slope * extension, recent.length);
  fourier(re, im, 1);
  const logAmplitude = new Float64Array(window);
  for (let i = 0; i < window; i++) logAmplitude[i] = Math.log(Math.hypot(re[i] as number, im[i] as number) + 1e-8);
  const smooth = movingMean(logAmplitude);
  for (let i = 0; i < window; i++) {
    const amplitude = Math.exp(logAmplitude[i] as number);
    const factor = Math.exp((logAmplitude[i] as number) - (smooth[i] as number)) / amplitude;
    re[i] = (re[i] as number) * factor;
    im[i] = (im[i] as number) * factor;
  }
  fourier(re, im, -1);
  let mean = 0;
  for (let i = 0; i < recent.length; i++) mean += Math.hypot(re[i] as number, im[i] as number) / recent.length;
  return (Math.hypot(re[last] as number, im[last] as number) - mean) / Math.max(mean, 1e-12);
}

function movingMean(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] as number;
    if (i >= smoothing) sum -= values[i - smoothing] as number;
    out[i] = sum / Math.min(i + 1, smoothing);
  }
  return out;
}

/** Radix-2 Fourier transform in place; `sign` 1 forward, −1 backward without the division by the length. */
function fourier(re: Float64Array, im: Float64Array, sign: 1 | -1): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] as number, re[i] as number];
      [im[i], im[j]] = [im[j] as number, im[i] as number];
    }
  }
  for (let size = 2; size <= n; size <<= 1) {
    const angle = (-2 * Math.PI * sign) / size;
    for (let k = 0; k < size / 2; k++) {
      const wr = Math.cos(angle * k);
      const wi = Math.sin(angle * k);
      for (let start = k; start < n; start += size) {
        const other = start + size / 2;
        const xr = (re[other] as number) * wr - (im[other] as number) * wi;
        const xi = (re[other] as number) * wi + (im[other] as number) * wr;
        re[other] = (re[start] as number) - xr;
        im[other] = (im[start] as number) - xi;
        re[start] = (re[start] as number) + xr;
        im[start] = (im[start] as number) + xi;
      }
    }
  }
}

/** Spectral residual over a sliding window. */
export const spectralResidual: EngineKind<SpectralResidualOptions> = {
  name: 'spectral-residual',
  tags: { missing: false, sequential: true, online: false },
  create: ({ window = 64 }, _random: Random) => new SpectralResidual(window),
  restore: (state: SpectralResidualState) => SpectralResidual.restore(state),
};
