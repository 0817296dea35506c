import type { Random } from '../../core/index.js';
import type { ModelChannel } from '../asset-model.js';
import type { Plant } from '../description/plant.js';
import type { SoundPlant } from '../plant/sound-plant.js';
import { ArrayFilter } from './array-filter.js';
import { ArrayStep } from './array-step.js';
import { BatteryFilter } from './battery-filter.js';
import type {
  FilterInput,
  FutureWeather,
  HealthEstimate,
  HealthFilter,
  HealthQuantity,
  StagePrediction,
} from './health-filter.js';
import { InverterFilter } from './inverter-filter.js';
import { InverterStep } from './inverter-step.js';
import { PlantContext, together } from './plant-context.js';
import type { ArrayPart } from './plant-parts.js';
import { soilingParticles } from './soiling-particles.js';
import { stringGains } from './string-gains.js';
import { readChannel, Wiring } from './wiring.js';

const DAY = 86_400_000;

/**
 * Follows the health of a solar plant part by part: arrays from light to current and voltage, strings against each other,
 * inverters from DC to AC power and heat, the battery from current to voltage and level, dirt by the day. Each stage is
 * told what was measured before it, so that what ails one part does not touch the estimate of the next.
 */
export class PlantFilter implements HealthFilter {
  readonly quantities: readonly HealthQuantity[];
  readonly memorySize: number;
  readonly plain: readonly number[];
  readonly #context: PlantContext;
  readonly #arrays: ArrayStep;
  readonly #inverters: InverterStep;
  readonly #error: HealthEstimate = { mean: 0, sd: 0, evidence: 0 };
  readonly #dayStart: number;

  constructor(plant: Plant, channels: readonly ModelChannel[], stages: readonly string[], sound: SoundPlant) {
    const context = new PlantContext(plant, stages, sound, new Wiring(channels));
    this.#context = context;
    this.#arrays = new ArrayStep(context);
    this.#inverters = new InverterStep(context);
    this.plain = ['poaGlobal', 'moduleTemperature'].map((name) => stages.indexOf(name));
    this.quantities = context.parts.quantities;
    this.memorySize = context.parts.memorySize;
    // Days change at the plant's midnight.
    this.#dayStart = (plant.site.longitude / 360) * DAY;
  }

