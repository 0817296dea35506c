import { exp } from '../../core/math/index.js';
import type { PlantInverter } from '../description/plant.js';
import { DESIGN_LOSS, HEAT_SINK_TIME } from '../plant/inverter-run.js';
import { sandiaCurve } from '../solar/inverter.js';
import { GaussianMemory } from './gaussian-memory.js';
import type { HealthEstimate, HealthQuantity } from './health-filter.js';
import { sustained } from './sustained.js';
import { UnscentedFilter } from './unscented.js';

/** Places in the state. */
const LOSS = 0;
const HEAT = 1;
const TEMPERATURE = 2;
const SIZE = 3;

/** Variance that a day adds: a quarter of the power can be lost within half a year, a fan within two months. */
const DRIFT = { loss: 0.001 ** 2, heat: 0.02 ** 2 };
const PRIOR = { loss: 0.01, heat: 0.1, temperature: 5 };
const MOST = { loss: 0.05 ** 2, heat: 0.5 ** 2 };
const kept = new GaussianMemory([
  { prior: PRIOR.loss, drift: DRIFT.loss, most: MOST.loss, least: -0.1, greatest: 1 },
  { prior: PRIOR.heat, drift: DRIFT.heat, most: MOST.heat, least: -1, greatest: 3, logarithm: true },
  { prior: PRIOR.temperature },
]);
/** After the state: running innovations of power and heat, times of evidence. */
const RUNNING = kept.end;
const EVIDENCE = RUNNING + 2;
/** Share of the rating above which the rating may be what limits. */
const NEARLY_FULL = 0.98;

/** What the inverter's filter is given at an instant. Powers in W, temperatures in °C; NaN where not measured. */
export interface InverterInput {
  /** DC power and the standard deviation of what is known of it. */
  power: number;
  powerDeviation: number;
  /** DC voltage. */
  voltage: number;
  air: number;
  airDeviation: number;
  acPower: number;
  acVariance: number;
  heatSink: number;
  heatSinkVariance: number;
  /** AC over DC power, %, where the plant has this inverter only. */
  efficiency: number;
  efficiencyVariance: number;
  /** Whether it may be held back: then its AC power tells nothing of its health. */
  limited: boolean;
}

/** What was foretold of an inverter, with variances without the instruments' own noise. */
export interface InverterPrediction {
  acPower: number;
  acVariance: number;
  heatSink: number;
  heatSinkVariance: number;
  efficiency: number;
  efficiencyVariance: number;
}

/**
 * Follows one inverter: the share of the DC power that it loses beyond the sound loss, and the thermal resistance of its
 * heat sink. It is told the DC power, so that what ails the arrays does not touch it.
 */
export class InverterFilter {
  static readonly memorySize = EVIDENCE + 2;
  readonly prediction: InverterPrediction = {
    acPower: Number.NaN,
    acVariance: 0,
    heatSink: Number.NaN,
    heatSinkVariance: 0,
    efficiency: Number.NaN,
    efficiencyVariance: 0,
  };
  readonly #inverter: PlantInverter;
  readonly #ukf = new UnscentedFilter(SIZE, 1, 3);
  readonly #measured = new Float64Array(3);
  readonly #variance = new Float64Array(3);
  #input: InverterInput | undefined;
  #decay = 0;
  #enclosure = 0;

  constructor(inverter: PlantInverter) {
    this.#inverter = inverter;
  }

  quantities(): HealthQuantity[] {
    const { id } = this.#inverter;
    return [
      {
        name: `${id}.extraLoss`,
        unit: '1',
        title: `DC power that ${id} loses beyond the sound loss`,
        sound: 0,
        prior: PRIOR.loss,
        wear: {
          direction: 1,
          fault: 'inverter-efficiency',
          target: id,
          severity: (loss) => loss / 0.25,
          drift: () => Math.sqrt(DRIFT.loss),
        },
      },
      {
        name: `${id}.thermalResistance`,
        unit: '1',
        title: `Thermal resistance of the heat sink of ${id}, over that when new`,
        sound: 1,
        prior: PRIOR.heat,
        wear: {
          direction: 1,
          fault: 'inverter-derating',
          target: id,
          severity: (factor) => (factor - 1) / 2,
          drift: (factor) => factor * Math.sqrt(DRIFT.heat),
        },
      },
    ];
  }

  begin(memory: Float64Array): void {
    kept.begin(memory);
    memory[TEMPERATURE] = Number.NaN;
    memory.fill(Number.NaN, EVIDENCE);
  }

  estimate(memory: Float64Array, index: number, out: HealthEstimate): void {
    kept.read(memory, index, out);
    out.evidence = memory[EVIDENCE + index] as number;
  }

