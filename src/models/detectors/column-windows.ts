import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { rowOf } from './engine.js';

/** Windows as JSON data. */
export interface SavedWindows {
  readonly recent: readonly string[];
  readonly seen: number;
}

/**
 * The newest values of each column of a stream, for detectors that judge a stretch of time: a row is scored by its most
 * telling column, and by nothing until there is a whole stretch.
 */
export class ColumnWindows {
  readonly #length: number;
  readonly #measure: (recent: Float64Array, column: number) => number;
  #recent: Float64Array[] = [];
  #seen = 0;

  /**
   * @param length values of a stretch
   * @param measure how unusual the newest stretch of a column is
   */
  constructor(length: number, measure: (recent: Float64Array, column: number) => number) {
    this.#length = length;
    this.#measure = measure;
  }

  /** Forgets what was seen. */
  restart(columns: number): void {
    this.#recent = Array.from({ length: columns }, () => new Float64Array(this.#length));
    this.#seen = 0;
  }

  /** Scores rows as a stream of their own; the stream under way goes on afterwards. */
  scoreInto(rows: Matrix, out: Float64Array): void {
    const [recent, seen] = [this.#recent, this.#seen];
    this.restart(rows.columns);
    for (let i = 0; i < rows.rows; i++) out[i] = this.step(rowOf(rows, i));
    this.#recent = recent;
    this.#seen = seen;
  }

  /** Takes a row in and scores it. */
  step(row: Float64Array): number {
    this.#seen++;
    let worst = 0;
    for (let j = 0; j < row.length; j++) {
      const recent = this.#recent[j] as Float64Array;
      recent.copyWithin(0, 1);
      recent[recent.length - 1] = row[j] as number;
      if (this.#seen >= this.#length) worst = Math.max(worst, this.#measure(recent, j));
    }
    return worst;
  }

  /** The measure of each column as it stands; 0 until there is a whole stretch. */
  contributionsInto(out: Float64Array): void {
    for (let j = 0; j < out.length; j++) {
      out[j] = this.#seen >= this.#length ? Math.max(0, this.#measure(this.#recent[j] as Float64Array, j)) : 0;
    }
  }

  save(): SavedWindows {
    return { recent: this.#recent.map(packFloats), seen: this.#seen };
  }

  load({ recent, seen }: SavedWindows): void {
    this.#recent = recent.map(unpackFloats);
    this.#seen = seen;
  }
}
