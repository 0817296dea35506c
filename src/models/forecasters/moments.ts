import type { Series } from './series.js';

/**
 * Second moments of all windows of one length in a series: `S[i][j] = Σ_s z[s+i]·z[s+j]` over the window starts s. Each
 * diagonal follows from its first element by adding what comes in and taking off what goes out, so that the whole matrix
 * costs O(windows · size + size²) and not O(windows · size²). From it every least-squares fit on lagged windows follows.
 */
export interface Moments {
  /** Length of a window: look-back plus horizon. */
  readonly size: number;
  /** Number of windows summed. */
  readonly count: number;
  /** size × size, row-major, symmetric. */
  readonly data: Float64Array;
}

/** The moments of the windows that begin at `from` … and end before `to`; `weight` multiplies every value. */
export function windowMoments(z: Float64Array, from: number, to: number, size: number, weight: number): Moments {
  const count = Math.max(0, to - from - size + 1);
  const data = new Float64Array(size * size);
  if (count === 0) return { size, count, data };
  const square = weight * weight;
  for (let j = 0; j < size; j++) {
    let sum = 0;
    for (let s = 0; s < count; s++) sum += (z[from + s] as number) * (z[from + s + j] as number);
    data[j] = sum * square;
    data[j * size] = sum * square;
  }
  for (let i = 0; i + 1 < size; i++) {
    const out = z[from + i] as number;
    const incoming = z[from + count + i] as number;
    for (let j = i; j + 1 < size; j++) {
      const next =
        (data[i * size + j] as number) +
        square * (incoming * (z[from + count + j] as number) - out * (z[from + j] as number));
      data[(i + 1) * size + j + 1] = next;
      data[(j + 1) * size + i + 1] = next;
    }
  }
  return { size, count, data };
}

/** Adds moments of equal size. */
export function addMoments(list: readonly Moments[], size: number): Moments {
  const data = new Float64Array(size * size);
  let count = 0;
  for (const moments of list) {
    count += moments.count;
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + (moments.data[i] as number);
  }
  return { size, count, data };
}

/**
 * The moments, divided by their count, after the mean of the values `start ≤ i < lookback` of each window was taken off
 * the whole window (instance normalisation): what remains is about the shape, not about the level.
 */
export function centred({ size, count, data }: Moments, start: number, lookback: number): Float64Array {
  const n = lookback - start;
  const cross = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let k = start; k < lookback; k++) sum += data[i * size + k] as number;
    cross[i] = sum / n;
  }
  let square = 0;
  for (let k = start; k < lookback; k++) square += (cross[k] as number) / n;
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      result[i * size + j] =
        ((data[i * size + j] as number) - (cross[i] as number) - (cross[j] as number) + square) / Math.max(1, count);
    }
  }
  return result;
}

/** Standard deviation of the measured values before `until`, at least a tiny part of their size. */
export function deviation(series: Series, until: number): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < until; i++) {
    const value = (series.target[i] as number) / series.scale;
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return series.scale * Math.max(1e-6, Math.sqrt(Math.max(0, squares / count - mean * mean)));
}

/** The last `lookback` values up to `origin`; where the series begins later, its first value goes before it. */
export function lookBack(series: Series, origin: number, lookback: number, into: Float64Array): Float64Array {
  const { filled } = series;
  const from = origin - lookback + 1;
  for (let i = 0; i < lookback; i++) into[i] = filled[Math.max(0, from + i)] as number;
  return into;
}
