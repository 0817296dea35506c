import { exp, expm1, log1p } from '../../core/math/index.js';
import type { SingleDiode } from './single-diode-parameters.js';

/** Where a circuit gives most power. */
export interface PowerPoint {
  /** A. */
  current: number;
  /** V. */
  voltage: number;
  /** W. */
  power: number;
}

/** The seven points that describe a current–voltage curve. Currents in A, voltages in V, power in W. */
export interface CurvePoints {
  readonly iSc: number;
  readonly vOc: number;
  readonly iMp: number;
  readonly vMp: number;
  readonly pMp: number;
  /** Current at half the open-circuit voltage. */
  readonly iX: number;
  /** Current midway between the voltages of maximum power and of open circuit. */
  readonly iXx: number;
}

const DARK: PowerPoint = { current: 0, voltage: 0, power: 0 };

/** Current, A, at a voltage across the junction (the terminal voltage plus current × series resistance). */
function junctionCurrent(diode: SingleDiode, junction: number): number {
  return (
    diode.photocurrent - diode.saturationCurrent * expm1(junction / diode.nNsVth) - junction / diode.shuntResistance
  );
}

/** Derivative of `junctionCurrent`, A/V; negative. */
function junctionSlope(diode: SingleDiode, junction: number): number {
  return (-diode.saturationCurrent / diode.nNsVth) * exp(junction / diode.nNsVth) - 1 / diode.shuntResistance;
}

/** Newton from the right end of a function that is increasing and convex there, so that it cannot overshoot. */
function descend(start: number, value: (x: number) => number, slope: (x: number) => number): number {
  let x = start;
  for (let count = 0; count < 100; count++) {
    const step = value(x) / slope(x);
    x -= step;
    if (Math.abs(step) <= 4e-16 * Math.abs(x)) break;
  }
  return x;
}

/** Open-circuit voltage, V, exact to the last digits. */
export function openCircuitVoltage(diode: SingleDiode): number {
  if (!(diode.photocurrent > 0)) return 0;
  const start = diode.nNsVth * log1p(diode.photocurrent / diode.saturationCurrent);
  return descend(
    start,
    (x) => -junctionCurrent(diode, x),
    (x) => -junctionSlope(diode, x),
  );
}

/** Current, A, at a terminal voltage, V; negative above the open-circuit voltage. */
export function currentAtVoltage(diode: SingleDiode, voltage: number): number {
  const rs = diode.seriesResistance;
  if (rs === 0) return junctionCurrent(diode, voltage);
  // Both are upper bounds of the junction voltage: all the photocurrent through the resistor, and open circuit or beyond.
  const bound = voltage + Math.max(diode.photocurrent, 0) * rs;
  const start =
    diode.photocurrent > 0
      ? Math.min(bound, Math.max(voltage, diode.nNsVth * log1p(diode.photocurrent / diode.saturationCurrent)))
      : Math.max(bound, 0);
  const junction = descend(
    start,
    (x) => x - rs * junctionCurrent(diode, x) - voltage,
    (x) => 1 - rs * junctionSlope(diode, x),
  );
  return junctionCurrent(diode, junction);
}

/** Terminal voltage, V, at which the circuit carries a current, A, below its photocurrent. */
export function voltageAtCurrent(diode: SingleDiode, current: number): number {
  const excess = diode.photocurrent - current;
  const linear = excess * diode.shuntResistance;
  const start = excess > 0 ? Math.min(linear, diode.nNsVth * log1p(excess / diode.saturationCurrent)) : linear;
  const junction =
    excess > 0
      ? descend(
          start,
          (x) => current - junctionCurrent(diode, x),
          (x) => -junctionSlope(diode, x),
        )
      : descend(
          0,
          (x) => current - junctionCurrent(diode, x),
          (x) => -junctionSlope(diode, x),
        );
  return junction - current * diode.seriesResistance;
}

/** Junction voltage of maximum power: Newton on dP/dV = 0 from `start`, kept inside (0, open circuit). */
function powerPointJunction(diode: SingleDiode, open: number): number {
  const { nNsVth: a, seriesResistance: rs } = diode;
  let low = 0;
  let high = open;
  let x = Math.max(open - a * log1p(open / a), 0.3 * open);
  for (let count = 0; count < 100; count++) {
    const current = junctionCurrent(diode, x);
    const slope = junctionSlope(diode, x);
    const curvature = (-diode.saturationCurrent / (a * a)) * exp(x / a);
    const voltage = x - rs * current;
    const voltageSlope = 1 - rs * slope;
    const gradient = slope * voltage + current * voltageSlope;
    if (gradient > 0) low = x;
    else high = x;
    const second = curvature * (voltage - rs * current) + 2 * slope * voltageSlope;
    let next = x - gradient / second;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const step = Math.abs(next - x);
    x = next;
    if (step <= 4e-16 * x) break;
  }
  return x;
}

/**
 * Maximum power point of a circuit, exact to the last digits: the root of dP/dV, not a search on the flat top of P.
 * In the dark all is 0.
 */
export function maximumPowerPoint(diode: SingleDiode): PowerPoint {
  if (!(diode.photocurrent > 0)) return { ...DARK };
  const x = powerPointJunction(diode, openCircuitVoltage(diode));
  const current = junctionCurrent(diode, x);
  const voltage = x - current * diode.seriesResistance;
  return { current, voltage, power: current * voltage };
}

/** The seven points of the curve. */
export function curvePoints(diode: SingleDiode): CurvePoints {
  if (!(diode.photocurrent > 0)) return { iSc: 0, vOc: 0, iMp: 0, vMp: 0, pMp: 0, iX: 0, iXx: 0 };
  const vOc = openCircuitVoltage(diode);
  const { current, voltage, power } = maximumPowerPoint(diode);
  return {
    iSc: currentAtVoltage(diode, 0),
    vOc,
    iMp: current,
    vMp: voltage,
    pMp: power,
    iX: currentAtVoltage(diode, 0.5 * vOc),
    iXx: currentAtVoltage(diode, 0.5 * (vOc + voltage)),
  };
}

/** `count` points of the curve from short to open circuit, evenly spaced in junction voltage (denser at the knee). */
export function currentVoltageCurve(diode: SingleDiode, count = 100): { voltage: Float64Array; current: Float64Array } {
  const voltage = new Float64Array(count);
  const current = new Float64Array(count);
  if (!(diode.photocurrent > 0)) return { voltage, current };
  const open = openCircuitVoltage(diode);
  const first = currentAtVoltage(diode, 0) * diode.seriesResistance;
  for (let k = 0; k < count; k++) {
    const junction = first + ((open - first) * k) / (count - 1);
    current[k] = k === count - 1 ? 0 : junctionCurrent(diode, junction);
    voltage[k] = k === 0 ? 0 : junction - (current[k] as number) * diode.seriesResistance;
  }
  return { voltage, current };
}
