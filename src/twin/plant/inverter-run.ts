import { exp } from '../../core/math/index.js';
import type { PlantInverter } from '../description/plant.js';
import { sandiaCurve } from '../solar/inverter.js';
import type { DcInput } from './array-run.js';
import type { InverterCondition } from './condition.js';

/** Time constant of the heat sink, s. */
export const HEAT_SINK_TIME = 900;
/** From the start of the derating to no power at all, K. */
const DERATING_SPAN = 20;
/** Typical share of the power that is lost in it at its rating, for which the heat sink is made. */
export const DESIGN_LOSS = 0.03;

/** One inverter in a simulation. */
export class InverterRun {
  readonly inverter: PlantInverter;
  readonly #inputs: readonly DcInput[];
  /** Temperature of the heat sink, °C: its memory. */
  heatSink = Number.NaN;
  /** Temperature of the air inside, °C. */
  enclosure = 0;
  /** DC power taken, AC power given (negative at night), W. */
  dcPower = 0;
  acPower = 0;
  /** DC power that was there but not taken: tracking error or window, off, limited by rating or heat, curtailed, W. */
  trackingLoss = 0;
  outage = 0;
  clipped = 0;
  curtailed = 0;
  /** Mean DC voltage, V. */
  voltage = 0;
  #heatAtStart = 0;
  #extraLoss = 0;
  #available = 0;
  #tracked = 0;
  #limit = 0;
  #seconds = 0;
  #rise = 0;

  /** @param arrays the tracker inputs of each array of the plant */
  constructor(inverter: PlantInverter, arrays: readonly { readonly inputs: readonly DcInput[] }[]) {
    this.inverter = inverter;
    this.#inputs = inverter.arrays.flatMap((a) => arrays[a]?.inputs ?? []);
  }

  /** AC power at DC power `power`, each input at its present voltage. */
  #convert(power: number): number {
    let ac = 0;
    for (const mppt of this.#inputs) {
      if (mppt.now.power > 0)
        ac += (mppt.now.power / this.#tracked) * sandiaCurve(this.inverter.sandia, mppt.now.voltage, power);
    }
    return ac - this.#extraLoss * power;
  }

