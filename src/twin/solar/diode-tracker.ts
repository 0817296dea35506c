import { log, log1p } from '../../core/math/index.js';
import { fastExp } from './fast-exp.js';
import { maximumPowerPoint } from './single-diode.js';
import { BOLTZMANN_EV, type DeSotoModule, singleDiodeDeSoto, ZERO_CELSIUS } from './single-diode-parameters.js';

/**
 * A step of Newton's method (in units of nNsVth) below which the next would change nothing that counts: the method is
 * quadratic, so that some 1e-8 is left of 2e-4, which is 1e-9 of the voltage; power is flat there.
 */
const LAST_STEP = 2e-4;
/** Exponentials of steps up to this size come from a series. */
const SMALL = 0.06;

/**
 * The maximum power point of a De Soto module, followed along a series: each solution of dP/dV = 0 is predicted from the
 * one before (the junction voltage x in units of nNsVth obeys x + ln(1 + x) ≈ ln(IL/I0) in the ideal case), and Newton's
 * method needs one or two steps. The exponential of the new x is that of the old one times a short series.
 */
export class DiodeTracker {
  /** V and A of one module at its maximum power point, after `follow`. */
  voltage = 0;
  current = 0;
  /** Factor on the series resistance of the module, for worn contacts. Change it between solutions at will. */
  seriesFactor = 1;
  /** Conductance that leaks beside the shunt of the module, at any light, 1/Ω: as potential-induced degradation leaves it. */
  leak = 0;
  private readonly module: Required<DeSotoModule>;
  /** The last solution, and what it was the solution for; no light before the first. */
  private x = 0;
  private exponential = 0;
  private photocurrent = 0;
  private saturation = 0;
  /** nNsVth, V, and the current that leaks through the shunt for each unit of x, A, of the last solution. */
  private scale = 1;
  private shunt = 0;
  private readonly reference: number;
  private readonly gap0: number;
  private readonly gap1: number;

  constructor(module: DeSotoModule) {
    this.module = { bandGapRef: 1.121, bandGapSlope: -0.0002677, irradianceRef: 1000, temperatureRef: 25, ...module };
    const { bandGapRef, bandGapSlope, temperatureRef } = this.module;
    this.reference = temperatureRef + ZERO_CELSIUS;
    // Eg0/(k T0) - Eg(T)/(k T) with Eg linear in T is a constant and a part in 1/T.
    this.gap0 = bandGapRef / (BOLTZMANN_EV * this.reference) - (bandGapRef * bandGapSlope) / BOLTZMANN_EV;
    this.gap1 = (bandGapRef * (1 - bandGapSlope * this.reference)) / BOLTZMANN_EV;
  }

  /** Forgets the last solution, so that a run does not depend on what came before it. */
  reset(): void {
    this.photocurrent = 0;
    this.saturation = 0;
  }

  /** Finds the point for an effective irradiance (W/m², above 0) and a cell temperature (°C). */
  follow(irradiance: number, cellTemperature: number): void {
    const { module, reference } = this;
    const kelvin = cellTemperature + ZERO_CELSIUS;
    const warmth = kelvin / reference;
    const light = irradiance / module.irradianceRef;
    const photocurrent = light * (module.photocurrentRef + module.alphaSc * (kelvin - reference));
    const saturation = module.saturationCurrentRef * warmth * warmth * warmth * fastExp(this.gap0 - this.gap1 / kelvin);
    const a = module.aRef * warmth;
    const rs = module.seriesResistance * this.seriesFactor;
    const shunt = (a * light) / module.shuntResistanceRef + a * this.leak;

    let x = this.x;
    let exponential = this.exponential;
    const present = photocurrent * this.saturation;
    const before = this.photocurrent * saturation;
    let step: number;
    if (present < 2 * before && before < 2 * present) {
      // ln of the quotient of the ratios to second order; the solution moves by 1/(1 + 1/(1 + x)) of it.
      step = (2 * (present - before) * (1 + x)) / ((present + before) * (2 + x));
    } else {
      const open = log1p(photocurrent / saturation);
      x = open - log(1 + open);
      exponential = fastExp(x);
      step = 0;
    }
    this.photocurrent = photocurrent;
    this.saturation = saturation;
    this.scale = a;
    this.shunt = shunt;
    for (let count = 0; ; count++) {
      x += step;
      if (step > -SMALL && step < SMALL)
        exponential *=
          1 +
          step *
            (1 + step * (1 / 2 + step * (1 / 6 + step * (1 / 24 + step * (1 / 120 + step * (1 / 720 + step / 5040))))));
      else exponential = fastExp(x);
      const diode = saturation * exponential;
      const current = photocurrent + saturation - diode - shunt * x;
      const voltage = a * x - rs * current;
      if (count > 0 && step > -LAST_STEP && step < LAST_STEP) {
        this.current = current;
        this.voltage = voltage;
        break;
      }
      // Derivatives by x: of the current, the voltage, and the power once and twice.
      const slope = -diode - shunt;
      const voltageSlope = a - rs * slope;
      const gradient = slope * voltage + current * voltageSlope;
      const second = 2 * slope * voltageSlope - diode * (voltage - rs * current);
      step = -gradient / second;
      if (!(second < 0) || count > 12 || !(x + step > 0)) {
        this.solveAnew(irradiance, cellTemperature, a);
        return;
      }
    }
    this.x = x;
    this.exponential = exponential;
  }

