import {
  currentAtVoltage,
  openCircuitVoltage,
  type PowerPoint,
  type SingleDiode,
  voltageAtCurrent,
} from '../solar/index.js';

/** Forward voltage of a conducting bypass diode, V. */
const BYPASS_VOLTAGE = 0.5;
/** Where a group without a bypass diode breaks through in reverse, V. */
const BREAKDOWN_VOLTAGE = 15;

/** Some equal cell groups of a string. */
export interface GroupClass {
  /** Parameters of one group at its irradiance and temperature. */
  readonly diode: SingleDiode;
  /** How many of them are in series. */
  count: number;
  /** Whether their bypass diodes work. */
  bypass: boolean;
}

/** A string as its classes of cell groups in series, and how many such strings are in parallel. */
export interface StringCurve {
  readonly classes: readonly GroupClass[];
  /** Strings alike. */
  parallel: number;
}

/** Voltage of a string at a current, V. */
export function stringVoltage(curve: StringCurve, current: number): number {
  let voltage = 0;
  for (const { diode, count, bypass } of curve.classes) {
    if (count <= 0) continue;
    const group = voltageAtCurrent(diode, current);
    voltage += count * Math.max(group, bypass ? -BYPASS_VOLTAGE : -BREAKDOWN_VOLTAGE);
  }
  return voltage;
}

/** Open-circuit voltage of a string, V. */
export function stringOpenVoltage(curve: StringCurve): number {
  let voltage = 0;
  for (const { diode, count } of curve.classes) voltage += count * openCircuitVoltage(diode);
  return voltage;
}

function greatestCurrent(curve: StringCurve): number {
  let most = 0;
  for (const { diode, count } of curve.classes) if (count > 0) most = Math.max(most, diode.photocurrent);
  return most;
}

/**
 * Current of one string at a voltage, A: for equal groups in one step, else by regula falsi (Illinois) on the voltage,
 * which falls with the current. Blocking diodes keep it from going below 0.
 */
export function stringCurrent(curve: StringCurve, voltage: number): number {
  const first = curve.classes[0];
  if (first === undefined) return 0;
  if (curve.classes.length === 1) return Math.max(0, currentAtVoltage(first.diode, voltage / first.count));
  let low = 0;
  let lowError = stringOpenVoltage(curve) - voltage;
  if (lowError <= 0) return 0;
  let high = greatestCurrent(curve);
  let highError = stringVoltage(curve, high) - voltage;
  if (highError >= 0) return high;
  for (let i = 0; i < 80; i++) {
    let middle = (low * highError - high * lowError) / (highError - lowError);
    if (i % 3 === 2 || !(middle > low && middle < high)) middle = 0.5 * (low + high);
    const error = stringVoltage(curve, middle) - voltage;
    if (error > 0) {
      low = middle;
      lowError = error;
      highError *= 0.5;
    } else {
      high = middle;
      highError = error;
      lowError *= 0.5;
    }
    if (high - low < 1e-11 * high || Math.abs(error) < 1e-10) break;
  }
  return 0.5 * (low + high);
}

/** Current of strings in parallel at a voltage, A. */
export function parallelCurrent(curves: readonly StringCurve[], voltage: number): number {
  let current = 0;
  for (const curve of curves) current += curve.parallel * stringCurrent(curve, voltage);
  return current;
}

const GOLDEN = 0.3819660112501051;

/** The greatest `value(x)` between `low` and `high`, where it has one top there (golden section). */
function top(value: (x: number) => number, low: number, high: number, tolerance: number): number {
  let a = low;
  let b = high;
  let x1 = a + GOLDEN * (b - a);
  let x2 = b - GOLDEN * (b - a);
  let f1 = value(x1);
  let f2 = value(x2);
  while (b - a > tolerance) {
    if (f1 < f2) {
      a = x1;
      x1 = x2;
      f1 = f2;
      x2 = b - GOLDEN * (b - a);
      f2 = value(x2);
    } else {
      b = x2;
      x2 = x1;
      f2 = f1;
      x1 = a + GOLDEN * (b - a);
      f1 = value(x1);
    }
  }
  return 0.5 * (a + b);
}

/**
 * The greatest of the power maxima of strings that differ, on one tracker, written to `out`. With bypass diodes the
 * curve can have several tops: a scan of the voltage finds the hill, golden section its top.
 */
export function networkMaximumPower(curves: readonly StringCurve[], out: PowerPoint): void {
  let open = 0;
  for (const curve of curves) open = Math.max(open, stringOpenVoltage(curve));
  out.voltage = 0;
  out.current = 0;
  out.power = 0;
  if (open <= 0) return;
  const only = curves.length === 1 ? curves[0] : undefined;
  // One string is scanned by its current, which saves the root finding; several by their common voltage.
  const span = only === undefined ? open : greatestCurrent(only);
  const power =
    only === undefined ? (v: number) => v * parallelCurrent(curves, v) : (i: number) => i * stringVoltage(only, i);
  const points = 24;
  let best = 0;
  let bestPower = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < points; i++) {
    const here = power((span * i) / points);
    if (here > bestPower) {
      bestPower = here;
      best = i;
    }
  }
  const x = top(power, (span * (best - 1)) / points, (span * Math.min(points, best + 1)) / points, span * 1e-7);
  out.voltage = only === undefined ? x : stringVoltage(only, x);
  out.current = only === undefined ? parallelCurrent(curves, x) : only.parallel * x;
  out.power = out.voltage * out.current;
}
