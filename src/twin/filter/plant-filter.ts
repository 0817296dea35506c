import type { Random } from '../../core/index.js';
import type { ModelChannel } from '../asset-model.js';
import type { Plant } from '../description/plant.js';
import type { SoundPlant } from '../plant/sound-plant.js';
import { ArrayFilter, type ArrayInput, arrayMeasurement, newArrayInput } from './array-filter.js';
import { BatteryFilter, type BatteryInput } from './battery-filter.js';
import type {
  FilterInput,
  FutureWeather,
  HealthEstimate,
  HealthFilter,
  HealthQuantity,
  StagePrediction,
} from './health-filter.js';
import { InverterFilter, type InverterInput } from './inverter-filter.js';
import { soilingParticles } from './soiling-particles.js';
import { stringGains } from './string-gains.js';
import { readChannel, Wiring } from './wiring.js';

const DAY = 86_400_000;
/** Rain of an instant, mm, after which dirt may be gone. */
const RINSING = 0.5;
/** Light from which an instant tells of dirt, W/m². */
const BRIGHT = 200;
/** Uncertainty of wind that is not measured, m/s, and of air that is told from the module, K. */
const UNSEEN = { wind: 1.5, air: 1 };

/** Doubt about the efficiency of an inverter whose DC side is not measured, as a fraction. */
const INVERTER_DOUBT = 0.01;

/** Where a part's numbers stand in the memory, and the channels and stages that are its. */
interface ArrayPart {
  readonly filter: ArrayFilter;
  readonly input: ArrayInput;
  readonly at: number;
  readonly soiling: number;
  /** Place of the loss by dirt among the quantities. */
  readonly dirt: number;
  readonly strings: number;
  readonly count: number;
  readonly lightChannel: number;
  readonly moduleChannel: number;
  readonly currents: readonly number[];
  readonly voltages: readonly number[];
  readonly firstStage: number;
  readonly inverter: number;
  /** Share of its inverter's DC power in a sound plant. */
  readonly share: number;
  /** Mean current of a usual string; NaN without string currents. */
  usual: number;
}

interface InverterPart {
  readonly filter: InverterFilter;
  readonly input: InverterInput;
  readonly at: number;
  readonly dcChannel: number;
  readonly acChannel: number;
  readonly heatChannel: number;
  readonly voltageChannel: number;
  readonly arrays: readonly number[];
  readonly startPower: number;
  readonly dcStage: number;
}

/**
 * Follows the health of a solar plant part by part: arrays from light to current and voltage, strings against each other,
 * inverters from DC to AC power and heat, the battery from current to voltage and level, dirt by the day. Each stage is
 * told what was measured before it, so that what ails one part does not touch the estimate of the next.
 */
export class PlantFilter implements HealthFilter {
  readonly quantities: readonly HealthQuantity[];
  readonly memorySize: number;
  readonly plain: readonly number[];
  readonly #plant: Plant;
  readonly #sound: SoundPlant;
  readonly #wiring: Wiring;
  readonly #arrays: readonly ArrayPart[];
  readonly #inverters: readonly InverterPart[];
  readonly #battery: { readonly filter: BatteryFilter; readonly input: BatteryInput; readonly at: number } | undefined;
  readonly #places: readonly ((memory: Float64Array, out: HealthEstimate) => void)[];
  readonly #channel: Readonly<Record<'air' | 'wind' | 'rain' | 'ghi' | 'dc' | 'ac' | 'meter' | 'efficiency', number>>;
  readonly #batteryChannel: Readonly<Record<'current' | 'voltage' | 'temperature' | 'level', number>>;
  readonly #stage: Readonly<Record<'dc' | 'efficiency' | 'ac' | 'meter' | 'batteryVoltage', number>>;
  readonly #sorted: Float64Array;
  readonly #error: HealthEstimate = { mean: 0, sd: 0, evidence: 0 };
  readonly #dayStart: number;

