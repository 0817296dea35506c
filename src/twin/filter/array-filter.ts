import { exp, expm1, log } from '../../core/math/index.js';
import type { PlantArray } from '../description/plant.js';
import { DiodeTracker } from '../solar/diode-tracker.js';
import { GaussianMemory } from './gaussian-memory.js';
import type { HealthEstimate, HealthQuantity } from './health-filter.js';
import { sustained } from './sustained.js';
import { UnscentedFilter } from './unscented.js';

/**
 * Places in the state: share of the light lost, logarithm of the series resistance over that when new, error of the sensor,
 * and the leak beside the shunt as ln(1 + leak·shunt resistance), which grows evenly with the severity of PID.
 */
const LIGHT = 0;
const SERIES = 1;
const SENSOR = 2;
const LEAK = 3;
const SIZE = 4;
/** The leak at full severity of PID: 1.5 % of the shunt resistance are left. */
const FULL_LEAK = -log(0.015);
/** Share of PID that has recovered over night and is not back yet by day, when it is seen. */
const RECOVERED = 0.02;

/** Variance that a day adds. */
const DRIFT = { light: 0.0015 ** 2, series: 0.01 ** 2, sensor: 0.0003 ** 2, leak: 0.02 ** 2 };
const PRIOR = { light: 0.03, series: 0.1, sensor: 0.01, leak: 0.1 };
const MOST = { light: 0.2 ** 2, series: 0.5 ** 2, sensor: 0.02 ** 2, leak: 1 };
const kept = new GaussianMemory([
  { prior: PRIOR.light, drift: DRIFT.light, most: MOST.light, least: -0.3, greatest: 1 },
  { prior: PRIOR.series, drift: DRIFT.series, most: MOST.series, least: -1, greatest: 3, logarithm: true },
  { prior: PRIOR.sensor, drift: DRIFT.sensor, most: MOST.sensor, least: -0.5, greatest: 0.5 },
  { prior: PRIOR.leak, drift: DRIFT.leak, most: MOST.leak, least: -0.3, greatest: 6 },
]);
/** After the state: running innovations of light, voltage and sensor, times of evidence. */
const RUNNING = kept.end;
const EVIDENCE = RUNNING + 3;
/** Least light that tells of health, W/m². */
const LEAST_LIGHT = 50;

/** What can be measured of an array, by place in `measured`. */
export const arrayMeasurement = { sky: 0, module: 1, current: 2, voltage: 3, power: 4 } as const;
const MEASUREMENTS = 5;

/** What an array's filter is given at an instant. */
export interface ArrayInput {
  /** Irradiance that was taken, W/m², its standard deviation, and whether a sensor in the plane measured it. */
  light: number;
  lightDeviation: number;
  lightMeasured: boolean;
  /** Air, °C; wind, m/s; deviation of the cell temperature at given light, K. */
  air: number;
  wind: number;
  cellDeviation: number;
  /**
   * Irradiance as the horizontal sensor has it, module temperature, current of a sound string and voltage of the strings,
   * power of the array; NaN where not measured or without meaning.
   */
  readonly measured: Float64Array;
  readonly variance: Float64Array;
}

/** An input with nothing in it. */
export const newArrayInput = (): ArrayInput => ({
  light: 0,
  lightDeviation: 0,
  lightMeasured: false,
  air: 0,
  wind: 0,
  cellDeviation: 0,
  measured: new Float64Array(MEASUREMENTS),
  variance: new Float64Array(MEASUREMENTS),
});

/**
 * Follows one array: the light that does not reach its cells, its series resistance, and the error of its irradiance
 * sensor. Current tells of light, voltage of resistance; light and sensor are told apart where a second sensor looks at
 * the sky.
 */
export class ArrayFilter {
  static readonly memorySize = EVIDENCE + SIZE;
  /** Of the last `predict`: what was foretold, by `arrayMeasurement`, and its variance without the instruments' noise. */
  readonly predicted: Float64Array;
  readonly spread: Float64Array;
  readonly #array: PlantArray;
  readonly #diode: DiodeTracker;
  readonly #ukf = new UnscentedFilter(SIZE, 2, MEASUREMENTS);
  #input: ArrayInput = newArrayInput();

  constructor(array: PlantArray) {
    this.#array = array;
    this.#diode = new DiodeTracker(array.module);
    this.predicted = this.#ukf.predicted;
    this.spread = this.#ukf.spread;
  }

