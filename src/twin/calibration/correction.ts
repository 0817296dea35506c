import { cos, sin } from '../../core/math/index.js';
import type { Response } from './forward.js';
import { weightedRidge } from './linear.js';
import type { Scene } from './scene.js';

/** A learned factor on the model's power for what the physics leaves out (reflection, spectrum, horizon), for JSON. */
export interface Correction {
  readonly names: readonly string[];
  /** Of the features in the training data. */
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  /** Limits that features are kept in, so that nothing is extrapolated. */
  readonly least: readonly number[];
  readonly most: readonly number[];
  /** The factor is 1 + offset + Σ coefficient · (feature − mean) / deviation. */
  readonly offset: number;
  readonly coefficients: readonly number[];
  readonly ridge: number;
  /** Root mean square error by cross-validation, without and with it, W. */
  readonly errorWithout: number;
  readonly errorWith: number;
}

const DEGREES = Math.PI / 180;
const DAY = 86_400_000;
/** The factor stays in these limits. */
const LEAST = 0.5;
const MOST = 1.5;
const RIDGES = [0.003, 0.03, 0.3, 3];
const FOLDS = 6;
/** What the correction must gain in cross-validation to be kept. */
const LEAST_GAIN = 0.01;

/** The features of each row by name. */
export function features(
  scene: Scene,
  response: Response,
  shifts: { sun: number; light: number },
): Map<string, Float64Array> {
  const n = scene.time.length;
  const light = response.light[0] as Float64Array;
  const found = new Map<string, Float64Array>();
  const g = light.map((value) => value / 1000);
  found.set('light', g);
  found.set(
    'light²',
    g.map((value) => value * value),
  );
  if (scene.source === 'plane') {
    if (scene.knowsSite) {
      const { azimuth, zenith } = scene.light(shifts.sun, shifts.light);
      found.set(
        'east',
        azimuth.map((value) => sin(value * DEGREES)),
      );
      found.set(
        'zenith',
        zenith.map((value) => value / 90),
      );
      found.set(
        'zenith²',
        zenith.map((value) => (value / 90) ** 2),
      );
    } else {
      const hour = scene.time.map((t) => (t % DAY) / DAY);
      for (const [k, name] of [
        [1, 'day'],
        [2, 'half day'],
      ] as const) {
        found.set(
          `sin ${name}`,
          hour.map((value) => sin(2 * Math.PI * k * value)),
        );
        found.set(
          `cos ${name}`,
          hour.map((value) => cos(2 * Math.PI * k * value)),
        );
      }
    }
    return found;
  }
  const { azimuth, zenith, clear, ghi } = scene.light(shifts.sun, shifts.light);
  const incidence = response.incidence[0] as Float64Array;
  const reflected = incidence.map((value) => Math.min(5, 1 / Math.max(value, 0.1) - 1) / 5);
  found.set('incidence', reflected);
  const east = azimuth.map((value) => sin(value * DEGREES));
  found.set('east', east);
  found.set(
    'zenith',
    zenith.map((value) => value / 90),
  );
  found.set(
    'zenith²',
    zenith.map((value) => (value / 90) ** 2),
  );
  if (scene.source === 'global') {
    const clearness = ghi.map((value, row) => {
      const bound = clear[row] as number;
      return bound > 10 ? Math.min(1.4, value / bound) : 1;
    });
    found.set('clearness', clearness);
    found.set(
      'clearness²',
      clearness.map((value) => value * value),
    );
    found.set(
      'clearness³',
      clearness.map((value) => value * value * value),
    );
    found.set(
      'clearness × east',
      clearness.map((value, row) => value * (east[row] as number)),
    );
    found.set(
      'clearness × incidence',
      clearness.map((value, row) => value * (reflected[row] as number)),
    );
    found.set('clearness around', around(scene.time, clearness, 0.75 * 3_600_000));
    found.set('clearness of hours', around(scene.time, clearness, 2.5 * 3_600_000));
  }
  const cell = response.cellTemperature;
  found.set(
    'cell',
    cell.map((value) => (Number.isNaN(value) ? 0.25 : value / 100)),
  );
  if (n === 0) return found;
  return found;
}

/** Mean of the values within `reach` ms to either side. */
function around(time: Float64Array, values: Float64Array, reach: number): Float64Array {
  let from = 0;
  let to = 0;
  let sum = 0;
  let count = 0;
  const add = (row: number, sign: 1 | -1) => {
    const value = values[row] as number;
    if (Number.isNaN(value)) return;
    sum += sign * value;
    count += sign;
  };
  return values.map((value, row) => {
    while (to < time.length && (time[to] as number) <= (time[row] as number) + reach) add(to++, 1);
    while ((time[from] as number) < (time[row] as number) - reach) add(from++, -1);
    return count > 0 ? sum / count : value;
  });
}

