import { ArrayFilter, arrayMeasurement } from './array-filter.js';
import type { FilterInput, StagePrediction } from './health-filter.js';
import type { PlantContext } from './plant-context.js';
import type { ArrayPart } from './plant-parts.js';
import { soilingParticles } from './soiling-particles.js';
import { stringGains } from './string-gains.js';
import { readChannel } from './wiring.js';

/** Rain of an instant, mm, after which dirt may be gone. */
const RINSING = 0.5;
/** Light from which an instant tells of dirt, W/m². */
const BRIGHT = 200;
/** Uncertainty of wind that is not measured, m/s, and of air that is told from the module, K. */
const UNSEEN = { wind: 1.5, air: 1 };

/** Doubt about the efficiency of an inverter whose DC side is not measured, as a fraction. */
const INVERTER_DOUBT = 0.01;

/** Follows the arrays of a plant: light, current and voltage, strings against each other, dirt. */
export class ArrayStep {
  readonly #context: PlantContext;
  readonly #sorted: Float64Array;

  constructor(context: PlantContext) {
    this.#context = context;
    this.#sorted = new Float64Array(context.plant.strings.length);
  }

  /** Takes in an instant of the array at place `a`. */
  step(
    a: number,
    filterInput: FilterInput,
    memory: Float64Array,
    prediction: StagePrediction,
    days: number,
    newDay: boolean,
    day: number,
    rain: number,
  ): void {
    const { time } = filterInput;
    const part = this.#context.parts.arrays[a] as ArrayPart;
    const { filter, input, count } = part;
    const own = memory.subarray(part.at, part.at + ArrayFilter.memorySize);
    const gains = memory.subarray(part.strings, part.strings + count * stringGains.width);
    filter.age(days, own);
    stringGains.age(gains, count, days);
    if (newDay && count > 1) filter.scaleLight(own, stringGains.centre(gains, count, this.#sorted));
    if (rain > RINSING) filter.rinse(own);
    part.usual = Number.NaN;
    const light = this.#context.sound.light[a] as number;
    let loss = Number.NaN;
    if (light > 0 && !Number.isNaN(this.#context.sound.air)) {
      this.#illuminate(part, a, filterInput);
      filter.predict(input, own);
      this.#measure(part, a, filterInput, gains);
      if (this.#tracked(part, filterInput, prediction, gains)) {
        const current = arrayMeasurement.current;
        const power = arrayMeasurement.power;
        const amount = Number.isNaN(input.measured[current] as number) ? power : current;
        const ratio = (input.measured[amount] as number) / (filter.predicted[amount] as number);
        if (light > BRIGHT) loss = 1 - (1 - (own[0] as number)) * ratio;
        if (count > 1 && light > BRIGHT) this.#compare(part, filterInput, gains);
      } else {
        const { measured } = input;
        measured[arrayMeasurement.current] = measured[arrayMeasurement.voltage] = Number.NaN;
        measured[arrayMeasurement.power] = Number.NaN;
      }
      filter.update(input, time, own);
    }
    const dirt = memory.subarray(part.soiling, part.soiling + soilingParticles.memorySize);
    soilingParticles.note(dirt, day, time, loss, light / 1000, rain);
  }

  /** Light and temperature of an array, with their noise. */
  #illuminate(part: ArrayPart, a: number, { row, inputVariance }: FilterInput): void {
    const { input } = part;
    const sound = this.#context.sound;
    const light = sound.light[a] as number;
    input.light = light;
    input.lightMeasured = sound.lightMeasured[a] === 1;
    input.air = sound.air;
    input.wind = sound.wind;
    // What is turned from the horizontal carries that sensor's noise, as the stage of the plane's irradiance has it.
    input.lightDeviation = input.lightMeasured
      ? this.#context.wiring.noise(part.lightChannel, light)
      : Math.sqrt(inputVariance[0] as number);
    const array = this.#context.plant.arrays[a];
    const { air, wind } = this.#context.channel;
    const conductance = (array?.u0 ?? 25) + (array?.u1 ?? 0) * sound.wind;
    const gust = Number.isNaN(readChannel(row, wind)) ? UNSEEN.wind : this.#context.wiring.noise(wind, sound.wind);
    const windPart = (light * (array?.u1 ?? 0) * gust) / (conductance * conductance);
    const airPart = Number.isNaN(readChannel(row, air)) ? UNSEEN.air : this.#context.wiring.noise(air, sound.air);
    input.cellDeviation = Math.sqrt(windPart * windPart + airPart * airPart);
  }

  /** What was measured of an array. */
  #measure(part: ArrayPart, a: number, filterInput: FilterInput, gains: Float64Array): void {
    const { row } = filterInput;
    const { input, filter } = part;
    const { measured, variance } = input;
    measured.fill(Number.NaN);
    if (input.lightMeasured) {
      const turned = this.#context.sound.turned[a] as number;
      const error = (filterInput.modelError[0] as number) * turned;
      measured[arrayMeasurement.sky] = turned;
      variance[arrayMeasurement.sky] = (filterInput.inputVariance[0] as number) + error * error;
    }
    measured[arrayMeasurement.module] = readChannel(row, part.moduleChannel);
    variance[arrayMeasurement.module] = this.#context.own(
      filterInput,
      part.moduleChannel,
      1,
      filter.predicted[1] as number,
    );
    this.#usualCurrent(part, filterInput, gains);
    let volts = 0;
    let voltmeters = 0;
    for (const channel of part.voltages) {
      const value = readChannel(row, channel);
      if (Number.isNaN(value)) continue;
      volts += value;
      voltmeters++;
    }
    if (voltmeters > 0) {
      const voltage = volts / voltmeters;
      measured[arrayMeasurement.voltage] = voltage;
      variance[arrayMeasurement.voltage] =
        this.#context.own(filterInput, part.voltages[0] as number, part.firstStage + 1, voltage) / voltmeters;
    }
    if (Number.isNaN(part.usual)) this.#power(part, filterInput);
  }

