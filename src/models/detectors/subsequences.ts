import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { ColumnWindows, type SavedWindows } from './column-windows.js';
import { type DetectorEngine, type EngineKind, sampleRows } from './engine.js';

/** Options of the sub-sequence engine. */
export interface SubsequencesOptions {
  /** Rows in a sub-sequence. Default 16. */
  readonly length?: number;
  /** Training sub-sequences kept per column. Default 1024. */
  readonly references?: number;
}

interface SubsequencesState extends SavedWindows {
  readonly length: number;
  readonly references: readonly string[];
  readonly floor: string;
}

/**
 * Nearest-neighbour distance of the last `length` values to the training series' sub-sequences, each without its mean
 * and, in part, without its scale: the left matrix profile (Yeh et al. 2016; Lu et al. 2022, DAMP) against a fixed
 * reference. Finds unusual shapes whose values are all ordinary. The score is the largest column's.
 */
class Subsequences implements DetectorEngine {
  readonly #length: number;
  readonly #limit: number;
  readonly #random: Random | undefined;
  #references: Float64Array[] = [];
  /** Least scale a column's shape is divided by: flat stretches of noise are not blown up. */
  #floor: Float64Array<ArrayBufferLike> = new Float64Array(0);
  readonly #windows: ColumnWindows;

  constructor(length: number, limit: number, random: Random | undefined) {
    this.#length = length;
    this.#limit = limit;
    this.#random = random;
    this.#windows = new ColumnWindows(length, (recent, column) => this.#distance(recent, column));
  }

  *fitWork(rows: Matrix): Work<void> {
    const m = this.#length;
    const starts = Math.max(0, rows.rows - m + 1);
    const chosen = this.#random === undefined ? new Uint32Array(0) : sampleRows(starts, this.#limit, this.#random);
    this.#references = [];
    this.#floor = new Float64Array(rows.columns);
    const series = new Float64Array(rows.rows);
    for (let j = 0; j < rows.columns; j++) {
      for (let i = 0; i < rows.rows; i++) series[i] = rows.data[i * rows.columns + j] as number;
      this.#floor[j] = 0.5 * deviationOf(series) || 1;
      const kept = new Float64Array(chosen.length * m);
      chosen.forEach((start, k) => {
        shapeInto(series.subarray(start, start + m), this.#floor[j] as number, kept.subarray(k * m, (k + 1) * m));
      });
      this.#references.push(kept);
      yield { phase: 'sub-sequences', done: j + 1, total: rows.columns };
    }
    this.#windows.restart(rows.columns);
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    this.#windows.scoreInto(rows, out);
  }

  step(row: Float64Array): number {
    return this.#windows.step(row);
  }

  #distance(recent: Float64Array, j: number): number {
    const m = this.#length;
    const references = this.#references[j] as Float64Array;
    const shape = new Float64Array(m);
    shapeInto(recent, this.#floor[j] as number, shape);
    let nearest = Number.POSITIVE_INFINITY;
    for (let start = 0; start < references.length; start += m) {
      let distance = 0;
      for (let i = 0; i < m && distance < nearest; i++) {
        distance += ((shape[i] as number) - (references[start + i] as number)) ** 2;
      }
      if (distance < nearest) nearest = distance;
    }
    return nearest === Number.POSITIVE_INFINITY ? 0 : Math.sqrt(nearest);
  }

  /** How unusual each column's last sub-sequence is; the row is taken as seen already. */
  contributionsInto(_row: Float64Array, out: Float64Array): void {
    this.#windows.contributionsInto(out);
  }

  toJSON(): SubsequencesState {
    return {
      length: this.#length,
      references: this.#references.map(packFloats),
      floor: packFloats(this.#floor),
      ...this.#windows.save(),
    };
  }

  static restore(state: SubsequencesState): Subsequences {
    const engine = new Subsequences(state.length, 0, undefined);
    engine.#references = state.references.map(unpackFloats);
    engine.#floor = unpackFloats(state.floor);
    engine.#windows.load(state);
    return engine;
  }
}

function deviationOf(values: Float64Array): number {
  let mean = 0;
  for (const x of values) mean += x / values.length;
  let squared = 0;
  for (const x of values) squared += (x - mean) ** 2;
  return Math.sqrt(squared / Math.max(1, values.length));
}

function shapeInto(values: Float64Array, floor: number, out: Float64Array): void {
  let mean = 0;
  for (const x of values) mean += x / values.length;
  const scale = Math.max(floor, deviationOf(values));
  for (let i = 0; i < values.length; i++) out[i] = ((values[i] as number) - mean) / scale;
}

/** Left matrix profile against the training series. */
export const subsequences: EngineKind<SubsequencesOptions> = {
  name: 'matrix-profile',
  tags: { missing: false, sequential: true, online: false },
  create: ({ length = 16, references = 1024 }, random) => new Subsequences(length, references, random),
  restore: (state: SubsequencesState) => Subsequences.restore(state),
};
