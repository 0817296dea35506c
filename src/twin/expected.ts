import { type Column, Frame, type Reading } from '../core/index.js';
import type { AssetModel, StageEvaluator } from './asset-model.js';

/** Longest time that an expectation looks back, s: after that, and for a lone reading, the asset is taken as settled. */
const SETTLED = 3600;

/** Units of a model's stages. */
export function stageUnits(model: AssetModel): string[] {
  return model.stages.map((stage) => model.channels.find(({ name }) => name === stage)?.unit ?? '1');
}

/** An evaluator's whole memory before the first instant. */
export const newMemory = (evaluator: StageEvaluator) => new Float64Array(evaluator.memorySize).fill(Number.NaN);

/** Time from one row to the next as an evaluator wants it, s. */
export const stepSeconds = (time: number, previous: number) =>
  Number.isNaN(previous) ? SETTLED : Math.min(SETTLED, (time - previous) / 1000);

/** Expected values of each stage, row by row, by the model's evaluator; NaN where they can't be told. */
export function expectedFrame(model: AssetModel, evaluator: StageEvaluator, frame: Frame): Frame {
  const columns = evaluator.inputs.map((name) => (frame.has(name) ? frame.column(name) : undefined));
  const measured = new Float64Array(columns.length).fill(Number.NaN);
  const memory = newMemory(evaluator);
  const expected = new Float64Array(model.stages.length);
  const data = model.stages.map(() => new Float64Array(frame.length));
  let previous = Number.NaN;
  for (let row = 0; row < frame.length; row++) {
    const time = frame.time[row] as number;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c];
      if (column !== undefined) measured[c] = column[row] as number;
    }
    evaluator.evaluate(time, stepSeconds(time, previous), measured, memory, expected);
    previous = time;
    for (let s = 0; s < data.length; s++) (data[s] as Float64Array)[row] = expected[s] as number;
  }
  const units = stageUnits(model);
  const result: Record<string, Column> = {};
  model.stages.forEach((stage, s) => {
    result[stage] = { data: data[s] as Float64Array, unit: units[s] as string };
  });
  return new Frame(frame.time, result);
}

/** Tells the expected values of single readings, each as a settled instant, with all buffers made once. */
export class ReadingExpectation {
  readonly #model: AssetModel;
  readonly #evaluator: StageEvaluator | undefined;
  readonly #measured: Float64Array;
  readonly #memory: Float64Array;
  readonly #expected: Float64Array;
  /** All stages with a figure: a copy has room for all from the start. */
  readonly #whole: Readonly<Record<string, number>>;

  constructor(model: AssetModel) {
    this.#model = model;
    this.#whole = Object.fromEntries(model.stages.map((stage) => [stage, 0.5]));
    this.#evaluator = model.evaluator?.();
    this.#measured = new Float64Array(this.#evaluator?.inputs.length ?? 0);
    this.#memory = new Float64Array(this.#evaluator?.memorySize ?? 0);
    this.#expected = new Float64Array(model.stages.length);
  }

  /**
   * The expected values by name, without those that cannot be told.
   * @throws TwinergyError `TWIN_MISSING_CHANNEL`
   */
  of(reading: Reading): Record<string, number> {
    const evaluator = this.#evaluator;
    if (evaluator === undefined) return expectedByFrame(this.#model, reading);
    evaluator.demand((name) => reading.values[name] !== undefined);
    const { inputs } = evaluator;
    for (let c = 0; c < inputs.length; c++) {
      this.#measured[c] = reading.values[inputs[c] as string] ?? Number.NaN;
    }
    this.#memory.fill(Number.NaN);
    evaluator.evaluate(reading.time, SETTLED, this.#measured, this.#memory, this.#expected);
    const { stages } = this.#model;
    const told = this.#expected.every((value) => !Number.isNaN(value));
    const values: Record<string, number> = told ? { ...this.#whole } : {};
    for (let s = 0; s < stages.length; s++) {
      const value = this.#expected[s] as number;
      if (!Number.isNaN(value)) values[stages[s] as string] = value;
    }
    return values;
  }
}

/** For a model that only knows frames: a frame of one row. */
function expectedByFrame(model: AssetModel, reading: Reading): Record<string, number> {
  const columns: Record<string, Column> = {};
  for (const [name, value] of Object.entries(reading.values)) {
    columns[name] = { data: Float64Array.of(value), unit: '1' };
  }
  const values: Record<string, number> = {};
  for (const [name, { data }] of model.expected(new Frame(Float64Array.of(reading.time), columns)).columns()) {
    const value = data[0] as number;
    if (!Number.isNaN(value)) values[name] = value;
  }
  return values;
}
