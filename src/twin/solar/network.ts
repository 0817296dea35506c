import { TwinergyError } from '../../core/errors.js';
import { type NetworkString, StringSolver } from './network-string.js';
import { maximumPowerPoint, type PowerPoint } from './single-diode.js';
import type { SingleDiode } from './single-diode-parameters.js';

/** Where an array gives most power, and what each string carries there. */
export interface NetworkPoint extends PowerPoint {
  /** A of one string of each entry, in the order given. */
  readonly stringCurrents: Float64Array;
}

/** Options of `PvNetwork`. */
export interface NetworkOptions {
  /** Whether blocking diodes keep current from flowing back into a weak string; default false. */
  readonly blocking?: boolean;
}

const PARAMETERS = ['photocurrent', 'saturationCurrent', 'seriesResistance', 'shuntResistance', 'nNsVth'] as const;

/** Places of the scan for the highest of several peaks. */
const SCAN = 48;
/** Points of a string's curve that the scan interpolates between: some of back-feed, the rest from open circuit on. */
const CURVE = 30;
const BACK = 4;

/**
 * Strings in parallel, each of cell groups in series with bypass diodes: mismatch, partial shade and broken strings come
 * out of the circuit. Where all groups are equal the answer is that of one group, times their numbers.
 *
 * With unlike groups power has several peaks over voltage. They are looked for on a scan of interpolated string curves,
 * and the best are climbed with the exact circuit. Of peaks that lie within a fiftieth of the voltage of each other the
 * lower may be taken; on random arrays that costs less than 1e-4 of the power.
 *
 * Source: Kirchhoff's laws; for bypass diodes V. Quaschning, R. Hanitsch, Solar Energy 56, 513–520, 1996.
 *
 * @throws TwinergyError `NETWORK_EMPTY` without a string, or with a string without a group
 */
export class PvNetwork {
  private readonly solvers: readonly StringSolver[];
  private readonly blocking: boolean;

  constructor(
    private readonly strings: readonly NetworkString[],
    { blocking = false }: NetworkOptions = {},
  ) {
    if (strings.length === 0 || strings.some((string) => string.groups.length === 0))
      throw new TwinergyError('NETWORK_EMPTY', 'A network needs at least one string, and each string a group.');
    this.blocking = blocking;
    this.solvers = strings.map((string) => new StringSolver(string));
  }

  /** Current, A, of the whole array at a voltage, V. */
  current(voltage: number): number {
    return this.solve(voltage, new Float64Array(this.solvers.length)).current;
  }

  /** Where the array gives most power; all 0 in the dark. */
  powerPoint(): NetworkPoint {
    return this.equalGroups() ?? this.climb();
  }

  /** The fast path: when all groups are equal, one group stands for all. */
  private equalGroups(): NetworkPoint | undefined {
    const [first] = this.strings;
    const reference = first?.groups[0];
    if (first === undefined || reference === undefined) return undefined;
    const groups = (string: NetworkString): number => string.groups.reduce((sum, group) => sum + (group.count ?? 1), 0);
    const series = groups(first);
    const alike = this.strings.every(
      (string) =>
        (string.open || groups(string) === series) &&
        (string.resistance ?? 0) === 0 &&
        string.groups.every((group) => sameDiode(group.diode, reference.diode)),
    );
    if (!alike || 'breakdownFactor' in reference.diode || 'recombination' in reference.diode) return undefined;
    const { current, voltage } = maximumPowerPoint(reference.diode);
    const carrying = this.strings.reduce((sum, string) => sum + (string.open ? 0 : (string.count ?? 1)), 0);
    const stringCurrents = Float64Array.from(this.strings, (string) => (string.open ? 0 : current));
    if (carrying === 0) return { voltage: 0, current: 0, power: 0, stringCurrents };
    const total = { voltage: voltage * series, current: current * carrying };
    return { ...total, power: total.voltage * total.current, stringCurrents };
  }

  /** Currents of the strings (which are also the guesses), their sum, and its derivative by voltage. */
  private solve(voltage: number, currents: Float64Array): { current: number; slope: number } {
    let current = 0;
    let slope = 0;
    this.solvers.forEach((solver, k) => {
      if (solver.open) return;
      let own = solver.currentAt(voltage, currents[k] as number);
      currents[k] = own;
      if (this.blocking && own < 0) own = 0;
      else slope += solver.count / solver.slope;
      current += solver.count * own;
    });
    return { current, slope };
  }