  /** Power of an array where no string current is measured: its share of the inverter's DC power, else told from the AC side. */
  #power(part: ArrayPart, filterInput: FilterInput): void {
    const { row, expected } = filterInput;
    const inverter = this.#context.parts.inverters[part.inverter];
    if (inverter === undefined) return;
    const { measured, variance } = part.input;
    const alone = this.#context.parts.inverters.length === 1;
    let power = readChannel(row, inverter.dcChannel);
    if (Number.isNaN(power) && alone) power = readChannel(row, this.#context.channel.dc);
    let doubt = 0;
    if (Number.isNaN(power)) {
      let ac = readChannel(row, inverter.acChannel);
      if (Number.isNaN(ac) && alone) ac = readChannel(row, this.#context.channel.ac);
      if (Number.isNaN(ac) && alone) ac = this.#beforeLine(readChannel(row, this.#context.channel.meter));
      // A sound inverter is assumed, with its usual doubt: then what it loses is put down to the array.
      power = (ac * (expected[inverter.dcStage] as number)) / (expected[inverter.dcStage + 1] as number);
      doubt = INVERTER_DOUBT * power * part.share;
    }
    measured[arrayMeasurement.power] = power * part.share;
    variance[arrayMeasurement.power] =
      this.#context.own(filterInput, inverter.dcChannel, this.#context.stage.dc, power * part.share) + doubt * doubt;
  }

  /** AC power of the inverters that leaves `meter` W after the line. */
  #beforeLine(meter: number): number {
    const k = this.#context.plant.grid.lossAtRating / this.#context.plant.acRating;
    return k > 0 ? (2 * meter) / (1 + Math.sqrt(Math.max(0, 1 - 4 * k * meter))) : meter;
  }

  /** The current of a usual string: the mean of those that lie near their upper median, each by its gain. */
  #usualCurrent(part: ArrayPart, filterInput: FilterInput, gains: Float64Array): void {
    const { row } = filterInput;
    const sorted = this.#sorted;
    let count = 0;
    for (let s = 0; s < part.count; s++) {
      const value = readChannel(row, part.currents[s] as number);
      const gain = stringGains.gain(gains, s);
      if (!Number.isNaN(value) && gain > -0.7) sorted[count++] = value / (1 + gain);
    }
    if (count === 0) return;
    const middle = sorted.subarray(0, count).sort()[count >> 1] as number;
    const noise = this.#context.wiring.noise(part.currents[0] as number, middle);
    let sum = 0;
    let near = 0;
    for (let s = 0; s < count; s++) {
      if (Math.abs((sorted[s] as number) - middle) > 6 * noise) continue;
      sum += sorted[s] as number;
      near++;
    }
    part.usual = sum / near;
    part.input.measured[arrayMeasurement.current] = part.usual;
    part.input.variance[arrayMeasurement.current] =
      this.#context.own(filterInput, part.currents[0] as number, part.firstStage, part.usual) / near;
  }

  /**
   * Says what was foretold of the strings, and whether they work at their maximum, so that they tell of their health: not
   * where the inverter is off, at its limit, or held back.
   */
  #tracked(part: ArrayPart, filterInput: FilterInput, prediction: StagePrediction, gains: Float64Array): boolean {
    const { input, filter } = part;
    const { measured } = input;
    const { predicted, spread } = filter;
    const inverter = this.#context.parts.inverters[part.inverter];
    if (inverter === undefined || this.#context.sound.limited(part.inverter)) return false;
    const { current, voltage, power } = arrayMeasurement;
    if ((predicted[power] as number) < 4 * inverter.startPower * part.share) return false;
    for (let s = 0; s < part.count; s++) {
      const gain = 1 + stringGains.gain(gains, s);
      const stage = part.firstStage + 2 * s;
      const amps = predicted[current] as number;
      const own = this.#context.own(filterInput, part.currents[s] as number, stage, amps * gain);
      prediction.value[stage] = amps * gain;
      prediction.variance[stage] =
        (spread[current] as number) * gain * gain + stringGains.variance(gains, s) * amps * amps + own;
      prediction.value[stage + 1] = predicted[voltage] as number;
      prediction.variance[stage + 1] =
        (spread[voltage] as number) +
        this.#context.own(filterInput, part.voltages[s] as number, stage + 1, predicted[voltage] as number);
    }
    const amount = Number.isNaN(measured[current] as number) ? power : current;
    const seen = measured[amount] as number;
    const told = predicted[amount] as number;
    if (Number.isNaN(seen) || seen < 0.02 * told) return false;
    // Held back, or off the maximum: the voltage stands above it and the current below.
    const above = (measured[voltage] as number) - (predicted[voltage] as number);
    const far = Math.max(0.02 * (predicted[voltage] as number), 4 * Math.sqrt(spread[voltage] as number));
    return !(above > far && seen < told - 3 * Math.sqrt(spread[amount] as number));
  }

  /** The strings against each other. */
  #compare(part: ArrayPart, { row, time }: FilterInput, gains: Float64Array): void {
    const usual = part.usual;
    if (!(usual > 0)) return;
    for (let s = 0; s < part.count; s++) {
      const value = readChannel(row, part.currents[s] as number);
      if (Number.isNaN(value)) continue;
      const noise = this.#context.wiring.noise(part.currents[s] as number, usual) / usual;
      stringGains.update(gains, s, value / usual, noise * noise * (1 + 1 / part.count), time);
    }
  }
}
