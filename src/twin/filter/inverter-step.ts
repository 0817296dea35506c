import { arrayMeasurement } from './array-filter.js';
import type { FilterInput, StagePrediction } from './health-filter.js';
import { InverterFilter } from './inverter-filter.js';
import { type PlantContext, together } from './plant-context.js';
import type { ArrayPart, InverterPart } from './plant-parts.js';
import { stringGains } from './string-gains.js';
import { readChannel } from './wiring.js';

/** Follows the inverters of a plant: AC power and heat at the DC power that was measured, else foretold. */
export class InverterStep {
  readonly #context: PlantContext;

  constructor(context: PlantContext) {
    this.#context = context;
  }

  /** Takes in an instant of the inverter at place `i`, after the arrays. */
  step(i: number, filterInput: FilterInput, memory: Float64Array, prediction: StagePrediction): void {
    const { row, time, seconds } = filterInput;
    const part = this.#context.parts.inverters[i] as InverterPart;
    const { input, filter, dcStage } = part;
    const alone = this.#context.parts.inverters.length === 1;
    // DC power as foretold, from the arrays; under one sensor their deviations add, under several their variances.
    const shared = this.#context.sound.onePlane;
    let told = 0;
    let deviation = 0;
    let voltage = 0;
    let judged = true;
    for (const a of part.arrays) {
      const { filter: array, strings, count, firstStage } = this.#context.parts.arrays[a] as ArrayPart;
      judged &&= !Number.isNaN(prediction.value[firstStage] as number);
      let gain = 0;
      for (let s = 0; s < count; s++) gain += 1 + (memory[strings + s * stringGains.width] as number);
      const power = ((array.predicted[arrayMeasurement.power] as number) * gain) / count;
      told += power;
      deviation = together(
        deviation,
        (Math.sqrt(array.spread[arrayMeasurement.power] as number) * gain) / count,
        shared,
      );
      voltage = Math.max(voltage, array.predicted[arrayMeasurement.voltage] as number);
    }
    const channel = part.dcChannel >= 0 ? part.dcChannel : this.#context.channel.dc;
    let power = readChannel(row, part.dcChannel);
    if (Number.isNaN(power) && alone) power = readChannel(row, this.#context.channel.dc);
    const poor = Number.isNaN(power);
    if (judged) {
      prediction.value[dcStage] = told;
      prediction.variance[dcStage] = deviation * deviation + this.#context.own(filterInput, channel, dcStage, told);
    }
    input.limited = this.#context.sound.limited(i) || poor;
    input.power = poor ? (judged ? told : (filterInput.expected[dcStage] as number)) : power;
    input.powerDeviation = poor ? deviation : this.#context.wiring.noise(channel, power);
    let volts = readChannel(row, part.voltageChannel);
    if (Number.isNaN(volts))
      volts = readChannel(row, this.#context.parts.arrays[part.arrays[0] as number]?.voltages[0] ?? -1);
    input.voltage = Number.isNaN(volts) ? (judged ? voltage : this.#plantVoltage(i)) : volts;
    input.air = this.#context.sound.air;
    input.airDeviation = this.#context.wiring.noise(this.#context.channel.air, input.air);
    let ac = readChannel(row, part.acChannel);
    let acChannel = part.acChannel;
    if (Number.isNaN(ac) && alone) {
      ac = readChannel(row, this.#context.channel.ac);
      acChannel = this.#context.channel.ac;
    }
    input.acPower = ac;
    input.acVariance = this.#context.own(filterInput, acChannel, dcStage + 1, ac);
    input.heatSink = readChannel(row, part.heatChannel);
    input.heatSinkVariance = this.#context.own(filterInput, part.heatChannel, dcStage + 2, input.heatSink);
    input.efficiency = alone && !poor ? readChannel(row, this.#context.channel.efficiency) : Number.NaN;
    input.efficiencyVariance = this.#context.own(
      filterInput,
      this.#context.channel.efficiency,
      this.#context.stage.efficiency,
      input.efficiency,
    );
    filter.step(input, seconds, time, memory.subarray(part.at, part.at + InverterFilter.memorySize));
    const said = filter.prediction;
    prediction.value[dcStage + 1] = said.acPower;
    prediction.variance[dcStage + 1] =
      said.acVariance + this.#context.own(filterInput, part.acChannel, dcStage + 1, said.acPower);
    prediction.value[dcStage + 2] = said.heatSink;
    prediction.variance[dcStage + 2] =
      said.heatSinkVariance + this.#context.own(filterInput, part.heatChannel, dcStage + 2, said.heatSink);
  }

  #plantVoltage(i: number): number {
    return this.#context.plant.inverters[i]?.dcVoltage ?? 0;
  }
}