  private climb(): NetworkPoint {
    const carrying = this.solvers.filter((solver) => !solver.open && solver.highest > 0);
    const none = new Float64Array(this.solvers.length);
    if (carrying.length === 0) return { voltage: 0, current: 0, power: 0, stringCurrents: none };
    const curves = this.solvers.map((solver) => (solver.open || solver.highest === 0 ? undefined : sample(solver)));
    const top = Math.max(...curves.map((curve) => (curve === undefined ? 0 : (curve.voltage[BACK] as number))));
    const guesses = Array.from({ length: SCAN }, () => new Float64Array(this.solvers.length));
    const powers = new Float64Array(SCAN);
    for (let place = 0; place < SCAN; place++) {
      const voltage = (top * (place + 1)) / SCAN;
      const guess = guesses[place] as Float64Array;
      let current = 0;
      curves.forEach((curve, k) => {
        if (curve === undefined) return;
        guess[k] = interpolate(curve, voltage);
        const own = guess[k] as number;
        current += (this.solvers[k] as StringSolver).count * (this.blocking ? Math.max(own, 0) : own);
      });
      powers[place] = voltage * current;
    }
    const highest = Math.max(...powers);
    let best: NetworkPoint | undefined;
    for (let place = 0; place < SCAN; place++) {
      const here = powers[place] as number;
      // The interpolation may be off by a per cent at a knee: every peak that comes near the highest is climbed.
      const peak = here >= (powers[place - 1] ?? 0) && here >= (powers[place + 1] ?? 0) && here >= 0.97 * highest;
      if (!peak) continue;
      const point = this.refine((top * place) / SCAN, (top * (place + 2)) / SCAN, guesses[place] as Float64Array);
      if (best === undefined || point.power > best.power) best = point;
    }
    return best ?? { voltage: 0, current: 0, power: 0, stringCurrents: none };
  }

  /** Root of dP/dV between two voltages: the secant of the gradient inside a bracket that halving keeps. */
  private refine(from: number, to: number, guess: Float64Array): NetworkPoint {
    let [low, high] = [from, to];
    let voltage = 0.5 * (from + to);
    let before = Number.NaN;
    let gradientBefore = Number.NaN;
    const currents = Float64Array.from(guess);
    let current = 0;
    let best = { voltage: 0, current: 0, power: Number.NEGATIVE_INFINITY, stringCurrents: currents };
    for (let count = 0; count < 60; count++) {
      const solved = this.solve(voltage, currents);
      current = solved.current;
      if (voltage * current > best.power)
        best = { voltage, current, power: voltage * current, stringCurrents: Float64Array.from(currents) };
      const gradient = current + voltage * solved.slope;
      if (gradient > 0) low = voltage;
      else high = voltage;
      let next = voltage - (gradient * (voltage - before)) / (gradient - gradientBefore);
      before = voltage;
      gradientBefore = gradient;
      if (!(next > low && next < high)) next = 0.5 * (low + high);
      if (Math.abs(next - voltage) <= 1e-7 * to || high - low <= 1e-9 * to) break;
      voltage = next;
    }
    if (!this.blocking) return best;
    return { ...best, stringCurrents: best.stringCurrents.map((own) => Math.max(own, 0)) };
  }
}

/** Whether two circuits are the same to the bit. */
function sameDiode(a: SingleDiode, b: SingleDiode): boolean {
  return a === b || PARAMETERS.every((key) => a[key] === b[key]);
}

/** Points of a string's curve from back-feed over open to short circuit, voltage falling. */
function sample(solver: StringSolver): { voltage: Float64Array; current: Float64Array } {
  const voltage = new Float64Array(CURVE);
  const current = new Float64Array(CURVE);
  for (let k = 0; k < CURVE; k++) {
    // Denser towards the short-circuit current, where the curve is steep in voltage.
    const part = k < BACK ? -(4 ** (BACK - 1 - k)) / 4 : 1 - (1 - (k - BACK) / (CURVE - 1 - BACK)) ** 2;
    current[k] = solver.highest * part;
    solver.at(current[k] as number);
    voltage[k] = solver.voltage;
  }
  return { voltage, current };
}

/** Current of a sampled string at a voltage, linear between (and beyond) the points. */
function interpolate({ voltage, current }: { voltage: Float64Array; current: Float64Array }, at: number): number {
  let [low, high] = [0, voltage.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((voltage[middle] as number) > at) low = middle;
    else high = middle;
  }
  const [v0, v1] = [voltage[low] as number, voltage[high] as number];
  const [i0, i1] = [current[low] as number, current[high] as number];
  return v0 === v1 ? i0 : i0 + ((i1 - i0) * (v0 - at)) / (v0 - v1);
}
