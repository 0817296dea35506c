import { Frame } from '../../core/frame.js';
import type { Reading } from '../../core/reading.js';

/** The newest rows of the columns that a forecaster needs, growing at the end and forgotten at the beginning. */
export class LiveHistory {
  readonly #names: readonly string[];
  readonly #units: readonly string[];
  readonly #keep: number;
  #time: Float64Array;
  #columns: Float64Array[];
  #start = 0;
  #end = 0;

  /** @param keep how many ms of history are kept at least */
  constructor(frame: Frame, names: readonly string[], keep: number) {
    this.#names = names;
    this.#units = names.map((name) => frame.unit(name));
    this.#keep = keep;
    const last = frame.time[frame.length - 1] ?? 0;
    const from = frame.indexAt(last - keep);
    this.#end = frame.length - from;
    this.#time = frame.time.slice(from);
    this.#columns = names.map((name) => frame.column(name).slice(from));
  }

  /**
   * Takes in a reading, in its place; one for a time that has a row already puts its values there. One that is older than
   * what is kept is not taken: the answer is then false.
   */
  add({ time, values }: Reading): boolean {
    if (this.#end > this.#start && time < (this.#time[this.#start] as number)) return false;
    let row = this.#end;
    while (row > this.#start && (this.#time[row - 1] as number) >= time) row--;
    if (row === this.#end || this.#time[row] !== time) {
      if (this.#end === this.#time.length) row += this.#grow();
      this.#time.copyWithin(row + 1, row, this.#end);
      this.#time[row] = time;
      for (const column of this.#columns) {
        column.copyWithin(row + 1, row, this.#end);
        column[row] = Number.NaN;
      }
      this.#end++;
    }
    this.#names.forEach((name, k) => {
      const value = values[name];
      if (value !== undefined && Number.isFinite(value)) (this.#columns[k] as Float64Array)[row] = value;
    });
    while ((this.#time[this.#start] as number) < time - this.#keep) this.#start++;
    return true;
  }

  /** The rows as a frame; its arrays are views that later readings may write on. */
  frame(): Frame {
    return new Frame(
      this.#time.subarray(this.#start, this.#end),
      new Map(
        this.#names.map((name, k) => [
          name,
          {
            data: (this.#columns[k] as Float64Array).subarray(this.#start, this.#end),
            unit: this.#units[k] as string,
          },
        ]),
      ),
    );
  }

  /** Moves the rows to the front of larger arrays; gives by how much their indices changed. */
  #grow(): number {
    const length = this.#end - this.#start;
    const capacity = Math.max(64, 2 * length);
    const moved = (from: Float64Array) => {
      const to = new Float64Array(capacity);
      to.set(from.subarray(this.#start, this.#end));
      return to;
    };
    this.#time = moved(this.#time);
    this.#columns = this.#columns.map(moved);
    const shift = -this.#start;
    this.#start = 0;
    this.#end = length;
    return shift;
  }
}
