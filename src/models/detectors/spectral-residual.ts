import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { ColumnWindows, type SavedWindows } from './column-windows.js';
import type { DetectorEngine, EngineKind } from './engine.js';

/** Options of the spectral-residual engine. */
export interface SpectralResidualOptions {
  /** Rows in the sliding window, a power of two. Default 64. */
  readonly window?: number;
}

interface SpectralResidualState extends SavedWindows {
  readonly window: number;
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
  readonly #windows: ColumnWindows;

  constructor(window: number) {
    this.#window = window;
    this.#windows = new ColumnWindows(window - extension, (recent) => saliency(recent, window));
  }

  *fitWork(rows: Matrix): Work<void> {
    this.#windows.restart(rows.columns);
    yield { phase: 'spectral residual', done: 1, total: 1 };
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    this.#windows.scoreInto(rows, out);
  }

  step(row: Float64Array): number {
    return this.#windows.step(row);
  }

  /** The saliency of each column's newest point; the row is taken as seen already. */
  contributionsInto(_row: Float64Array, out: Float64Array): void {
    this.#windows.contributionsInto(out);
  }

  toJSON(): SpectralResidualState {
    return { window: this.#window, ...this.#windows.save() };
  }

  static restore(state: SpectralResidualState): SpectralResidual {
    const engine = new SpectralResidual(state.window);
    engine.#windows.load(state);
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
