import { TwinergyError } from '../../core/index.js';
import type { StageEvaluator } from '../asset-model.js';
import { packColdFactor, packOpenVoltage, packResistance } from '../battery/pack.js';
import type { Plant, PlantArray } from '../description/plant.js';
import { DiodeTracker } from '../solar/diode-tracker.js';
import { cellTemperatureFaiman, decomposeErbs, type PowerPoint } from '../solar/index.js';
import type { DcInput } from './array-run.js';
import type { InverterCondition } from './condition.js';
import { planeIrradiance, workingPlane } from './environment.js';
import { arrayInput, COMMON_INPUTS, input } from './inputs.js';
import { InverterRun } from './inverter-run.js';
import type { Sky } from './sky.js';

/** Share of the rating below which the voltage of an idling or waking inverter is not foretold. */
const LEAST_LOAD = 0.01;
/** Nominal wind where none is measured, m/s. */
const USUAL_WIND = 2;
/** Share of the rating from which the efficiency is measured. */
const LEAST_EFFICIENT = 0.1;

/** Channels of the plant as a whole that it reads, and their places. */
const COMMON_CHANNELS = [
  'ghi',
  'poaGlobal',
  'irradiance',
  'airTemperature',
  'moduleTemperature',
  'windSpeed',
  'loadPower',
  'battery.power',
  'battery.current',
  'battery.temperature',
  'batteryLevel',
];
const at = {
  ghi: 0,
  poa: 1,
  irradiance: 2,
  air: 3,
  module: 4,
  wind: 5,
  load: 6,
  battery: 7,
  batteryCurrent: 8,
  batteryTemperature: 9,
  batteryLevel: 10,
} as const;

const SOUND: InverterCondition = { mpptOffset: 0, thermalResistance: 1, extraLoss: 0, off: false, insulation: 0 };

/** The channels whose expected values follow from light, temperature and wind, in the order of the physics; the battery's from its current. */
export function plantStages(plant: Plant): string[] {
  return [
    'poaGlobal',
    'moduleTemperature',
    ...plant.strings.flatMap(({ id }) => [`${id}.dcCurrent`, `${id}.dcVoltage`]),
    'dcPower',
    ...plant.inverters.flatMap(({ id }) => [`${id}.dcPower`, `${id}.acPower`, `${id}.heatSinkTemperature`]),
    'inverterEfficiency',
    'acPower',
    'meterPower',
    ...(plant.battery === undefined ? [] : ['battery.voltage']),
  ];
}

/** All strings of a sound array as one input of its inverter: they are equal, so one module stands for all. */
class SoundArray implements DcInput {
  readonly array: PlantArray;
  readonly inputs: readonly DcInput[] = [this];
  readonly diode: DiodeTracker;
  readonly best: PowerPoint = { voltage: 0, current: 0, power: 0 };
  readonly now: PowerPoint = { voltage: 0, current: 0, power: 0 };
  readonly #modules: number;
  readonly #strings: number;

  constructor(array: PlantArray) {
    this.array = array;
    this.diode = new DiodeTracker(array.module);
    this.#modules = array.modulesPerString;
    this.#strings = array.strings.length;
  }

  /** Finds the best point for light, W/m², and cell temperature, °C. */
  shine(light: number, cellTemperature: number): void {
    const { best, diode } = this;
    if (light > 0) {
      // From scratch each time: what an instant gives must not hang on what was asked before.
      diode.reset();
      diode.follow(light, cellTemperature);
      best.voltage = diode.voltage * this.#modules;
      best.current = diode.current * this.#strings;
    } else best.voltage = best.current = 0;
    best.power = best.voltage * best.current;
  }

  open(): number {
    return this.best.power > 0 ? this.diode.openVoltage() * this.#modules : 0;
  }

  hold(voltage: number): void {
    this.#set(voltage, Math.max(0, this.diode.currentAt(voltage / this.#modules)) * this.#strings);
  }

  throttle(power: number): void {
    const voltage = this.diode.voltageFor(power / (this.#modules * this.#strings)) * this.#modules;
    this.#set(voltage, power / voltage);
  }

  #set(voltage: number, current: number): void {
    this.now.voltage = voltage;
    this.now.current = current;
    this.now.power = voltage * current;
  }
}

/**
 * What a sound plant does under the light and temperature that were measured, one instant at a time and without making
 * objects. Light: each array's `poaGlobal`, else the plant's (or `irradiance`) where all arrays lie in one plane, else
 * `ghi` turned onto each plane. Temperature: `airTemperature`, else what `moduleTemperature` says of it. The plane-of-array
 * irradiance itself is expected from `ghi`. It keeps nothing between instants but what is in `memory` (the temperatures
 * of the heat sinks): one evaluator serves any number of plants of one description.
 */
export class SoundPlant implements StageEvaluator {
  readonly inputs: readonly string[];
  readonly stages: readonly string[];
  readonly uncertain: readonly number[];
  readonly memorySize: number;
  /** Irradiance on each array's plane that was taken, W/m², and whether its own sensor or the common one measured it. */
  readonly light: Float64Array;
  readonly lightMeasured: Uint8Array;
  /** Irradiance on each plane as `ghi` has it, W/m²; NaN without `ghi`. */
  readonly turned: Float64Array;
  /** Cell temperature of each array, °C. */
  readonly cells: Float64Array;
  /** Whether all arrays lie in one fixed plane, so that one sensor does for all. */
  readonly onePlane: boolean;
  /** Air temperature, °C, and wind, m/s, that were taken. */
  air = Number.NaN;
  wind = USUAL_WIND;
  readonly #plant: Plant;
  readonly #sky: Sky;
  readonly #arrays: readonly SoundArray[];
  readonly #inverters: readonly InverterRun[];
  readonly #weights: Float64Array;