  constructor(plant: Plant, channels: readonly ModelChannel[], stages: readonly string[], sound: SoundPlant) {
    const wiring = new Wiring(channels);
    this.#plant = plant;
    this.plain = ['poaGlobal', 'moduleTemperature'].map((name) => stages.indexOf(name));
    this.#sound = sound;
    this.#wiring = wiring;
    let size = 1;
    const take = (count: number) => {
      size += count;
      return size - count;
    };
    const stage = (name: string) => stages.indexOf(name);
    const quantities: HealthQuantity[] = [];
    const places: ((memory: Float64Array, out: HealthEstimate) => void)[] = [];
    const alone = plant.arrays.length === 1;
    const peak = plant.arrays.map((array) => array.strings.length * array.modulesPerString);
    this.#arrays = plant.arrays.map((array, a): ArrayPart => {
      const filter = new ArrayFilter(array);
      const at = take(ArrayFilter.memorySize);
      const soiling = take(soilingParticles.memorySize);
      const count = array.strings.length;
      const strings = take(count * stringGains.width);
      const own = plant.inverters[array.inverter]?.arrays ?? [];
      filter.quantities().forEach((quantity, k) => {
        quantities.push(quantity);
        places.push((memory, out) => filter.estimate(memory.subarray(at), k, out));
      });
      const dirt = quantities.length;
      soilingParticles.quantities(array.id).forEach((quantity, k) => {
        quantities.push(quantity);
        places.push((memory, out) => soilingParticles.estimate(memory.subarray(soiling), k, out));
      });
      const ids = array.strings.map((s) => plant.strings[s]?.id ?? '');
      if (count > 1) {
        ids.forEach((id, k) => {
          const title = `Current of ${id} against its neighbours`;
          quantities.push({ name: `${id}.gain`, unit: '1', title, sound: 0, prior: stringGains.prior });
          places.push((memory, out) => {
            const gains = memory.subarray(strings);
            out.mean = stringGains.gain(gains, k);
            out.sd = Math.sqrt(stringGains.variance(gains, k));
            out.evidence = stringGains.evidence(gains, k);
          });
        });
      }
      const ownLight = wiring.of(`${array.id}.poaGlobal`);
      return {
        filter,
        input: newArrayInput(),
        at,
        soiling,
        dirt,
        strings,
        count,
        lightChannel: ownLight >= 0 ? ownLight : wiring.of('poaGlobal'),
        moduleChannel: alone ? wiring.of('moduleTemperature') : wiring.of(`${array.id}.moduleTemperature`),
        currents: ids.map((id) => wiring.of(`${id}.dcCurrent`)),
        voltages: ids.map((id) => wiring.of(`${id}.dcVoltage`)),
        firstStage: stage(`${ids[0]}.dcCurrent`),
        inverter: array.inverter,
        share: (peak[a] as number) / own.reduce((sum, other) => sum + (peak[other] as number), 0),
        usual: Number.NaN,
      };
    });
    this.#inverters = plant.inverters.map((inverter, i): InverterPart => {
      const filter = new InverterFilter(inverter);
      const at = take(InverterFilter.memorySize);
      filter.quantities().forEach((quantity, k) => {
        quantities.push(quantity);
        places.push((memory, out) => filter.estimate(memory.subarray(at), k, out));
      });
      return {
        filter,
        input: newInverterInput(),
        at,
        dcChannel: wiring.of(`${inverter.id}.dcPower`),
        acChannel: wiring.of(`${inverter.id}.acPower`),
        heatChannel: wiring.of(`${inverter.id}.heatSinkTemperature`),
        voltageChannel: wiring.of(`${inverter.id}.dcVoltage`),
        arrays: plant.arrays.flatMap((array, a) => (array.inverter === i ? [a] : [])),
        startPower: inverter.startPower,
        dcStage: stage(`${inverter.id}.dcPower`),
      };
    });
    if (plant.battery !== undefined) {
      const filter = new BatteryFilter(plant.battery);
      const at = take(BatteryFilter.memorySize);
      filter.quantities().forEach((quantity, k) => {
        quantities.push(quantity);
        places.push((memory, out) => filter.estimate(memory.subarray(at), k, out));
      });
      this.#battery = { filter, at, input: newBatteryInput() };
    }
    this.quantities = quantities;
    this.memorySize = size;
    this.#places = places;
    this.#channel = {
      air: wiring.of('airTemperature'),
      wind: wiring.of('windSpeed'),
      rain: wiring.of('precipitation'),
      ghi: wiring.of('ghi'),
      dc: wiring.of('dcPower'),
      ac: wiring.of('acPower'),
      meter: wiring.of('meterPower'),
      efficiency: wiring.of('inverterEfficiency'),
    };
    this.#batteryChannel = {
      current: wiring.of('battery.current'),
      voltage: wiring.of('battery.voltage'),
      temperature: wiring.of('battery.temperature'),
      level: wiring.of('batteryLevel'),
    };
    this.#stage = {
      dc: stage('dcPower'),
      efficiency: stage('inverterEfficiency'),
      ac: stage('acPower'),
      meter: stage('meterPower'),
      batteryVoltage: stage('battery.voltage'),
    };
    this.#sorted = new Float64Array(plant.strings.length);
    // Days change at the plant's midnight.
    this.#dayStart = (plant.site.longitude / 360) * DAY;
  }

  begin(memory: Float64Array): void {
    memory[0] = Number.NaN;
    for (const { filter, at, soiling, strings, count } of this.#arrays) {
      filter.begin(memory.subarray(at, at + ArrayFilter.memorySize));
      soilingParticles.begin(memory.subarray(soiling, soiling + soilingParticles.memorySize));
      stringGains.begin(memory.subarray(strings, strings + count * stringGains.width), count);
    }
    for (const { filter, at } of this.#inverters) filter.begin(memory.subarray(at, at + InverterFilter.memorySize));
    if (this.#battery !== undefined) {
      const { filter, at } = this.#battery;
      filter.begin(memory.subarray(at, at + BatteryFilter.memorySize));
    }
  }

  estimate(memory: Float64Array, index: number, out: HealthEstimate): void {
    this.#places[index]?.(memory, out);
  }

  course(memory: Float64Array, index: number, weather: FutureWeather, random: Random, path: Float64Array): boolean {
    const part = this.#arrays.find(({ dirt }) => dirt === index);
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
    const rain = (readChannel(row, this.#channel.rain) * Math.min(seconds, 3600)) / 3600;
    if (this.#sound.onePlane) this.#sensor(input, memory, prediction);
    for (let a = 0; a < this.#arrays.length; a++) {
      this.#array(this.#arrays[a] as ArrayPart, a, input, memory, prediction, days, newDay, day, rain);
    }
    for (let i = 0; i < this.#inverters.length; i++) {
      this.#inverter(this.#inverters[i] as InverterPart, i, input, memory, prediction);
    }
    this.#total(input, prediction);
    if (this.#battery !== undefined) this.#store(input, memory, prediction);
  }

  /** What a part's own noise and the error of the model leave open, as a variance. */
  #own(input: FilterInput, channel: number, stage: number, value: number): number {
    const noise = this.#wiring.noise(channel, value);
    const error = (input.modelError[stage] as number) * value;
    return noise * noise + error * error;
  }

  #array(
    part: ArrayPart,
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
    const { filter, input, count } = part;
    const own = memory.subarray(part.at, part.at + ArrayFilter.memorySize);
    const gains = memory.subarray(part.strings, part.strings + count * stringGains.width);
    filter.age(days, own);
    stringGains.age(gains, count, days);
    if (newDay && count > 1) filter.scaleLight(own, stringGains.centre(gains, count, this.#sorted));
    if (rain > RINSING) filter.rinse(own);
    part.usual = Number.NaN;
    const light = this.#sound.light[a] as number;
    let loss = Number.NaN;
    if (light > 0 && !Number.isNaN(this.#sound.air)) {
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
    const sound = this.#sound;
    const light = sound.light[a] as number;
    input.light = light;
    input.lightMeasured = sound.lightMeasured[a] === 1;
    input.air = sound.air;
    input.wind = sound.wind;
    // What is turned from the horizontal carries that sensor's noise, as the stage of the plane's irradiance has it.
    input.lightDeviation = input.lightMeasured
      ? this.#wiring.noise(part.lightChannel, light)
      : Math.sqrt(inputVariance[0] as number);
    const array = this.#plant.arrays[a];
    const { air, wind } = this.#channel;
    const conductance = (array?.u0 ?? 25) + (array?.u1 ?? 0) * sound.wind;
    const gust = Number.isNaN(readChannel(row, wind)) ? UNSEEN.wind : this.#wiring.noise(wind, sound.wind);
    const windPart = (light * (array?.u1 ?? 0) * gust) / (conductance * conductance);
    const airPart = Number.isNaN(readChannel(row, air)) ? UNSEEN.air : this.#wiring.noise(air, sound.air);
    input.cellDeviation = Math.sqrt(windPart * windPart + airPart * airPart);
  }

  /** What was measured of an array. */
  #measure(part: ArrayPart, a: number, filterInput: FilterInput, gains: Float64Array): void {
    const { row } = filterInput;
    const { input, filter } = part;
    const { measured, variance } = input;
    measured.fill(Number.NaN);
    if (input.lightMeasured) {
      const turned = this.#sound.turned[a] as number;
      const error = (filterInput.modelError[0] as number) * turned;
      measured[arrayMeasurement.sky] = turned;
      variance[arrayMeasurement.sky] = (filterInput.inputVariance[0] as number) + error * error;
    }
    measured[arrayMeasurement.module] = readChannel(row, part.moduleChannel);
    variance[arrayMeasurement.module] = this.#own(filterInput, part.moduleChannel, 1, filter.predicted[1] as number);
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
        this.#own(filterInput, part.voltages[0] as number, part.firstStage + 1, voltage) / voltmeters;
    }
    if (Number.isNaN(part.usual)) this.#power(part, filterInput);
  }

  /** Power of an array where no string current is measured: its share of the inverter's DC power, else told from the AC side. */
  #power(part: ArrayPart, filterInput: FilterInput): void {
    const { row, expected } = filterInput;
    const inverter = this.#inverters[part.inverter];
    if (inverter === undefined) return;
    const { measured, variance } = part.input;
    const alone = this.#inverters.length === 1;
    let power = readChannel(row, inverter.dcChannel);
    if (Number.isNaN(power) && alone) power = readChannel(row, this.#channel.dc);
    let doubt = 0;
    if (Number.isNaN(power)) {
      let ac = readChannel(row, inverter.acChannel);
      if (Number.isNaN(ac) && alone) ac = readChannel(row, this.#channel.ac);
      if (Number.isNaN(ac) && alone) ac = this.#beforeLine(readChannel(row, this.#channel.meter));
      // A sound inverter is assumed, with its usual doubt: then what it loses is put down to the array.
      power = (ac * (expected[inverter.dcStage] as number)) / (expected[inverter.dcStage + 1] as number);
      doubt = INVERTER_DOUBT * power * part.share;
    }
    measured[arrayMeasurement.power] = power * part.share;
    variance[arrayMeasurement.power] =
      this.#own(filterInput, inverter.dcChannel, this.#stage.dc, power * part.share) + doubt * doubt;
  }

  /** AC power of the inverters that leaves `meter` W after the line. */
  #beforeLine(meter: number): number {
    const k = this.#plant.grid.lossAtRating / this.#plant.acRating;
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
    const noise = this.#wiring.noise(part.currents[0] as number, middle);
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
      this.#own(filterInput, part.currents[0] as number, part.firstStage, part.usual) / near;
  }

  /**
   * Says what was foretold of the strings, and whether they work at their maximum, so that they tell of their health: not
   * where the inverter is off, at its limit, or held back.
   */
  #tracked(part: ArrayPart, filterInput: FilterInput, prediction: StagePrediction, gains: Float64Array): boolean {
    const { input, filter } = part;
    const { measured } = input;
    const { predicted, spread } = filter;
    const inverter = this.#inverters[part.inverter];
    if (inverter === undefined || this.#sound.limited(part.inverter)) return false;
    const { current, voltage, power } = arrayMeasurement;
    if ((predicted[power] as number) < 4 * inverter.startPower * part.share) return false;
    for (let s = 0; s < part.count; s++) {
      const gain = 1 + stringGains.gain(gains, s);
      const stage = part.firstStage + 2 * s;
      const amps = predicted[current] as number;
      const own = this.#own(filterInput, part.currents[s] as number, stage, amps * gain);
      prediction.value[stage] = amps * gain;
      prediction.variance[stage] =
        (spread[current] as number) * gain * gain + stringGains.variance(gains, s) * amps * amps + own;
      prediction.value[stage + 1] = predicted[voltage] as number;
      prediction.variance[stage + 1] =
        (spread[voltage] as number) +
        this.#own(filterInput, part.voltages[s] as number, stage + 1, predicted[voltage] as number);
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
      const noise = this.#wiring.noise(part.currents[s] as number, usual) / usual;
      stringGains.update(gains, s, value / usual, noise * noise * (1 + 1 / part.count), time);
    }
  }

  #inverter(
    part: InverterPart,
    i: number,
    filterInput: FilterInput,
    memory: Float64Array,
    prediction: StagePrediction,
  ): void {
    const { row, time, seconds } = filterInput;
    const { input, filter, dcStage } = part;
    const alone = this.#inverters.length === 1;
    // DC power as foretold, from the arrays; under one sensor their deviations add, under several their variances.
    const shared = this.#sound.onePlane;
    let told = 0;
    let deviation = 0;
    let voltage = 0;
    let judged = true;
    for (const a of part.arrays) {
      const { filter: array, strings, count, firstStage } = this.#arrays[a] as ArrayPart;
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
    const channel = part.dcChannel >= 0 ? part.dcChannel : this.#channel.dc;
    let power = readChannel(row, part.dcChannel);
    if (Number.isNaN(power) && alone) power = readChannel(row, this.#channel.dc);
    const poor = Number.isNaN(power);
    if (judged) {
      prediction.value[dcStage] = told;
      prediction.variance[dcStage] = deviation * deviation + this.#own(filterInput, channel, dcStage, told);
    }
    input.limited = this.#sound.limited(i) || poor;
    input.power = poor ? (judged ? told : (filterInput.expected[dcStage] as number)) : power;
    input.powerDeviation = poor ? deviation : this.#wiring.noise(channel, power);
    let volts = readChannel(row, part.voltageChannel);
    if (Number.isNaN(volts)) volts = readChannel(row, this.#arrays[part.arrays[0] as number]?.voltages[0] ?? -1);
    input.voltage = Number.isNaN(volts) ? (judged ? voltage : this.#plantVoltage(i)) : volts;
    input.air = this.#sound.air;
    input.airDeviation = this.#wiring.noise(this.#channel.air, input.air);
    let ac = readChannel(row, part.acChannel);
    let acChannel = part.acChannel;
    if (Number.isNaN(ac) && alone) {
      ac = readChannel(row, this.#channel.ac);
      acChannel = this.#channel.ac;
    }
    input.acPower = ac;
    input.acVariance = this.#own(filterInput, acChannel, dcStage + 1, ac);
    input.heatSink = readChannel(row, part.heatChannel);
    input.heatSinkVariance = this.#own(filterInput, part.heatChannel, dcStage + 2, input.heatSink);
    input.efficiency = alone && !poor ? readChannel(row, this.#channel.efficiency) : Number.NaN;
    input.efficiencyVariance = this.#own(
      filterInput,
      this.#channel.efficiency,
      this.#stage.efficiency,
      input.efficiency,
    );
    filter.step(input, seconds, time, memory.subarray(part.at, part.at + InverterFilter.memorySize));
    const said = filter.prediction;
    prediction.value[dcStage + 1] = said.acPower;
    prediction.variance[dcStage + 1] =
      said.acVariance + this.#own(filterInput, part.acChannel, dcStage + 1, said.acPower);
    prediction.value[dcStage + 2] = said.heatSink;
    prediction.variance[dcStage + 2] =
      said.heatSinkVariance + this.#own(filterInput, part.heatChannel, dcStage + 2, said.heatSink);
  }

  /** The irradiance in the plane, from that of the sky and the known error of the sensor. */
  #sensor(input: FilterInput, memory: Float64Array, { value, variance }: StagePrediction): void {
    const { filter, at, lightChannel } = this.#arrays[0] as ArrayPart;
    const turned = input.expected[0] as number;
    filter.estimate(memory.subarray(at), 2, this.#error);
    const factor = 1 + this.#error.mean;
    value[0] = turned * factor;
    variance[0] =
      (input.inputVariance[0] as number) * factor * factor +
      (turned * this.#error.sd) ** 2 +
      this.#own(input, lightChannel, 0, turned);
  }

  #plantVoltage(i: number): number {
    return this.#plant.inverters[i]?.dcVoltage ?? 0;
  }

  /** The stages of the plant as a whole, from those of its inverters. */
  #total(input: FilterInput, { value, variance }: StagePrediction): void {
    let dc = 0;
    let dcDeviation = 0;
    let power = 0;
    let ac = 0;
    let acVariance = 0;
    let efficiencyVariance = 0;
    for (const { filter, dcStage, dcChannel, input: own } of this.#inverters) {
      const { prediction } = filter;
      dc += value[dcStage] as number;
      const spread = (variance[dcStage] as number) - this.#own(input, dcChannel, dcStage, value[dcStage] as number);
      dcDeviation = together(dcDeviation, Math.sqrt(Math.max(0, spread)), this.#sound.onePlane);
      ac += prediction.acPower;
      acVariance += prediction.acVariance;
      power += own.power;
      efficiencyVariance += own.power * own.power * prediction.efficiencyVariance;
    }
    const stage = this.#stage;
    const set = (place: number, channel: number, told: number, spread: number) => {
      value[place] = told;
      variance[place] = spread + this.#own(input, channel, place, told);
    };
    set(stage.dc, this.#channel.dc, dc, dcDeviation * dcDeviation);
    set(stage.ac, this.#channel.ac, ac, acVariance);
    const k = this.#plant.grid.lossAtRating / this.#plant.acRating;
    set(stage.meter, this.#channel.meter, ac - k * ac * ac, acVariance * (1 - 2 * k * ac) ** 2);
    const judged = Number.isNaN(input.expected[stage.efficiency] as number) ? Number.NaN : (100 * ac) / power;
    set(stage.efficiency, this.#channel.efficiency, judged, efficiencyVariance / (power * power));
  }

  #store(filterInput: FilterInput, memory: Float64Array, { value, variance }: StagePrediction): void {
    if (this.#battery === undefined) return;
    const { filter, input, at } = this.#battery;
    const { row, seconds, time } = filterInput;
    const channel = this.#batteryChannel;
    const place = this.#stage.batteryVoltage;
    input.current = readChannel(row, channel.current);
    input.currentDeviation = this.#wiring.noise(channel.current, input.current);
    input.temperature = readChannel(row, channel.temperature);
    input.level = readChannel(row, channel.level);
    input.levelVariance = this.#wiring.noise(channel.level, input.level) ** 2;
    input.voltage = readChannel(row, channel.voltage);
    input.voltageVariance = this.#own(filterInput, channel.voltage, place, input.voltage);
    filter.step(input, seconds, time, memory.subarray(at, at + BatteryFilter.memorySize));
    value[place] = filter.voltage;
    variance[place] = filter.voltageVariance + this.#own(filterInput, channel.voltage, place, filter.voltage);
  }
}

/** The deviation of a sum whose parts err alike, or independently. */
const together = (a: number, b: number, alike: boolean) => (alike ? a + b : Math.sqrt(a * a + b * b));

const newInverterInput = (): InverterInput => ({
  power: 0,
  powerDeviation: 0,
  voltage: 0,
  air: 0,
  airDeviation: 0,
  acPower: 0,
  acVariance: 0,
  heatSink: 0,
  heatSinkVariance: 0,
  efficiency: 0,
  efficiencyVariance: 0,
  limited: false,
});

const newBatteryInput = (): BatteryInput => ({
  current: 0,
  currentDeviation: 0,
  temperature: 0,
  level: 0,
  levelVariance: 0,
  voltage: 0,
  voltageVariance: 0,
});