  #settled(heat: number, power: number, voltage: number): number {
    const inverter = this.#inverter;
    const loss = power > 0 ? Math.max(0, power - sandiaCurve(inverter.sandia, voltage, power)) : 0;
    return this.#enclosure + (inverter.heatSinkRise * exp(heat) * loss) / (DESIGN_LOSS * inverter.acRating);
  }

  readonly #warm = (state: Float64Array): void => {
    const { power, voltage } = this.#input as InverterInput;
    const settled = this.#settled(state[HEAT] as number, power, voltage);
    state[TEMPERATURE] = settled + ((state[TEMPERATURE] as number) - settled) * this.#decay;
  };

  readonly #convert = (state: Float64Array, disturbance: Float64Array, predicted: Float64Array): void => {
    const { power, powerDeviation, voltage } = this.#input as InverterInput;
    const truePower = Math.max(0, power - powerDeviation * (disturbance[0] as number));
    const ac = sandiaCurve(this.#inverter.sandia, voltage, truePower) - (state[LOSS] as number) * truePower;
    predicted[0] = Math.min(ac, this.#inverter.acRating);
    predicted[1] = state[TEMPERATURE] as number;
    predicted[2] = (100 * ac) / truePower;
  };

  step(input: InverterInput, seconds: number, time: number, memory: Float64Array): void {
    const { prediction } = this;
    const inverter = this.#inverter;
    const mean = kept.mean(memory);
    const covariance = kept.covariance(memory);
    kept.age(memory, Number.isFinite(seconds) ? seconds / 86_400 : 0);
    prediction.acPower = prediction.heatSink = prediction.efficiency = Number.NaN;
    const running = input.power > 3 * inverter.startPower && input.voltage > 0;
    if (Number.isNaN(input.air) || Number.isNaN(input.power) || (input.power > 0 && !(input.voltage > 0))) return;

    this.#input = input;
    this.#decay = exp(-Math.min(seconds, 1e6) / HEAT_SINK_TIME);
    this.#enclosure = input.air + inverter.enclosureRise * Math.min(1, input.power / inverter.dcRating);
    if (Number.isNaN(mean[TEMPERATURE] as number)) {
      mean[TEMPERATURE] = this.#settled(mean[HEAT] as number, input.power, input.voltage);
      if (!Number.isNaN(input.heatSink)) mean[TEMPERATURE] = input.heatSink;
    } else this.#ukf.propagate(mean, covariance, this.#warm);
    const airPart = (1 - this.#decay) * input.airDeviation;
    covariance[SIZE * SIZE - 1] = (covariance[SIZE * SIZE - 1] as number) + airPart * airPart;

    this.#ukf.predict(mean, covariance, this.#convert);
    const { predicted, spread } = this.#ukf;
    prediction.heatSink = predicted[1] as number;
    prediction.heatSinkVariance = spread[1] as number;
    this.#measured[1] = input.heatSink;
    this.#variance[1] = input.heatSinkVariance;
    this.#measured[0] = this.#measured[2] = Number.NaN;
    if (running && !input.limited) {
      prediction.acPower = predicted[0] as number;
      prediction.acVariance = spread[0] as number;
      prediction.efficiency = predicted[2] as number;
      prediction.efficiencyVariance = spread[2] as number;
      if (input.acPower < NEARLY_FULL * inverter.acRating && input.acPower > 0) {
        this.#measured[0] = input.acPower;
        this.#measured[2] = input.efficiency;
        this.#variance[0] = input.acVariance;
        this.#variance[2] = input.efficiencyVariance;
      }
    }
    this.#learn(mean, covariance, memory, time, running);
  }

  #learn(mean: Float64Array, covariance: Float64Array, memory: Float64Array, time: number, running: boolean): void {
    const { predicted, spread } = this.#ukf;
    const measured = this.#measured;
    const power = Number.isNaN(measured[2] as number) ? 0 : 2;
    const normalised = (i: number) =>
      ((measured[i] as number) - (predicted[i] as number)) /
      Math.sqrt((spread[i] as number) + (this.#variance[i] as number));
    const change = sustained(memory, RUNNING, normalised(power));
    const hotter = running && sustained(memory, RUNNING + 1, normalised(1));
    if (change) kept.lift(memory, LOSS);
    if (hotter) kept.lift(memory, HEAT);
    if (change || hotter) this.#ukf.predict(mean, covariance, this.#convert);
    this.#ukf.update(mean, covariance, measured, this.#variance);
    kept.limit(memory);
    if (!Number.isNaN(measured[0] as number)) memory[EVIDENCE + LOSS] = time;
    if (running && !Number.isNaN(measured[1] as number)) memory[EVIDENCE + HEAT] = time;
  }
}