/** The factor on the model's power at each row. */
export function correctionFactor(correction: Correction, found: Map<string, Float64Array>, rows: number): Float64Array {
  const factor = new Float64Array(rows).fill(1 + correction.offset);
  correction.names.forEach((name, k) => {
    const data = found.get(name);
    if (data === undefined) return;
    const slope = (correction.coefficients[k] as number) / (correction.deviations[k] as number);
    for (let row = 0; row < rows; row++) {
      const value = Math.min(
        correction.most[k] as number,
        Math.max(correction.least[k] as number, data[row] as number),
      );
      factor[row] = (factor[row] as number) + slope * (value - (correction.means[k] as number));
    }
  });
  return factor.map((value) => (Number.isNaN(value) ? 1 : Math.min(MOST, Math.max(LEAST, value))));
}

/** What `fitCorrection` gives. */
export interface CorrectionFit {
  /** Undefined where it gains nothing on days that it has not seen. */
  readonly correction: Correction | undefined;
  /** The power of each row as foretold by a correction that was fitted without that stretch of time, W. */
  readonly outOfFold: Float64Array;
}

/**
 * Fits the correction by ridge regression, its strength chosen by cross-validation over six stretches of time; none is
 * kept unless it lowers the error there by 1 %.
 */
export function fitCorrection(
  scene: Scene,
  response: Response,
  shifts: { sun: number; light: number },
  measured: Float64Array,
  weight: Float64Array,
): CorrectionFit {
  const found = features(scene, response, shifts);
  const names = [...found.keys()];
  const { power } = response;
  const rows = Array.from(measured.keys()).filter(
    (row) =>
      (weight[row] as number) > 0 &&
      (power[row] as number) > 0 &&
      names.every((name) => Number.isFinite((found.get(name) as Float64Array)[row] as number)),
  );
  const none: CorrectionFit = { correction: undefined, outOfFold: power };
  if (rows.length < 60 * names.length) return none;
  const statistic = names.map((name) => {
    const data = found.get(name) as Float64Array;
    const own = Float64Array.from(rows, (row) => data[row] as number);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length) || 1;
    const sorted = own.sort();
    return {
      mean,
      deviation,
      least: sorted[Math.floor(0.002 * sorted.length)] as number,
      most: sorted[Math.ceil(0.998 * (sorted.length - 1))] as number,
    };
  });
  const size = names.length + 1;
  const x = new Float64Array(rows.length * size);
  const y = new Float64Array(rows.length);
  const w = new Float64Array(rows.length);
  const top =
    power
      .filter((value) => value > 0)
      .sort()
      .at(-1) ?? 1;
  rows.forEach((row, i) => {
    // In power, not in ratio: an error at noon counts more than one at dawn.
    const p = (power[row] as number) / top;
    x[i * size] = p;
    names.forEach((name, k) => {
      const { mean, deviation, least, most } = statistic[k] as (typeof statistic)[number];
      const value = Math.min(most, Math.max(least, (found.get(name) as Float64Array)[row] as number));
      x[i * size + k + 1] = (p * (value - mean)) / deviation;
    });
    y[i] = (measured[row] as number) / top - p;
    w[i] = Math.min(1, weight[row] as number);
  });
  const foldOf = (i: number) => Math.min(FOLDS - 1, Math.floor((i / rows.length) * FOLDS));
  const correctionOf = (beta: Float64Array, ridge: number, errorWithout: number, errorWith: number): Correction => ({
    names,
    means: statistic.map(({ mean }) => mean),
    deviations: statistic.map(({ deviation }) => deviation),
    least: statistic.map(({ least }) => least),
    most: statistic.map(({ most }) => most),
    offset: beta[0] as number,
    coefficients: Array.from(beta.subarray(1)),
    ridge,
    errorWithout,
    errorWith,
  });
  const rms = (predict: (row: number) => number) =>
    Math.sqrt(
      rows.reduce((sum, row, i) => sum + (w[i] as number) * ((measured[row] as number) - predict(row)) ** 2, 0) /
        w.reduce((sum, value) => sum + value, 0),
    );
  const errorWithout = rms((row) => power[row] as number);
  let best: { ridge: number; error: number; outOfFold: Float64Array } | undefined;
  for (const ridge of RIDGES) {
    const outOfFold = Float64Array.from(power);
    let possible = true;
    for (let fold = 0; fold < FOLDS && possible; fold++) {
      const beta = weightedRidge(
        x,
        y,
        w.map((value, i) => (foldOf(i) === fold ? 0 : value)),
        size,
        ridge,
      );
      if (beta === undefined) {
        possible = false;
        break;
      }
      const factor = correctionFactor(correctionOf(beta, ridge, 0, 0), found, power.length);
      rows.forEach((row, i) => {
        if (foldOf(i) === fold) outOfFold[row] = (power[row] as number) * (factor[row] as number);
      });
    }
    const error = rms((row) => outOfFold[row] as number);
    if (possible && error < (best?.error ?? Number.POSITIVE_INFINITY)) best = { ridge, error, outOfFold };
  }
  if (best === undefined || best.error > (1 - LEAST_GAIN) * errorWithout) return none;
  const beta = weightedRidge(x, y, w, size, best.ridge);
  if (beta === undefined) return none;
  return { correction: correctionOf(beta, best.ridge, errorWithout, best.error), outOfFold: best.outOfFold };
}