  quantities(): HealthQuantity[] {
    const { id } = this.#array;
    return [
      {
        name: `${id}.lightLoss`,
        unit: '1',
        title: `Light that does not reach the cells of ${id}`,
        sound: 0,
        prior: PRIOR.light,
        wear: {
          direction: 1,
          fault: 'discolouration',
          target: id,
          severity: (loss) => loss / 0.1,
          drift: () => Math.sqrt(DRIFT.light),
        },
      },
      {
        name: `${id}.seriesResistance`,
        unit: '1',
        title: `Series resistance of ${id}, over that when new`,
        sound: 1,
        prior: PRIOR.series,
        wear: {
          direction: 1,
          fault: 'series-resistance',
          target: id,
          severity: (factor) => (factor - 1) / 4,
          drift: (factor) => factor * Math.sqrt(DRIFT.series),
        },
      },
      {
        name: `${id}.sensorError`,
        unit: '1',
        title: `Error of the irradiance sensor of ${id}`,
        sound: 0,
        prior: PRIOR.sensor,
      },
      {
        name: `${id}.leak`,
        unit: '1',
        title: `Leak beside the shunt of ${id}, as ln(1 + leak × shunt resistance)`,
        sound: 0,
        prior: PRIOR.leak,
        wear: {
          direction: 1,
          fault: 'pid',
          target: id,
          severity: (leak) => leak / (FULL_LEAK * (1 - RECOVERED)),
          drift: () => Math.sqrt(DRIFT.leak),
        },
      },
    ];
  }

  begin(memory: Float64Array): void {
    kept.begin(memory);
    memory.fill(Number.NaN, EVIDENCE);
  }

  estimate(memory: Float64Array, index: number, out: HealthEstimate): void {
    kept.read(memory, index, out);
    out.evidence = memory[EVIDENCE + index] as number;
  }

  /** Moves the share of the light that is lost: what all strings have in common is the array's. */
  scaleLight(memory: Float64Array, factor: number): void {
    memory[LIGHT] = 1 - (1 - (memory[LIGHT] as number)) * factor;
  }

  /** Lets the dirt be gone or not: after rain that could wash it. */
  rinse(memory: Float64Array): void {
    const loss = memory[LIGHT] as number;
    const covariance = kept.covariance(memory);
    covariance[0] = (covariance[0] as number) + loss * loss;
  }

  readonly #shine = (state: Float64Array, disturbance: Float64Array, predicted: Float64Array): void => {
    const input = this.#input;
    const array = this.#array;
    const seen = input.light - input.lightDeviation * (disturbance[0] as number);
    const light = Math.max(0, input.lightMeasured ? seen / (1 + (state[SENSOR] as number)) : seen);
    const cell =
      input.air + light / (array.u0 + array.u1 * input.wind) + input.cellDeviation * (disturbance[1] as number);
    predicted[arrayMeasurement.sky] = input.lightMeasured ? light : Number.NaN;
    predicted[arrayMeasurement.module] = cell;
    const effective = light * (1 - (state[LIGHT] as number));
    if (!(effective > 1)) {
      predicted[arrayMeasurement.current] = predicted[arrayMeasurement.voltage] = predicted[arrayMeasurement.power] = 0;
      return;
    }
    const diode = this.#diode;
    diode.seriesFactor = exp(state[SERIES] as number);
    diode.leak = expm1(state[LEAK] as number) / array.module.shuntResistanceRef;
    diode.follow(effective, cell);
    const voltage = diode.voltage * array.modulesPerString;
    predicted[arrayMeasurement.current] = diode.current;
    predicted[arrayMeasurement.voltage] = voltage;
    predicted[arrayMeasurement.power] = diode.current * voltage * array.strings.length;
  };

  /** Lets the time pass. */
  age(days: number, memory: Float64Array): void {
    kept.age(memory, days);
  }

  /** Foretells what will be measured. */
  predict(input: ArrayInput, memory: Float64Array): void {
    this.#input = input;
    this.#diode.reset();
    this.#ukf.predict(kept.mean(memory), kept.covariance(memory), this.#shine);
  }

  /** Takes in what was measured, after `predict`. */
  update(input: ArrayInput, time: number, memory: Float64Array): void {
    if (input.light < LEAST_LIGHT) return;
    const { measured, variance } = input;
    const normalised = (i: number) =>
      ((measured[i] as number) - (this.predicted[i] as number)) /
      Math.sqrt((this.spread[i] as number) + (variance[i] as number));
    const amount = Number.isNaN(measured[arrayMeasurement.current] as number)
      ? arrayMeasurement.power
      : arrayMeasurement.current;
    const dimmer = sustained(memory, RUNNING, normalised(amount));
    const weaker = sustained(memory, RUNNING + 1, normalised(arrayMeasurement.voltage));
    const sensor = sustained(memory, RUNNING + 2, normalised(arrayMeasurement.sky));
    if (dimmer) kept.lift(memory, LIGHT);
    if (weaker) kept.lift(memory, SERIES);
    if (weaker || dimmer) kept.lift(memory, LEAK);
    if (sensor) kept.lift(memory, SENSOR);
    if (dimmer || weaker || sensor) this.predict(input, memory);
    this.#ukf.update(kept.mean(memory), kept.covariance(memory), measured, variance);
    kept.limit(memory);
    if (!Number.isNaN(measured[amount] as number)) memory[EVIDENCE + LIGHT] = time;
    if (!Number.isNaN(measured[arrayMeasurement.voltage] as number))
      memory[EVIDENCE + SERIES] = memory[EVIDENCE + LEAK] = time;
    if (!Number.isNaN(measured[arrayMeasurement.sky] as number)) memory[EVIDENCE + SENSOR] = time;
  }
}