  /**
   * Tracks, converts and keeps to rating and heat; returns the AC power that it could give, W.
   * @param surroundings temperature of the air it draws in, °C
   * @param warmer by how much failed ventilation warms the enclosure, K
   */
  run(seconds: number, surroundings: number, cooling: number, condition: InverterCondition): number {
    const { inverter } = this;
    this.#extraLoss = condition.extraLoss;
    this.#seconds = seconds;
    this.#rise = inverter.heatSinkRise * condition.thermalResistance;
    this.#available = 0;
    this.#tracked = 0;
    this.trackingLoss = this.outage = this.clipped = this.curtailed = 0;
    for (const mppt of this.#inputs) {
      const { best, now } = mppt;
      this.#available += best.power;
      const wanted = this.#workingVoltage(mppt, condition.mpptOffset);
      if (wanted === best.voltage) {
        now.voltage = best.voltage;
        now.current = best.current;
        now.power = best.power;
      } else mppt.hold(wanted);
      this.#tracked += now.power;
    }
    const share = Math.min(1, this.#tracked / inverter.dcRating);
    this.enclosure = surroundings + inverter.enclosureRise * share + cooling * (10 + 20 * share);
    if (Number.isNaN(this.heatSink)) this.heatSink = this.enclosure;
    this.#heatAtStart = this.heatSink;
    this.trackingLoss = this.#available - this.#tracked;
    const asleep = this.#tracked <= inverter.startPower;
    if (condition.off || asleep) {
      this.outage = condition.off || asleep ? this.#tracked : 0;
      this.#stop();
      return this.acPower;
    }
    const potential = this.#convert(this.#tracked);
    this.#limit = this.#thermalLimit(potential);
    if (potential <= this.#limit) this.#settle(this.#tracked, potential);
    else {
      const power = this.#powerFor(this.#limit);
      this.clipped = this.#tracked - power;
      this.#settle(power, this.#limit);
    }
    return this.acPower;
  }

  /** Lowers the AC power to `limit` W from outside: curtailment. Call after `run`. */
  curtail(limit: number): void {
    if (this.dcPower <= 0 || limit >= this.acPower) return;
    const before = this.dcPower;
    if (limit <= 0) {
      this.curtailed = before;
      this.#stop();
      return;
    }
    const power = this.#powerFor(limit);
    this.curtailed = before - power;
    this.#settle(power, limit);
  }

  /** Moves the DC side to where the power of the step is taken, off the maximum when it is limited. Call last. */
  finish(): void {
    let weighted = 0;
    const scale = this.#tracked > 0 ? this.dcPower / this.#tracked : 0;
    for (const mppt of this.#inputs) {
      if (this.dcPower <= 0) {
        mppt.now.voltage = mppt.open();
        mppt.now.current = 0;
        mppt.now.power = 0;
      } else if (scale < 1) mppt.throttle(mppt.now.power * scale);
      weighted = Math.max(weighted, mppt.now.voltage);
    }
    this.voltage = weighted;
  }

  #workingVoltage(mppt: DcInput, offset: number): number {
    const best = mppt.best.voltage;
    if (best <= 0) return best;
    const { mpptLow, mpptHigh } = this.inverter;
    if (offset === 0 && best >= mpptLow) return Math.min(mpptHigh, best);
    const open = mppt.open();
    const target = best + offset * (open - best);
    return Math.min(mpptHigh, Math.max(Math.min(mpptLow, open), target));
  }

  /** AC limit of rating and heat sink together, with the temperature at the end of the step (so that long steps do not swing). */
  #thermalLimit(potential: number): number {
    const { inverter } = this;
    const decay = exp(-this.#seconds / HEAT_SINK_TIME);
    const idle = this.enclosure + (this.#heatAtStart - this.enclosure) * decay;
    const lossShare = (this.#tracked * (1 - this.#extraLoss) - potential) / Math.max(1, potential);
    const slope = ((1 - decay) * this.#rise * lossShare) / (DESIGN_LOSS * inverter.acRating);
    const rating = inverter.acRating;
    if (idle + slope * Math.min(potential, rating) <= inverter.deratingStart) return rating;
    const derated =
      (rating * (1 - (idle - inverter.deratingStart) / DERATING_SPAN)) / (1 + (rating * slope) / DERATING_SPAN);
    return Math.min(rating, Math.max(0.05 * rating, derated));
  }

  /** DC power at which the AC power is `ac`: secant steps on the nearly straight curve, kept in a bracket. */
  #powerFor(ac: number): number {
    let low = this.inverter.startPower;
    let high = this.#tracked;
    let power = (high * ac) / Math.max(1e-9, this.#convert(high));
    for (let i = 0; i < 60; i++) {
      const error = this.#convert(power) - ac;
      if (Math.abs(error) <= 1e-12 * this.inverter.acRating) break;
      if (error > 0) high = power;
      else low = power;
      const next = power - error / 0.95;
      power = next > low && next < high ? next : 0.5 * (low + high);
    }
    return power;
  }

  #settle(dc: number, ac: number): void {
    this.dcPower = dc;
    this.acPower = ac;
    // Aged capacitors and chokes lose their share away from the heat sink.
    this.#warm(dc * (1 - this.#extraLoss) - ac);
  }

  #stop(): void {
    this.dcPower = 0;
    this.acPower = -this.inverter.nightTare;
    this.#warm(0);
  }

  #warm(loss: number): void {
    const settled = this.enclosure + (this.#rise * loss) / (DESIGN_LOSS * this.inverter.acRating);
    this.heatSink = settled + (this.#heatAtStart - settled) * exp(-this.#seconds / HEAT_SINK_TIME);
  }
}
