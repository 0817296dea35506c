import type { Frame } from '../../core/index.js';
import type { Plant } from '../description/plant.js';
import type { SandiaInverter } from '../solar/index.js';
import { sandiaCurve } from '../solar/inverter.js';
import type { Conversion } from './forward.js';
import { weightedRidge } from './linear.js';
import { sumOf, type Target } from './measured.js';

/** What calibration found of the inverters. */
export interface ConversionFit extends Conversion {
  /** Limit of all inverters together, W, and whether the data show it. */
  readonly limit: number;
  readonly limitSeen: boolean;
  /** Whether DC power was there, so that the efficiency curve is measured. */
  readonly curveSeen: boolean;
}

/** The DC power of the plant: measured, or from the strings' voltages and currents. */
export function dcPowerOf(plant: Plant, frame: Frame): Float64Array | undefined {
  if (frame.has('dcPower')) return frame.column('dcPower');
  const inverters = sumOf(
    frame,
    plant.inverters.map(({ id }) => `${id}.dcPower`),
  );
  if (inverters !== undefined) return inverters;
  if (!plant.strings.every(({ id }) => frame.has(`${id}.dcVoltage`) && frame.has(`${id}.dcCurrent`))) return undefined;
  const total = new Float64Array(frame.length);
  for (const { id } of plant.strings) {
    const voltage = frame.column(`${id}.dcVoltage`);
    const current = frame.column(`${id}.dcCurrent`);
    for (let row = 0; row < total.length; row++) {
      total[row] = (total[row] as number) + (voltage[row] as number) * (current[row] as number);
    }
  }
  return total;
}

/**
 * The inverters: their limit from the ceiling that the power keeps to, their efficiency curve from DC and AC power where
 * both are measured. Without them the description stands, with its rating raised to what was seen.
 */
export function fitConversion(plant: Plant, frame: Frame, target: Target): ConversionFit {
  const seen = target.power.filter((value) => value > 0).sort();
  const top = seen[Math.floor(0.9995 * seen.length)] ?? 0;
  const limit = target.kind === 'dc' ? plant.acRating : (target.ceiling ?? Math.max(plant.acRating, top));
  const share = limit / plant.acRating;
  let inverters = plant.inverters.map(({ sandia }) => withLimit(sandia, sandia.pAc0 * share));
  const dc = target.kind === 'ac' ? dcPowerOf(plant, frame) : undefined;
  const curve = dc === undefined ? undefined : measuredCurve(dc, target.power, limit);
  if (curve !== undefined) {
    inverters = inverters.map((inverter) => curveFor(inverter, curve, inverter.pAc0 / limit));
  }
  return { inverters, limit, limitSeen: target.ceiling !== undefined, curveSeen: curve !== undefined };
}

/** The same conversion with another limit of the AC power. */
function withLimit(inverter: SandiaInverter, pAc0: number): SandiaInverter {
  let pDc0 = (inverter.pDc0 * pAc0) / inverter.pAc0;
  // The curve stays: the DC power of the new limit is where the old curve meets it.
  for (let i = 0; i < 20; i++) {
    const error = sandiaCurve(inverter, inverter.vDc0, pDc0) - pAc0;
    if (Math.abs(error) < 1e-9 * pAc0) break;
    pDc0 -= error / 0.95;
  }
  return { ...inverter, pAc0, pDc0 };
}

/** AC = −a + b·DC + c·DC², by robust least squares on relative loads; undefined where the data do not carry it. */
function measuredCurve(
  dc: Float64Array,
  ac: Float64Array,
  limit: number,
): readonly [number, number, number] | undefined {
  const rows = Array.from(ac.keys()).filter((row) => {
    const [p, q] = [dc[row] as number, ac[row] as number];
    return p > 0.02 * limit && q > 0.01 * limit && q < 0.97 * limit && q < 1.02 * p && q > 0.7 * p;
  });
  if (rows.length < 200) return undefined;
  const x = new Float64Array(rows.length * 3);
  const y = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const load = (dc[row] as number) / limit;
    x.set([1, load, load * load], i * 3);
    y[i] = (ac[row] as number) / limit;
  });
  const weights = new Float64Array(rows.length).fill(1);
  let beta: Float64Array | undefined;
  for (let i = 0; i < 8; i++) {
    beta = weightedRidge(x, y, weights, 3, 1e-9);
    if (beta === undefined) return undefined;
    const [a, b, c] = beta as unknown as [number, number, number];
    const errors = y.map((value, row) => {
      const load = x[row * 3 + 1] as number;
      return value - (a + b * load + c * load * load);
    });
    const typical = errors.map(Math.abs).sort()[errors.length >> 1] ?? 0;
    errors.forEach((error, row) => {
      weights[row] = 5 / (4 + (error / (1.4826 * typical + 1e-6)) ** 2);
    });
  }
  const [a, b, c] = beta as unknown as [number, number, number];
  const whole = a + b + c;
  // A loss that grows is physics; gains at no power or an efficiency out of all reason are a sign of bad data.
  return a <= 0.002 && a > -0.05 && c < 0.05 && whole > 0.8 && whole < 1 ? [Math.min(a, -1e-4), b, c] : undefined;
}

function curveFor(
  inverter: SandiaInverter,
  [a, b, c]: readonly [number, number, number],
  share: number,
): SandiaInverter {
  // The curve holds for the plant as a whole; an inverter has its share of it.
  const rating = inverter.pAc0 / share;
  const value = (load: number) => a + b * load + c * load * load;
  let start = -a / b;
  let full = 1 / b;
  for (let i = 0; i < 30; i++) {
    start -= value(start) / (b + 2 * c * start);
    full -= (value(full) - 1) / (b + 2 * c * full);
  }
  return {
    ...inverter,
    pDc0: full * rating * share,
    pS0: start * rating * share,
    c0: c / (rating * share),
    c1: 0,
    c2: 0,
    c3: 0,
  };
}
