/** The five parameters of a single-diode device at its present irradiance and temperature. */
export interface DiodeParameters {
  /** Light current, A. */
  iL: number;
  /** Saturation current, A. */
  i0: number;
  /** Series resistance, Ω. */
  rs: number;
  /** Shunt resistance, Ω. */
  rsh: number;
  /** Modified ideality factor, V. */
  a: number;
}

/** A point on a curve. */
export interface OperatingPoint {
  voltage: number;
  current: number;
  power: number;
}

/** Open-circuit voltage, V: the root of the diode equation at zero current. */
export function openCircuitVoltage(d: DiodeParameters): number {
  if (d.iL <= 0) return 0;
  let y = d.a * Math.log1p(d.iL / d.i0);
  // The current falls ever steeper with y, so Newton's method comes down from the right without overshooting.
  for (let i = 0; i < 50; i++) {
    const e = d.i0 * Math.exp(y / d.a);
    const step = (d.iL - e + d.i0 - y / d.rsh) / (e / d.a + 1 / d.rsh);
    y += step;
    if (Math.abs(step) < 1e-13 * y) break;
  }
  return y;
}

/** Current at a voltage, A. */
export function currentAt(d: DiodeParameters, voltage: number): number {
  // Solved for the voltage y across the diode; the root lies at or below V + Rs·IL.
  let y = Math.min(voltage + d.rs * d.iL, Math.max(voltage, d.a * Math.log1p(d.iL / d.i0) + d.a));
  for (let i = 0; i < 60; i++) {
    const e = d.i0 * Math.exp(y / d.a);
    const current = d.iL - e + d.i0 - y / d.rsh;
    const step = (voltage + d.rs * current - y) / (1 + d.rs * (e / d.a + 1 / d.rsh));
    y += step;
    if (Math.abs(step) < 1e-13 * (Math.abs(y) + 1e-3)) break;
  }
  return d.iL - d.i0 * Math.expm1(y / d.a) - y / d.rsh;
}

/** Voltage at a current, V; far negative beyond the light current, as the shunt has it. */
export function voltageAt(d: DiodeParameters, current: number): number {
  const available = d.iL - current;
  let y = available > 0 ? d.a * Math.log1p(available / d.i0) : available * d.rsh;
  for (let i = 0; i < 60; i++) {
    const e = d.i0 * Math.exp(y / d.a);
    const step = (available - e + d.i0 - y / d.rsh) / (e / d.a + 1 / d.rsh);
    y += step;
    if (Math.abs(step) < 1e-12 * (Math.abs(y) + 1e-3)) break;
  }
  return y - current * d.rs;
}

/** The maximum power point, written to `out`: the root of dP/dy, found by Newton's method kept within its bracket. */
export function maximumPower(d: DiodeParameters, out: OperatingPoint): void {
  if (d.iL <= 0) {
    out.voltage = 0;
    out.current = 0;
    out.power = 0;
    return;
  }
  let low = 0;
  let high = openCircuitVoltage(d);
  let y = 0.85 * high;
  for (let i = 0; i < 60; i++) {
    const e = d.i0 * Math.exp(y / d.a);
    const current = d.iL - e + d.i0 - y / d.rsh;
    const slope = -e / d.a - 1 / d.rsh;
    const voltage = y - current * d.rs;
    const gradient = slope * voltage + current * (1 - slope * d.rs);
    if (gradient > 0) low = y;
    else high = y;
    const bend = -e / (d.a * d.a);
    const curvature = bend * voltage + 2 * slope * (1 - slope * d.rs) - current * bend * d.rs;
    let next = y - gradient / curvature;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const step = Math.abs(next - y);
    y = next;
    if (step < 1e-14 * y) break;
  }
  out.current = d.iL - d.i0 * Math.expm1(y / d.a) - y / d.rsh;
  out.voltage = y - out.current * d.rs;
  out.power = out.voltage * out.current;
}
