import type { Reading } from '../../core/index.js';
import type { AssetModel, StageEvaluator } from '../asset-model.js';
import { newMemory, stepSeconds } from '../expected.js';
import type { HealthFilter, StagePrediction } from './health-filter.js';
import { Wiring } from './wiring.js';

/** A difference beyond this many standard deviations counts no more towards the error of the model. */
const FARTHEST = 2.5;
/** Readings by whose number a new estimate of the model's error is made, first and in the long run. */
const FIRST = 50;
const LONG_RUN = 2000;
/** Share of the full scale from which a stage tells of the model's error. */
const LEAST_VALUE = 0.05;

/**
 * Assimilates instants of assets of one kind. What it knows of an asset is one array of numbers: the filter's and the
 * evaluator's memory, the time of the last instant, and for each stage the variance of the model's relative error and how
 * many instants it comes from. The engine itself has only buffers, so that a fleet shares it.
 */
export class LiveEngine {
  readonly model: AssetModel;
  readonly filter: HealthFilter | undefined;
  /** How many numbers it knows of an asset. */
  readonly size: number;
  /** The instant's channels; filled by `load`. */
  readonly row: Float64Array;
  /** Of the last instant, by stage. */
  readonly measured: Float64Array;
  readonly expected: Float64Array;
  /** Variance of measured less expected in a sound asset. */
  readonly variance: Float64Array;
  /** What the estimated health foretold, and measured less that over its standard deviation; NaN where not judged. */
  readonly predicted: Float64Array;
  readonly innovation: Float64Array;
  readonly #evaluator: StageEvaluator;
  readonly #filterSize: number;
  readonly #time: number;
  readonly #errors: number;
  readonly #counts: number;
  readonly #inputs: Float64Array;
  readonly #inputPlaces: Int32Array;
  readonly #stagePlaces: Int32Array;
  readonly #aliases: readonly (readonly [own: number, other: number])[];
  readonly #names: readonly string[];
  readonly #wiring: Wiring;
  readonly #scratch: Float64Array;
  readonly #bent: Float64Array;
  readonly #inputVariance: Float64Array;
  readonly #modelError: Float64Array;
  readonly #scales: Float64Array;
  readonly #prediction: StagePrediction;
  readonly #filterInput;