  begin(memory: Float64Array): void {
    memory[0] = Number.NaN;
    for (const { filter, at, soiling, strings, count } of this.#context.parts.arrays) {
      filter.begin(memory.subarray(at, at + ArrayFilter.memorySize));
      soilingParticles.begin(memory.subarray(soiling, soiling + soilingParticles.memorySize));
      stringGains.begin(memory.subarray(strings, strings + count * stringGains.width), count);
    }
    for (const { filter, at } of this.#context.parts.inverters)
      filter.begin(memory.subarray(at, at + InverterFilter.memorySize));
    if (this.#context.parts.battery !== undefined) {
      const { filter, at } = this.#context.parts.battery;
      filter.begin(memory.subarray(at, at + BatteryFilter.memorySize));
    }
  }

  estimate(memory: Float64Array, index: number, out: HealthEstimate): void {
    this.#context.parts.places[index]?.(memory, out);
  }

  course(memory: Float64Array, index: number, weather: FutureWeather, random: Random, path: Float64Array): boolean {
    const part = this.#context.parts.arrays.find(({ dirt }) => dirt === index);
    if (part === undefined) return false;
    soilingParticles.course(memory.subarray(part.soiling), weather, random, path);
    return true;
  }

  step(input: FilterInput, memory: Float64Array, prediction: StagePrediction): void {
    const { time, seconds, row } = input;
    const days = Number.isFinite(seconds) ? seconds / 86_400 : 0;
    const day = Math.floor((time + this.#dayStart) / DAY);
    const newDay = day !== memory[0];
    memory[0] = day;
    // Rain is a rate; a gap's rain is not known.
    const rain = (readChannel(row, this.#context.channel.rain) * Math.min(seconds, 3600)) / 3600;
    if (this.#context.sound.onePlane) this.#sensor(input, memory, prediction);
    for (let a = 0; a < this.#context.parts.arrays.length; a++) {
      this.#arrays.step(a, input, memory, prediction, days, newDay, day, rain);
    }
    for (let i = 0; i < this.#context.parts.inverters.length; i++) this.#inverters.step(i, input, memory, prediction);
    this.#total(input, prediction);
    if (this.#context.parts.battery !== undefined) this.#store(input, memory, prediction);
  }

  /** The irradiance in the plane, from that of the sky and the known error of the sensor. */
  #sensor(input: FilterInput, memory: Float64Array, { value, variance }: StagePrediction): void {
    const { filter, at, lightChannel } = this.#context.parts.arrays[0] as ArrayPart;
    const turned = input.expected[0] as number;
    filter.estimate(memory.subarray(at), 2, this.#error);
    const factor = 1 + this.#error.mean;
    value[0] = turned * factor;
    variance[0] =
      (input.inputVariance[0] as number) * factor * factor +
      (turned * this.#error.sd) ** 2 +
      this.#context.own(input, lightChannel, 0, turned);
  }

  /** The stages of the plant as a whole, from those of its inverters. */
  #total(input: FilterInput, { value, variance }: StagePrediction): void {
    let dc = 0;
    let dcDeviation = 0;
    let power = 0;
    let ac = 0;
    let acVariance = 0;
    let efficiencyVariance = 0;
    for (const { filter, dcStage, dcChannel, input: own } of this.#context.parts.inverters) {
      const { prediction } = filter;
      dc += value[dcStage] as number;
      const spread =
        (variance[dcStage] as number) - this.#context.own(input, dcChannel, dcStage, value[dcStage] as number);
      dcDeviation = together(dcDeviation, Math.sqrt(Math.max(0, spread)), this.#context.sound.onePlane);
      ac += prediction.acPower;
      acVariance += prediction.acVariance;
      power += own.power;
      efficiencyVariance += own.power * own.power * prediction.efficiencyVariance;
    }
    const stage = this.#context.stage;
    const set = (place: number, channel: number, told: number, spread: number) => {
      value[place] = told;
      variance[place] = spread + this.#context.own(input, channel, place, told);
    };
    set(stage.dc, this.#context.channel.dc, dc, dcDeviation * dcDeviation);
    set(stage.ac, this.#context.channel.ac, ac, acVariance);
    const k = this.#context.plant.grid.lossAtRating / this.#context.plant.acRating;
    set(stage.meter, this.#context.channel.meter, ac - k * ac * ac, acVariance * (1 - 2 * k * ac) ** 2);
    const judged = Number.isNaN(input.expected[stage.efficiency] as number) ? Number.NaN : (100 * ac) / power;
    set(stage.efficiency, this.#context.channel.efficiency, judged, efficiencyVariance / (power * power));
  }

  #store(filterInput: FilterInput, memory: Float64Array, { value, variance }: StagePrediction): void {
    if (this.#context.parts.battery === undefined) return;
    const { filter, input, at } = this.#context.parts.battery;
    const { row, seconds, time } = filterInput;
    const channel = this.#context.batteryChannel;
    const place = this.#context.stage.batteryVoltage;
    input.current = readChannel(row, channel.current);
    input.currentDeviation = this.#context.wiring.noise(channel.current, input.current);
    input.temperature = readChannel(row, channel.temperature);
    input.level = readChannel(row, channel.level);
    input.levelVariance = this.#context.wiring.noise(channel.level, input.level) ** 2;
    input.voltage = readChannel(row, channel.voltage);
    input.voltageVariance = this.#context.own(filterInput, channel.voltage, place, input.voltage);
    filter.step(input, seconds, time, memory.subarray(at, at + BatteryFilter.memorySize));
    value[place] = filter.voltage;
    variance[place] = filter.voltageVariance + this.#context.own(filterInput, channel.voltage, place, filter.voltage);
  }
}