  readonly #sun: Float64Array;

  constructor(plant: Plant, sky: Sky) {
    this.#plant = plant;
    this.#sky = sky;
    this.stages = plantStages(plant);
    this.inputs = [...COMMON_CHANNELS, ...plant.arrays.map(({ id }) => `${id}.poaGlobal`)];
    const uncertain = ['ghi', 'poaGlobal', 'airTemperature', 'windSpeed', 'battery.current', 'batteryLevel'];
    this.uncertain = this.inputs.flatMap((name, c) =>
      uncertain.includes(name) || c >= COMMON_CHANNELS.length ? [c] : [],
    );
    this.memorySize = plant.inverters.length;
    this.#arrays = plant.arrays.map((array) => new SoundArray(array));
    this.#inverters = plant.inverters.map((inverter) => new InverterRun(inverter, this.#arrays));
    const modules = plant.arrays.map((array) => array.strings.length * array.modulesPerString);
    const all = modules.reduce((sum, count) => sum + count, 0);
    this.#weights = Float64Array.from(modules, (count) => count / all);
    this.onePlane = plant.arrays.every(
      ({ tilt, azimuth, tracker }) =>
        tracker === undefined && tilt === plant.arrays[0]?.tilt && azimuth === plant.arrays[0]?.azimuth,
    );
    this.#sun = new Float64Array(COMMON_INPUTS + 3);
    this.light = new Float64Array(plant.arrays.length);
    this.lightMeasured = new Uint8Array(plant.arrays.length);
    this.turned = new Float64Array(plant.arrays.length);
    this.cells = new Float64Array(plant.arrays.length);
  }

  demand(has: (channel: string) => boolean): void {
    const light = ['poaGlobal', 'irradiance', 'ghi'];
    if (!light.some(has) && !this.#plant.arrays.every(({ id }) => has(`${id}.poaGlobal`))) {
      throw new TwinergyError(
        'TWIN_MISSING_CHANNEL',
        'There is no light in these data: none of poaGlobal, irradiance, ghi, nor one of each array.',
        { hint: 'Map the light that was measured to one of these channels.' },
      );
    }
    if (!has('airTemperature') && !has('moduleTemperature')) {
      throw new TwinergyError(
        'TWIN_MISSING_CHANNEL',
        'There is no temperature in these data: neither airTemperature nor moduleTemperature.',
        { hint: 'Map the temperature that was measured to one of these channels.' },
      );
    }
  }

