import { type Frame, Random, type RandomState } from '../core/index.js';
import type { AssetModel, AssetRun, Environment } from './asset-model.js';
import { type ActiveFault, activateFaults, type FaultRequest, sensorFaults, setSeverities } from './faults/index.js';
import { Measurement, type MeasurementState } from './measurement.js';

/** What a simulation is made of. */
export interface SimulatorOptions {
  readonly seed: number;
  readonly weatherSeed: number;
  /** ms since the epoch. */
  readonly start: number;
  readonly faults: readonly FaultRequest[];
  readonly weather: Frame | undefined;
}

/** The state of a simulator, as plain data. */
export interface SimulatorState {
  readonly random: RandomState;
  readonly measurement: MeasurementState;
  /** Of the actual run, the healthy one, then those with one fault alone. */
  readonly runs: readonly (readonly number[])[];
}

/**
 * Steps an asset through time: environment, plant and instruments, with a healthy copy beside it that tells what the
 * faults cost. `simulate` and `step` of the twin both go through here, so that they give the same values.
 */
export class Simulator {
  /** All faults, in the order of the request. */
  readonly faults: readonly ActiveFault[];
  /** What the instruments showed in the last step, by channel. */
  readonly measured: Float64Array;
  /** True values of the channels, then the states. */
  readonly truth: Float64Array;
  /** Power lost to each fault, W. */
  readonly lost: Float64Array;
  readonly #environment: Environment;
  readonly #inputs: Float64Array;
  #random: Random;
  readonly #measurement: Measurement;
  readonly #actual: AssetRun;
  readonly #healthy: AssetRun;
  readonly #alone: readonly AssetRun[];
  /** Places of the plant's faults among all. */
  readonly #physical: readonly number[];
  readonly #healthyOut: Float64Array;
  readonly #aloneOut: Float64Array;
  readonly #output: number;
  readonly #sign: number;

  constructor(model: AssetModel, options: SimulatorOptions) {
    // The asset's own stream: assets under one seed share their weather, not their noise.
    const random = new Random(options.seed).split(model.id);
    this.faults = activateFaults(
      options.faults,
      [...model.faults, ...sensorFaults],
      options.start,
      random.split('faults'),
    );
    const layer = (name: string) => this.faults.filter((fault) => fault.definition.layer === name);
    const circumstances = layer('none');
    const physical = layer('plant');
    this.#physical = physical.map((fault) => this.faults.indexOf(fault));
    this.#random = random.split('noise');
    this.#measurement = new Measurement(model, layer('measurement'));
    this.#environment = model.environment({ seed: options.weatherSeed, weather: options.weather, circumstances });
    this.#inputs = new Float64Array(model.inputCount);
    this.#actual = model.start([...physical, ...circumstances]);
    this.#healthy = physical.length === 0 ? this.#actual : model.start(circumstances);
    this.#alone = physical.length < 2 ? [] : physical.map((fault) => model.start([fault, ...circumstances]));
    const size = model.channels.length + model.states.length;
    this.measured = new Float64Array(model.channels.length);
    this.truth = new Float64Array(size);
    this.lost = new Float64Array(this.faults.length);
    this.#healthyOut = new Float64Array(size);
    this.#aloneOut = new Float64Array(size);
    const names = [...model.channels, ...model.states].map(({ name }) => name);
    this.#output = names.indexOf(model.output.name);
    this.#sign = model.output.sign;
  }

  /** Goes on to `time`, which begins a step of `seconds`. */
  advance(time: number, seconds: number): void {
    setSeverities(this.faults, time);
    this.#environment.at(time, this.#inputs);
    this.#actual.step(time, seconds, this.#inputs, this.truth);
    this.#measurement.read(time, this.truth, this.#inputs, this.#random, this.measured);
    if (this.#healthy !== this.#actual) this.#attribute(time, seconds);
  }

  /**
   * The power lost to each fault: the shortfall against the healthy copy, shared out in proportion to what each fault
   * would cost alone (faults that hide behind each other are not counted twice).
   */
  #attribute(time: number, seconds: number): void {
    const output = this.#output;
    this.#healthy.step(time, seconds, this.#inputs, this.#healthyOut);
    const healthy = this.#healthyOut[output] as number;
    const total = this.#sign * (healthy - (this.truth[output] as number));
    if (this.#alone.length === 0) {
      this.lost[this.#physical[0] as number] = total;
      return;
    }
    let sum = 0;
    this.#alone.forEach((run, i) => {
      run.step(time, seconds, this.#inputs, this.#aloneOut);
      const cost = Math.max(0, this.#sign * (healthy - (this.#aloneOut[output] as number)));
      this.lost[this.#physical[i] as number] = cost;
      sum += cost;
    });
    for (const place of this.#physical) {
      this.lost[place] = sum > 0 ? (total * (this.lost[place] as number)) / sum : total / this.#physical.length;
    }
  }

  get #runs(): readonly AssetRun[] {
    return [this.#actual, this.#healthy, ...this.#alone];
  }

  /** The state, from which `load` goes on to the bit. */
  save(): SimulatorState {
    return {
      random: this.#random.toJSON(),
      measurement: this.#measurement.save(),
      runs: this.#runs.map((run) => run.save()),
    };
  }

  /** Takes up what `save` gave: a new simulator of the same options then goes on from there. */
  load(state: SimulatorState): void {
    this.#random = Random.fromJSON(state.random);
    this.#measurement.load(state.measurement);
    this.#runs.forEach((run, i) => {
      run.load(state.runs[i] ?? []);
    });
  }
}

/**
 * A simulator that goes on from where `before` is, under other faults: what is already there (dust, temperatures, charge)
 * stays as it is.
 */
export function succeed(model: AssetModel, before: Simulator, options: SimulatorOptions): Simulator {
  const after = new Simulator(model, options);
  const state = before.save();
  const actual = state.runs[0] ?? [];
  const healthy = state.runs[1] ?? actual;
  const alone = after.faults.filter((fault) => fault.definition.layer === 'plant').length;
  after.load({
    random: state.random,
    measurement: { held: [], past: [] },
    runs: [actual, healthy, ...Array.from({ length: alone > 1 ? alone : 0 }, () => actual)],
  });
  return after;
}