  constructor(model: AssetModel, evaluator: StageEvaluator) {
    const stages = model.stages.length;
    this.model = model;
    this.#evaluator = evaluator;
    this.filter = model.filter?.();
    this.#filterSize = this.filter?.memorySize ?? 0;
    this.#time = this.#filterSize + evaluator.memorySize;
    this.#errors = this.#time + 1;
    this.#counts = this.#errors + stages;
    this.size = this.#counts + stages;
    const wiring = new Wiring(model.channels);
    this.#wiring = wiring;
    this.#names = model.channels.map(({ name }) => name);
    this.#aliases = model.channels.flatMap(({ aliasOf }, c) =>
      aliasOf === undefined ? [] : [[c, wiring.of(aliasOf)] as const],
    );
    this.#inputPlaces = Int32Array.from(evaluator.inputs, (name) => wiring.of(name));
    this.#stagePlaces = Int32Array.from(model.stages, (name) => wiring.of(name));
    this.#scales = Float64Array.from(this.#stagePlaces, (c) => LEAST_VALUE * (model.channels[c]?.fullScale ?? 1));
    this.row = new Float64Array(model.channels.length);
    this.#inputs = new Float64Array(evaluator.inputs.length);
    this.#scratch = new Float64Array(evaluator.memorySize);
    const perStage = () => new Float64Array(stages);
    this.measured = perStage();
    this.expected = perStage();
    this.variance = perStage();
    this.predicted = perStage();
    this.innovation = perStage();
    this.#bent = new Float64Array(stages * evaluator.uncertain.length);
    this.#inputVariance = perStage();
    this.#modelError = perStage();
    this.#prediction = { value: this.predicted, variance: perStage() };
    this.#filterInput = {
      time: 0,
      seconds: 0,
      row: this.row,
      expected: this.expected,
      inputVariance: this.#inputVariance,
      modelError: this.#modelError,
    };
  }

  /** What is known before the first instant. */
  begin(): Float64Array {
    const state = new Float64Array(this.size);
    this.filter?.begin(state.subarray(0, this.#filterSize));
    state.set(newMemory(this.#evaluator), this.#filterSize);
    state[this.#time] = Number.NaN;
    return state;
  }

  /** Time of the last instant of an asset, ms since the epoch; NaN before the first. */
  timeOf(state: Float64Array): number {
    return state[this.#time] as number;
  }

  /** Fills `row` from a reading. */
  load(reading: Reading): void {
    const { values } = reading;
    const names = this.#names;
    for (let c = 0; c < names.length; c++) this.row[c] = values[names[c] as string] ?? Number.NaN;
    this.complete();
  }

  /** Puts what is known under one name of a channel under its other. */
  complete(): void {
    const { row } = this;
    for (const [own, other] of this.#aliases) {
      if (Number.isNaN(row[other] as number)) row[other] = row[own] as number;
      else row[own] = row[other] as number;
    }
  }

  /** Takes in the instant in `row`, later than any before it: moves `state` on and sets the fields. */
  step(time: number, state: Float64Array): void {
    const last = state[this.#time] as number;
    state[this.#time] = time;
    this.#expect(time, stepSeconds(time, last), state);
    const stages = this.expected.length;
    for (let s = 0; s < stages; s++) {
      this.#modelError[s] = Math.sqrt(state[this.#errors + s] as number);
      this.measured[s] = this.row[this.#stagePlaces[s] as number] as number;
    }
    this.predicted.fill(Number.NaN);
    if (this.filter !== undefined) {
      this.#filterInput.time = time;
      this.#filterInput.seconds = Number.isNaN(last) ? Number.POSITIVE_INFINITY : (time - last) / 1000;
      this.filter.step(this.#filterInput, state.subarray(0, this.#filterSize), this.#prediction);
    }
    for (let s = 0; s < stages; s++) this.#judge(s, state);
  }

  /** What a sound asset would do, and what the noise of the inputs does to that. */
  #expect(time: number, seconds: number, state: Float64Array): void {
    const evaluator = this.#evaluator;
    const inputs = this.#inputs;
    const memory = state.subarray(this.#filterSize, this.#filterSize + evaluator.memorySize);
    for (let c = 0; c < inputs.length; c++) {
      const place = this.#inputPlaces[c] as number;
      inputs[c] = place < 0 ? Number.NaN : (this.row[place] as number);
    }
    const variance = this.#inputVariance;
    const { expected } = this;
    const stages = expected.length;
    const bent = this.#bent;
    // The instant itself comes last, so that the evaluator's own fields are of it.
    let count = 0;
    for (const c of evaluator.uncertain) {
      const value = inputs[c] as number;
      const noise = Number.isNaN(value) ? 0 : this.#wiring.noise(this.#inputPlaces[c] as number, value);
      if (noise === 0) continue;
      inputs[c] = value + noise;
      this.#scratch.set(memory);
      evaluator.evaluate(time, seconds, inputs, this.#scratch, expected);
      bent.set(expected, count * stages);
      count++;
      inputs[c] = value;
    }
    evaluator.evaluate(time, seconds, inputs, memory, expected);
    for (let s = 0; s < stages; s++) {
      let sum = 0;
      for (let k = 0; k < count; k++) {
        const difference = (bent[k * stages + s] as number) - (expected[s] as number);
        if (!Number.isNaN(difference)) sum += difference * difference;
      }
      variance[s] = sum;
    }
  }

  #judge(s: number, state: Float64Array): void {
    const expected = this.expected[s] as number;
    const channel = this.#stagePlaces[s] as number;
    const error = state[this.#errors + s] as number;
    const noise = this.#wiring.noise(channel, expected);
    const own = (this.#inputVariance[s] as number) + noise * noise + error * expected * expected;
    this.variance[s] = own;
    let told = this.predicted[s] as number;
    let variance = this.#prediction.variance[s] as number;
    // A stage that no part of the health touches is judged by what is expected.
    if (this.filter === undefined || (Number.isNaN(told) && this.filter.plain.includes(s))) {
      told = expected;
      variance = own;
      this.predicted[s] = told;
    }
    const off = (this.measured[s] as number) - told;
    const normalised = variance > 0 ? off / Math.sqrt(variance) : Number.NaN;
    this.innovation[s] = normalised;
    if (!(Math.abs(told) > (this.#scales[s] as number)) || Number.isNaN(normalised)) return;
    const count = (state[this.#counts + s] as number) + 1;
    state[this.#counts + s] = count;
    const known = variance - error * told * told;
    const square = Math.min(off * off, FARTHEST * FARTHEST * variance);
    const rate = 1 / Math.min(LONG_RUN, FIRST + count);
    state[this.#errors + s] = Math.max(0, error + rate * ((square - known) / (told * told) - error));
  }
}
