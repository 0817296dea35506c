import { pow } from '../../core/math/index.js';
import { cosDegrees } from './angles.js';
import { erf } from './error-function.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Sums of a column over windows that end at each row and reach back `span` ms, the far end open. One running sum carries
 * its rounding errors along (Kahan), so that thresholds are not missed by a last bit.
 */
function windowSums(time: Float64Array, values: Float64Array, span: number): Float64Array {
  const sums = new Float64Array(time.length);
  let first = 0;
  let sum = 0;
  let lost = 0;
  const add = (value: number): void => {
    const part = value - lost;
    const next = sum + part;
    lost = next - sum - part;
    sum = next;
  };
  for (let row = 0; row < time.length; row++) {
    for (; (time[first] as number) <= (time[row] as number) - span; first++) add(-(values[first] as number));
    add(values[row] as number);
    sums[row] = sum;
  }
  return sums;
}

/** Options of `soilingHsu`. */
export interface HsuOptions {
  /** Rain in the window, mm, from which it cleans. */
  readonly cleaningThreshold: number;
  /** Degrees. */
  readonly surfaceTilt: number;
  /** Deposition velocity of the fine dust, m/s; default 0.0009. */
  readonly depositionVelocity25?: number;
  /** Deposition velocity of the coarse dust, m/s; default 0.004. */
  readonly depositionVelocity10?: number;
  /** Length of the window in which rain is added up, h; default 1. */
  readonly rainHours?: number;
}

/**
 * Part of the light that dirt lets through, row by row, from rain and airborne dust. Mass piles up from the first row on;
 * rain at or above the threshold removes all.
 * Source: M. Coello, L. Boyle: Simple model for predicting time series soiling of photovoltaic panels, IEEE J.
 * Photovoltaics 9, 1382–1387, 2019.
 *
 * @param time ms since the epoch, at least two rows
 * @param rain mm in each step
 * @param pm25 fine dust (below 2.5 µm), g/m³
 * @param pm10 all dust below 10 µm, g/m³
 */
export function soilingHsu(
  time: Float64Array,
  rain: Float64Array,
  pm25: Float64Array,
  pm10: Float64Array,
  options: HsuOptions,
): Float64Array {
  const { cleaningThreshold, surfaceTilt, depositionVelocity25 = 0.0009, depositionVelocity10 = 0.004 } = options;
  const accumulated = windowSums(time, rain, (options.rainHours ?? 1) * HOUR);
  const ratio = new Float64Array(time.length);
  const facing = cosDegrees(surfaceTilt);
  let mass = 0;
  for (let row = 0; row < time.length; row++) {
    // The step before the first row is taken as long as the first.
    const later = Math.max(row, 1);
    const seconds = ((time[later] as number) - (time[later - 1] as number)) / 1000;
    const fine = pm25[row] as number;
    const coarse = Math.max((pm10[row] as number) - fine, 0);
    mass += (fine * depositionVelocity25 + coarse * depositionVelocity10) * seconds * facing;
    if ((accumulated[row] as number) >= cleaningThreshold) mass = 0;
    ratio[row] = 1 - 0.3437 * erf(0.17 * pow(mass, 0.8473));
  }
  return ratio;
}

/** Options of `soilingKimber`. */
export interface KimberOptions {
  /** Rain in the window, mm, above which it cleans; default 6. */
  readonly cleaningThreshold?: number;
  /** Loss that a dry day adds; default 0.0015. */
  readonly lossRate?: number;
  /** Days after rain in which the ground is damp and nothing settles; default 14. */
  readonly graceDays?: number;
  /** Default 0.3. */
  readonly maxLoss?: number;
  /** Loss at the first row; default 0. */
  readonly initialLoss?: number;
  /** Length of the window in which rain is added up, h; default 24. */
  readonly rainHours?: number;
  /** Instants, ms, at which the array is washed. */
  readonly washes?: readonly number[];
}

/**
 * Fraction of light lost to dirt, row by row: it grows by a daily rate until rain above the threshold, and not at all in
 * the grace period after it.
 * Source: A. Kimber et al.: The effect of soiling on large grid-connected photovoltaic systems in California and the
 * southwest region of the United States, 4th WCPEC, 2006.
 *
 * @param time ms since the epoch, evenly spaced, at least two rows
 * @param rain mm in each step
 */
export function soilingKimber(time: Float64Array, rain: Float64Array, options: KimberOptions = {}): Float64Array {
  const { cleaningThreshold = 6, lossRate = 0.0015, graceDays = 14, maxLoss = 0.3, initialLoss = 0 } = options;
  const accumulated = windowSums(time, rain, (options.rainHours ?? 24) * HOUR);
  const washes = new Set(options.washes);
  const loss = new Float64Array(time.length);
  let dirt = initialLoss;
  let lastRain = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < time.length; row++) {
    const now = time[row] as number;
    if (row > 0) dirt += (lossRate * (now - (time[row - 1] as number))) / DAY;
    if ((accumulated[row] as number) > cleaningThreshold) lastRain = now;
    if (now - lastRain < graceDays * DAY || washes.has(now)) dirt = 0;
    loss[row] = Math.min(dirt, maxLoss);
  }
  return loss;
}