  /** Current of the circuit that was last followed, A, with x across its junction. */
  private currentAcross(x: number): number {
    return this.photocurrent + this.saturation * (1 - fastExp(x)) - this.shunt * x;
  }

  /** The x, not below `least`, at which a value is 0, from `start` on by Newton's method. */
  private root(start: number, value: (x: number) => readonly [value: number, slope: number], least = -1e9): number {
    let x = start;
    for (let count = 0; count < 60; count++) {
      const [error, slope] = value(x);
      const step = error / slope;
      x = Math.max(least, x - step);
      if (!(Math.abs(step) > 1e-12 * Math.abs(x))) break;
    }
    return x;
  }

  /** Open-circuit voltage of the circuit that was last followed, V. */
  openVoltage(): number {
    return this.scale * this.openJunction();
  }

  private openJunction(): number {
    return this.root(log1p(this.photocurrent / this.saturation), (x) => [
      this.currentAcross(x),
      -this.saturation * fastExp(x) - this.shunt,
    ]);
  }

  /** Current of the circuit that was last followed at a terminal voltage, A; at most 0 from open circuit on. */
  currentAt(voltage: number): number {
    const rs = this.module.seriesResistance * this.seriesFactor;
    const bound = (voltage + this.photocurrent * rs) / this.scale;
    const open = log1p(this.photocurrent / this.saturation);
    const x = this.root(Math.min(bound, Math.max(voltage / this.scale, open)), (x) => [
      this.scale * x - rs * this.currentAcross(x) - voltage,
      this.scale + rs * (this.saturation * fastExp(x) + this.shunt),
    ]);
    return this.currentAcross(x);
  }

  /** Voltage above the maximum power point at which the circuit that was last followed gives `power` W, no more than its best. */
  voltageFor(power: number): number {
    const rs = this.module.seriesResistance * this.seriesFactor;
    const voltageAcross = (x: number) => this.scale * x - rs * this.currentAcross(x);
    // Power falls ever faster from its top to open circuit: from there Newton's method cannot overshoot.
    const best = this.x;
    const slopes = (x: number): [number, number] => {
      const current = this.currentAcross(x);
      const slope = -this.saturation * fastExp(x) - this.shunt;
      const voltage = this.scale * x - rs * current;
      return [current * voltage - power, slope * voltage + current * (this.scale - rs * slope)];
    };
    const x = this.root(this.openJunction(), slopes, best);
    return voltageAcross(x);
  }

  /** The safe way, for the first hair of light and other corners: bracketed from scratch. */
  private solveAnew(irradiance: number, cellTemperature: number, a: number): void {
    const seriesResistance = this.module.seriesResistance * this.seriesFactor;
    const sound = singleDiodeDeSoto(this.module, irradiance, cellTemperature);
    const shuntResistance = this.leak > 0 ? 1 / (1 / sound.shuntResistance + this.leak) : sound.shuntResistance;
    const point = maximumPowerPoint({ ...sound, seriesResistance, shuntResistance });
    this.current = point.current;
    this.voltage = point.voltage;
    this.x = (point.voltage + point.current * seriesResistance) / a;
    this.exponential = fastExp(this.x);
  }
}
