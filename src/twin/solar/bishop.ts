import { TwinergyError } from '../../core/errors.js';
import { exp, expm1, log1p, pow } from '../../core/math/index.js';
import type { PowerPoint } from './single-diode.js';
import type { SingleDiode } from './single-diode-parameters.js';

/**
 * A single-diode circuit that also knows what happens in reverse bias, and recombination in thin films.
 * Sources: J. W. Bishop: Computer simulation of the effects of electrical mismatches in photovoltaic cell interconnection
 * circuits, Solar Cells 25, 73–89, 1988; J. Merten et al., IEEE Trans. Electron Devices 45, 423–429, 1998 (recombination).
 */
export interface BishopDiode extends SingleDiode {
  /** Part of the shunt current that multiplies in the avalanche; default 0: no breakdown. */
  readonly breakdownFactor?: number;
  /** V, negative; default −5.5. */
  readonly breakdownVoltage?: number;
  /** Default 3.28. */
  readonly breakdownExponent?: number;
  /** d²/μτ of the recombination current, V; default 0. */
  readonly recombination?: number;
  /** Built-in voltage times the cells in series, V; default infinite. */
  readonly builtInVoltage?: number;
}

/** A point of the curve at a junction voltage, with its exact derivatives. */
export interface BishopPoint extends PowerPoint {
  /** dI/dVd, A/V. */
  readonly currentSlope: number;
  /** dV/dVd. */
  readonly voltageSlope: number;
  /** dI/dV, A/V. */
  readonly conductance: number;
  /** dP/dV, A. */
  readonly powerGradient: number;
  /** d(dP/dV)/dVd, A/V. */
  readonly powerCurvature: number;
}

/**
 * The point of the curve at a junction voltage Vd = V + I·Rs, V. In reverse bias the cell takes power up.
 *
 * @throws TwinergyError `DIODE_BREAKDOWN_POLE` at or below the breakdown voltage, where the model has its pole.
 */
export function bishopPoint(diode: BishopDiode, junction: number): BishopPoint {
  const { nNsVth: a, seriesResistance: rs } = diode;
  const conductance = 1 / diode.shuntResistance;
  let current = diode.photocurrent - diode.saturationCurrent * expm1(junction / a) - junction * conductance;
  const exponential = (diode.saturationCurrent / a) * exp(junction / a);
  let slope = -exponential - conductance;
  let curvature = -exponential / a;
  const { breakdownFactor = 0, breakdownVoltage = -5.5, breakdownExponent: m = 3.28 } = diode;
  if (breakdownFactor > 0) {
    const left = 1 - junction / breakdownVoltage;
    if (!(left > 0))
      throw new TwinergyError(
        'DIODE_BREAKDOWN_POLE',
        `The junction voltage ${junction} V must lie above the breakdown voltage, ${breakdownVoltage} V.`,
        { value: junction },
      );
    const avalanche = breakdownFactor * conductance * pow(left, -m);
    const growth = m / (breakdownVoltage * left);
    current -= junction * avalanche;
    slope -= avalanche * (1 + junction * growth);
    curvature -= avalanche * growth * (2 + (junction * (m + 1)) / (breakdownVoltage * left));
  }
  const { recombination = 0, builtInVoltage = Number.POSITIVE_INFINITY } = diode;
  if (recombination > 0) {
    const room = builtInVoltage - junction;
    const lost = (diode.photocurrent * recombination) / room;
    current -= lost;
    slope -= lost / room;
    curvature -= (2 * lost) / (room * room);
  }
  const voltage = junction - current * rs;
  const voltageSlope = 1 - slope * rs;
  const didv = slope / voltageSlope;
  // dI/dV = I'/(1 − Rs I'), whose derivative by Vd is I''/(1 − Rs I')².
  const didvSlope = curvature / (voltageSlope * voltageSlope);
  return {
    current,
    voltage,
    power: current * voltage,
    currentSlope: slope,
    voltageSlope,
    conductance: didv,
    powerGradient: voltage * didv + current,
    powerCurvature: voltageSlope * didv + voltage * didvSlope + slope,
  };
}

