import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';

/** What an engine can do, for the code that picks and checks engines. */
export interface EngineTags {
  /** Takes NAN as missing; otherwise the detector puts the centre of the column in its place. */
  readonly missing: boolean;
  /** A row's score depends on the rows before it: rows must come in order of time. */
  readonly sequential: boolean;
  /** Learns from every row it sees in a stream. */
  readonly online: boolean;
}

/** What an engine may know of the rows it is fitted on, beside the rows. */
export interface FitContext {
  /** Typical ms between rows, where rows are in order of time. */
  readonly step?: number | undefined;
  /** Rows of training in all, where the engine sees only a first part of them in `fitWork`. */
  readonly total?: number;
}

/**
 * How unusual is a row? The one interface behind `AnomalyDetector`. Rows are scaled; a raw score is any finite number,
 * higher is more unusual, comparable only within one fitted engine. Calibration, thresholds, features, missing values,
 * widths and serialised envelopes are the detector's job, not the engine's.
 */
export interface DetectorEngine {
  /** Learns what is usual from `rows` (at least one row). Yields its progress. */
  fitWork(rows: Matrix, context: FitContext): Work<void>;
  /** Writes a raw score for each row. A sequential engine reads the rows as one series that starts afresh. */
  scoreInto(rows: Matrix, out: Float64Array<ArrayBuffer>): void;
  /**
   * The raw score of the next row of a stream; sequential and online engines move their state on. The cost does not
   * grow with the length of the stream.
   */
  step(row: Float64Array): number;
  /** Writes each column's part in the row's score (≥ 0; any scale). Absent: the detector finds it by substitution. */
  contributionsInto?(row: Float64Array, out: Float64Array): void;
  /** The fitted state as JSON data. */
  toJSON(): unknown;
}

/** An engine's name, its abilities, and how to make one: what the registry holds, and what a new engine provides. */
export interface EngineKind<Options extends object> {
  readonly name: string;
  readonly tags: EngineTags;
  /** A new, unfitted engine. `random` is its own stream. */
  create(options: Options, random: Random): DetectorEngine;
  /** The engine whose `toJSON` gave `state`. */
  restore(state: never): DetectorEngine;
}

/** A view of one row of a matrix. */
export function rowOf(rows: Matrix, index: number): Float64Array {
  return rows.data.subarray(index * rows.columns, (index + 1) * rows.columns);
}

/** The rows of `rows` that `indices` names, copied, in that order. */
export function takeRows(rows: Matrix, indices: ArrayLike<number>): Matrix {
  const { columns } = rows;
  const data = new Float64Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) data.set(rowOf(rows, indices[i] as number), i * columns);
  return { data, rows: indices.length, columns };
}

/** `count` different row numbers in increasing order, drawn at random (all of them if there are no more). */
export function sampleRows(total: number, count: number, random: Random): Uint32Array {
  const all = Uint32Array.from({ length: total }, (_, i) => i);
  if (count >= total) return all;
  random.shuffle(all, count);
  return all.slice(0, count).sort();
}

/** Scores row after row with `scoreRow`: what an engine without memory needs for `scoreInto`. */
export function scoreEach(rows: Matrix, out: Float64Array, scoreRow: (row: Float64Array) => number): void {
  for (let i = 0; i < rows.rows; i++) out[i] = scoreRow(rowOf(rows, i));
}
