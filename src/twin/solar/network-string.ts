import { log1p } from '../../core/math/index.js';
import { type BishopDiode, bishopPoint, bishopVoltageAtCurrent } from './bishop.js';
import { fastExp } from './fast-exp.js';
import { currentAtVoltage } from './single-diode.js';
import type { SingleDiode } from './single-diode-parameters.js';

/** Cells in series behind one bypass diode, all in the same state. */
export interface CellGroup {
  /** The circuit of the whole group, at its own light and temperature. With `bypassDrop` infinite also its breakdown. */
  readonly diode: SingleDiode | BishopDiode;
  /** How many such groups the string has; default 1. */
  readonly count?: number;
  /** Voltage, V, across the conducting bypass diode; default 0.5. `Infinity`: there is none. */
  readonly bypassDrop?: number;
}

/** Groups in series. */
export interface NetworkString {
  readonly groups: readonly CellGroup[];
  /** How many equal strings lie in parallel; default 1. */
  readonly count?: number;
  /** A broken string carries no current; default false. */
  readonly open?: boolean;
  /** Series resistance of cables and connectors, Ω; default 0. */
  readonly resistance?: number;
}

/** One class of equal groups, ready for the solver. */
class GroupSolver {
  readonly count: number;
  private readonly drop: number;
  /** Current from which the bypass diode takes over. */
  private readonly bypassFrom: number;
  private readonly slopeAtZero: number;
  /** Junction voltage of the last solution, from which the next starts. */
  private junction = Number.NaN;
  /** Results of `at`. */
  voltage = 0;
  /** dV/dI, Ω; at most 0. */
  slope = 0;

  constructor(private readonly group: CellGroup) {
    this.count = group.count ?? 1;
    this.drop = group.bypassDrop ?? 0.5;
    this.bypassFrom = Number.isFinite(this.drop) ? currentAtVoltage(group.diode, -this.drop) : Number.POSITIVE_INFINITY;
    this.slopeAtZero = group.diode.saturationCurrent / group.diode.nNsVth;
  }

  /** Voltage and slope at a current. */
  at(current: number): void {
    if (current >= this.bypassFrom) {
      this.voltage = -this.drop;
      this.slope = 0;
      return;
    }
    const { diode } = this.group;
    if ('breakdownFactor' in diode || 'recombination' in diode) {
      this.voltage = bishopVoltageAtCurrent(diode, current);
      const point = bishopPoint(diode, this.voltage + current * diode.seriesResistance);
      this.slope = 1 / point.conductance;
      return;
    }
    const { photocurrent, saturationCurrent, nNsVth, shuntResistance, seriesResistance } = diode;
    const leak = 1 / shuntResistance;
    const excess = photocurrent - current;
    let x = this.junction;
    // From above the root of a falling, concave function Newton's method cannot overshoot; from below the first step may
    // be wild, so that it is capped by what the diode alone would allow.
    const ceiling = excess > 0 ? nNsVth * log1p(excess / saturationCurrent) : excess * shuntResistance;
    if (!(x <= ceiling)) x = ceiling;
    let e = 0;
    for (let count = 0; count < 60; count++) {
      e = fastExp(x / nNsVth);
      const value = excess - saturationCurrent * (e - 1) - x * leak;
      const step = value / (this.slopeAtZero * e + leak);
      x = Math.min(x + step, ceiling);
      // The method is quadratic: a step of 1e-7 leaves 1e-14.
      if (Math.abs(step) <= 1e-7 * nNsVth) break;
    }
    this.junction = x;
    this.voltage = x - current * seriesResistance;
    this.slope = -1 / (this.slopeAtZero * e + leak) - seriesResistance;
  }
}

/** A string whose voltage and current can be asked for; keeps its last solution as the start of the next. */
export class StringSolver {
  readonly count: number;
  readonly open: boolean;
  /** Results of `at`. */
  voltage = 0;
  /** dV/dI, Ω; below 0. */
  slope = 0;
  private readonly groups: readonly GroupSolver[];
  private readonly resistance: number;
  /** Currents between which the string's own light can drive it. */
  readonly highest: number;

  constructor(string: NetworkString) {
    this.groups = string.groups.map((group) => new GroupSolver(group));
    this.count = string.count ?? 1;
    this.open = string.open ?? false;
    this.resistance = string.resistance ?? 0;
    this.highest = Math.max(...string.groups.map((group) => Math.max(group.diode.photocurrent, 0)));
  }

  /** Voltage and slope at a current. */
  at(current: number): void {
    let voltage = -current * this.resistance;
    let slope = -this.resistance;
    for (const group of this.groups) {
      group.at(current);
      voltage += group.count * group.voltage;
      slope += group.count * group.slope;
    }
    this.voltage = voltage;
    this.slope = slope;
  }

  /** Current at a voltage, from a guess; negative above open circuit. After it, `slope` is that of the solution. */
  currentAt(voltage: number, guess: number): number {
    if (this.open) return 0;
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    let current = guess;
    let reach = Math.max(this.highest, 1e-6);
    for (let count = 0; count < 200; count++) {
      this.at(current);
      const error = this.voltage - voltage;
      // The voltage falls with the current.
      if (error > 0) low = current;
      else high = current;
      let next = this.slope < 0 ? current - error / this.slope : Number.NaN;
      if (!(next > low && next < high)) {
        if (low === Number.NEGATIVE_INFINITY) next = high - reach;
        else if (high === Number.POSITIVE_INFINITY) next = low + reach;
        else next = 0.5 * (low + high);
        reach *= 2;
      }
      const step = Math.abs(next - current);
      current = next;
      if (step <= 1e-9 * (this.highest + Math.abs(current)) || high - low <= 1e-13 * this.highest) break;
    }
    return current;
  }
}