/** Root of a function of the junction voltage that grows with it, by Newton inside a bracket that halving keeps. */
function increasingRoot(
  value: (junction: number) => readonly [value: number, slope: number],
  lower: number,
  upper: number,
  start: number,
): number {
  let [low, high, x] = [lower, upper, start];
  for (let count = 0; count < 200; count++) {
    const [f, slope] = value(x);
    if (f < 0) low = x;
    else high = x;
    let next = x - f / slope;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const step = Math.abs(next - x);
    x = next;
    if (step <= 4e-16 * Math.abs(x)) break;
  }
  return x;
}

/** Junction voltages between which every answer lies: the pole of the breakdown and open circuit. */
function junctionRange(diode: BishopDiode): { low: number; open: number } {
  const { breakdownFactor = 0, breakdownVoltage = -5.5, builtInVoltage = Number.POSITIVE_INFINITY } = diode;
  const low = breakdownFactor > 0 ? breakdownVoltage * (1 - 1e-12) : -1e6;
  const high = Math.min(
    diode.nNsVth * log1p(Math.max(diode.photocurrent, 0) / diode.saturationCurrent),
    builtInVoltage * (1 - 1e-12),
  );
  if (!(diode.photocurrent > 0)) return { low, open: 0 };
  const open = increasingRoot(
    (x) => {
      const point = bishopPoint(diode, x);
      return [-point.current, -point.currentSlope];
    },
    0,
    high * (1 + 1e-12),
    high,
  );
  return { low, open };
}

/** Current, A, at a terminal voltage, V, from deep reverse bias up to and beyond open circuit. */
export function bishopCurrentAtVoltage(diode: BishopDiode, voltage: number): number {
  const { low, open } = junctionRange(diode);
  const { builtInVoltage = Number.POSITIVE_INFINITY } = diode;
  const high = Math.min(Math.max(open, voltage) + diode.nNsVth * 1e-9 + Number.MIN_VALUE, builtInVoltage * (1 - 1e-12));
  const junction = increasingRoot(
    (x) => {
      const point = bishopPoint(diode, x);
      return [point.voltage - voltage, point.voltageSlope];
    },
    low,
    high,
    Math.min(Math.max(voltage + diode.photocurrent * diode.seriesResistance, low + 1e-9), high),
  );
  return bishopPoint(diode, junction).current;
}

/** Terminal voltage, V, at which the circuit carries a current, A: negative when more is forced than the light gives. */
export function bishopVoltageAtCurrent(diode: BishopDiode, current: number): number {
  const { low, open } = junctionRange(diode);
  const linear = (diode.photocurrent - current) * diode.shuntResistance;
  const lower = Math.max(low, Math.min(linear, 0) - Math.abs(linear) * 1e-9 - 1e-9);
  const junction = increasingRoot(
    (x) => {
      const point = bishopPoint(diode, x);
      return [current - point.current, -point.currentSlope];
    },
    lower,
    current >= 0 ? open + 1e-12 : open + diode.nNsVth * log1p(-current / diode.saturationCurrent) + 1e-12,
    current >= 0 ? Math.max(lower, 0.5 * open) : open,
  );
  return bishopPoint(diode, junction).voltage;
}

/** Maximum power point, exact to the last digits: the root of dP/dV. */
export function bishopMaximumPowerPoint(diode: BishopDiode): PowerPoint {
  if (!(diode.photocurrent > 0)) return { current: 0, voltage: 0, power: 0 };
  const { open } = junctionRange(diode);
  const junction = increasingRoot(
    (x) => {
      const point = bishopPoint(diode, x);
      return [-point.powerGradient, -point.powerCurvature];
    },
    0,
    open,
    Math.max(open - diode.nNsVth * log1p(open / diode.nNsVth), 0.3 * open),
  );
  const { current, voltage, power } = bishopPoint(diode, junction);
  return { current, voltage, power };
}
