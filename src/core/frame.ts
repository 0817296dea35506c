import { quote, TwinergyError } from './errors.js';

/** One named column of a `Frame`. */
export interface Column {
  /** The values; missing is NaN. */
  readonly data: Float64Array;
  /** The unit, as `units.ts` knows it; `1` for a pure number. */
  readonly unit: string;
}

/** One row of a `Frame` as an object. */
export interface FrameRow {
  readonly time: number;
  readonly values: Record<string, number>;
}

/**
 * Time-indexed columns: `time` in ms since the epoch (UTC), strictly increasing, and named `Float64Array` columns, each
 * with a unit. Missing is NaN. A frame is immutable by convention; slices and selections are views on the same memory.
 */
export class Frame {
  /** ms since the epoch, UTC, strictly increasing. */
  readonly time: Float64Array;
  readonly #columns: ReadonlyMap<string, Column>;

  /**
   * @param time strictly increasing, ms since the epoch
   * @param columns name → values with unit; all as long as `time`. The arrays are kept, not copied.
   * @throws TwinergyError `FRAME_LENGTH_MISMATCH`, `FRAME_TIME_DISORDER`, `FRAME_BAD_TIME`
   */
  constructor(time: Float64Array, columns: Readonly<Record<string, Column>> | ReadonlyMap<string, Column>) {
    const map = columns instanceof Map ? columns : new Map(Object.entries(columns as Record<string, Column>));
    for (const [name, column] of map) {
      if (column.data.length !== time.length) {
        throw new TwinergyError(
          'FRAME_LENGTH_MISMATCH',
          `Column ${quote(name)} has ${column.data.length} values, the time axis has ${time.length}.`,
          { path: name },
        );
      }
    }
    let previous = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < time.length; i++) {
      const t = time[i] as number;
      if (!Number.isFinite(t)) {
        throw new TwinergyError('FRAME_BAD_TIME', `Time ${i} is ${t}, not a number of ms.`, {
          path: `time[${i}]`,
          value: t,
        });
      }
      if (t <= previous) {
        throw new TwinergyError(
          'FRAME_TIME_DISORDER',
          `Time must increase strictly; row ${i} is at or before row ${i - 1}.`,
          {
            path: `time[${i}]`,
            value: t,
            hint: 'Sort and merge rows with Frame.fromRows(rows, { disorder: "sort", duplicates: "last" }).',
          },
        );
      }
      previous = t;
    }
    this.time = time;
    this.#columns = map;
  }

  /** Number of rows. */
  get length(): number {
    return this.time.length;
  }

  /** Column names, in order. */
  get names(): string[] {
    return [...this.#columns.keys()];
  }

  /** Whether there is a column of that name. */
  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /**
   * The values of a column (the memory itself, not a copy).
   * @throws TwinergyError `FRAME_UNKNOWN_COLUMN`, which lists the names there are
   */
  column(name: string): Float64Array {
    return this.#get(name).data;
  }

  /** The unit of a column. */
  unit(name: string): string {
    return this.#get(name).unit;
  }

  /** Name, values and unit of each column. */
  *columns(): IterableIterator<[name: string, column: Column]> {
    yield* this.#columns;
  }

  /** The rows, one object each: for people and for small frames; hot paths use the columns. */
  *rows(): IterableIterator<FrameRow> {
    for (let i = 0; i < this.length; i++) {
      const values: Record<string, number> = {};
      for (const [name, { data }] of this.#columns) values[name] = data[i] as number;
      yield { time: this.time[i] as number, values };
    }
  }

  /** The index of the first row at or after `time` (`length` if there is none). */
  indexAt(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.time[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The rows with `from` ≤ time < `to` (ms since the epoch), as a view. */
  slice(from: number, to: number = Number.POSITIVE_INFINITY): Frame {
    return this.sliceRows(this.indexAt(from), this.indexAt(to));
  }

  /** The rows `start` ≤ index < `end`, as a view. */
  sliceRows(start: number, end: number = this.length): Frame {
    const columns = new Map<string, Column>();
    for (const [name, { data, unit }] of this.#columns) columns.set(name, { data: data.subarray(start, end), unit });
    return new Frame(this.time.subarray(start, end), columns);
  }

  /** Only the named columns, in that order, as a view. */
  select(...names: string[]): Frame {
    return new Frame(this.time, new Map(names.map((name) => [name, this.#get(name)])));
  }

  /** This frame with one more (or one replaced) column; the others are shared. */
  withColumn(name: string, data: Float64Array, unit: string): Frame {
    return new Frame(this.time, new Map([...this.#columns, [name, { data, unit }]]));
  }

  #get(name: string): Column {
    const column = this.#columns.get(name);
    if (column === undefined) {
      throw new TwinergyError('FRAME_UNKNOWN_COLUMN', `There is no column ${quote(name)}.`, {
        path: name,
        hint: `Columns are: ${this.names.join(', ') || 'none'}.`,
      });
    }
    return column;
  }
}