  evaluate(time: number, seconds: number, measured: Float64Array, memory: Float64Array, expected: Float64Array): void {
    expected.fill(Number.NaN);
    this.#see(time, measured);
    let poa = 0;
    let known = true;
    for (let a = 0; a < this.light.length; a++) {
      poa += (this.#weights[a] as number) * (this.turned[a] as number);
      known &&= !Number.isNaN(this.light[a] as number);
    }
    this.#feel(measured);
    expected[0] = poa;
    if (this.#plant.battery !== undefined) expected[expected.length - 1] = this.#batteryVoltage(measured);
    if (!known || Number.isNaN(this.air)) return;
    let cells = 0;
    for (let a = 0; a < this.#arrays.length; a++) {
      const run = this.#arrays[a] as SoundArray;
      const light = this.light[a] as number;
      const cell = cellTemperatureFaiman(light, this.air, this.wind, run.array.u0, run.array.u1);
      this.cells[a] = cell;
      cells += (this.#weights[a] as number) * cell;
      run.shine(light, cell);
    }
    expected[1] = cells;
    this.#run(seconds, measured, memory, expected);
  }

  /** Whether a sound inverter does not take all that its arrays could give: asleep, at a limit, or outside its window. */
  limited(inverter: number): boolean {
    const run = this.#inverters[inverter];
    return run === undefined || run.dcPower <= 0 || run.clipped + run.curtailed + run.trackingLoss > 0;
  }

  /** Voltage of a sound battery at the level, temperature and current that were measured. */
  #batteryVoltage(measured: Float64Array): number {
    const { battery } = this.#plant;
    const level = measured[at.batteryLevel] as number;
    const temperature = measured[at.batteryTemperature] as number;
    const current = measured[at.batteryCurrent] as number;
    // Beyond these the display ends and the voltage is steep.
    if (battery === undefined || !(level > 1.5 && level < 98.5)) return Number.NaN;
    const capacity = battery.capacity * packColdFactor(battery, temperature);
    const drawn = (1 - level / 100) * capacity;
    const resistance = packResistance(battery, capacity, drawn, temperature, 1, Math.sign(current));
    return packOpenVoltage(battery, capacity, drawn, temperature) + resistance * current;
  }

  /** The light on each plane. */
  #see(time: number, measured: Float64Array): void {
    const plant = this.#plant;
    const ghi = measured[at.ghi] as number;
    const seen = !Number.isNaN(ghi);
    const common = Number.isNaN(measured[at.poa] as number)
      ? (measured[at.irradiance] as number)
      : (measured[at.poa] as number);
    const sun = this.#sun;
    if (seen) {
      const sky = this.#sky;
      sky.look(time);
      const light = sky.apparentZenith >= 90 ? 0 : Math.max(0, ghi);
      const { dni, dhi } = decomposeErbs(light, sky.zenith, sky.day);
      sun[input.zenith] = sky.apparentZenith;
      sun[input.azimuth] = sky.azimuth;
      sun[input.extraterrestrial] = sky.extraterrestrial;
      sun[input.ghi] = light;
      sun[input.dni] = dni;
      sun[input.dhi] = dhi;
    }
    for (let a = 0; a < plant.arrays.length; a++) {
      let turned = Number.NaN;
      if (seen) {
        const { plane } = workingPlane(plant.arrays[a] as PlantArray, sun);
        planeIrradiance(sun, plane, plant.site.albedo, sun, COMMON_INPUTS);
        turned =
          (sun[COMMON_INPUTS + arrayInput.beam] as number) +
          (sun[COMMON_INPUTS + arrayInput.sky] as number) +
          (sun[COMMON_INPUTS + arrayInput.ground] as number);
      }
      this.turned[a] = turned;
      let light = measured[COMMON_CHANNELS.length + a] as number;
      if (Number.isNaN(light) && (this.onePlane || !seen)) light = common;
      this.lightMeasured[a] = Number.isNaN(light) ? 0 : 1;
      this.light[a] = Number.isNaN(light) ? turned : Math.max(0, light);
    }
  }

  /** Air and wind. */
  #feel(measured: Float64Array): void {
    const wind = measured[at.wind] as number;
    this.wind = Number.isNaN(wind) ? USUAL_WIND : wind;
    this.air = measured[at.air] as number;
    if (Number.isNaN(this.air)) {
      const array = this.#plant.arrays[0];
      const warming = (this.light[0] as number) / ((array?.u0 ?? 25) + (array?.u1 ?? 0) * this.wind);
      this.air = (measured[at.module] as number) - warming;
    }
  }

  /** From the arrays' best power to the meter. */
  #run(seconds: number, measured: Float64Array, memory: Float64Array, expected: Float64Array): void {
    const plant = this.#plant;
    let ac = 0;
    for (let i = 0; i < this.#inverters.length; i++) {
      const run = this.#inverters[i] as InverterRun;
      run.heatSink = memory[i] as number;
      run.run(seconds, this.air, 0, SOUND);
      run.curtail(run.inverter.acRating);
      ac += run.acPower;
    }
    const k = plant.grid.lossAtRating / plant.acRating;
    const positive = Math.max(0, ac);
    let meter = ac - positive * positive * k;
    const load = measured[at.load] as number;
    const battery = measured[at.battery] as number;
    const allowed = plant.grid.exportLimit + (Number.isNaN(load) ? 0 : load) + (Number.isNaN(battery) ? 0 : battery);
    if (meter > allowed) {
      const limit = k > 0 ? (2 * allowed) / (1 + Math.sqrt(Math.max(0, 1 - 4 * k * allowed))) : allowed;
      const before = ac;
      ac = 0;
      for (const run of this.#inverters) {
        run.curtail((limit * run.acPower) / before);
        ac += run.acPower;
      }
      meter = ac - ac * ac * k;
    }
    let dc = 0;
    for (let i = 0; i < this.#inverters.length; i++) {
      const run = this.#inverters[i] as InverterRun;
      run.finish();
      dc += run.dcPower;
      memory[i] = run.heatSink;
    }

    let s = 2;
    const settled = dc >= LEAST_LOAD * plant.acRating;
    for (const { array, now } of this.#arrays) {
      const current = now.power > 0 ? now.current / array.strings.length : 0;
      const voltage = settled ? now.voltage : Number.NaN;
      for (let k = 0; k < array.strings.length; k++) {
        expected[s++] = current;
        expected[s++] = voltage;
      }
    }
    expected[s++] = dc;
    for (const run of this.#inverters) {
      expected[s++] = run.dcPower;
      expected[s++] = run.acPower;
      expected[s++] = run.heatSink;
    }
    expected[s++] = dc > LEAST_EFFICIENT * plant.acRating ? (100 * ac) / dc : Number.NaN;
    expected[s++] = ac;
    expected[s] = meter;
  }
}
