import type { CsvOptions } from './csv/options.js';
import { type CsvStream, readCsvStream, readCsvText } from './csv/read.js';
import { type CsvWriteOptions, writeCsv } from './csv/write.js';
import type { Duration } from './duration.js';
import { quote, TwinergyError } from './errors.js';
import { type JoinOptions, joinColumns } from './join.js';
import { orderRows, type RowOrderOptions, type RowOrderReport } from './order.js';
import { type ResampleOptions, resampleColumns } from './resample.js';
import { canonicalUnit, unitConversion } from './units.js';

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

/** How columns become a frame. */
export interface FromColumnsOptions extends RowOrderOptions {
  /** Told how many rows were out of order or shared a time. */
  readonly onReport?: (report: RowOrderReport) => void;
}

/** How rows become a frame. */
export interface FromRowsOptions extends FromColumnsOptions {
  /** Unit per column; columns that are not named have `1`. */
  readonly units?: Readonly<Record<string, string>>;
}

/** Time axes that were found in order, so that each is looked at once. */
const checkedAxes = new WeakSet<Float64Array>();

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
    this.time = time;
    this.#columns = map;
    for (const [name, column] of map) {
      if (column.data.length !== time.length) {
        throw new TwinergyError(
          'FRAME_LENGTH_MISMATCH',
          `Column ${quote(name)} has ${column.data.length} values, the time axis has ${time.length}.`,
          { path: name },
        );
      }
    }
    // Part of a good axis is a good axis: slices cost nothing.
    if (checkedAxes.has(time)) return;
    let previous = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < time.length; i++) {
      const t = time[i] as number;
      if (!Number.isFinite(t)) {
        throw badTime(i, t);
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
    checkedAxes.add(time);
  }

  /**
   * A frame from row objects, such as readings. A value that is absent, null or not finite is missing.
   * @throws TwinergyError `FRAME_BAD_TIME`, and `FRAME_TIME_DISORDER`, `FRAME_DUPLICATE_TIME` where the options refuse
   */
  static fromRows(
    rows: Iterable<{ readonly time: number; readonly values: Readonly<Record<string, number | null | undefined>> }>,
    options: FromRowsOptions = {},
  ): Frame {
    const list = [...rows];
    const seen = new Set<string>();
    for (const { values } of list) for (const name of Object.keys(values)) seen.add(name);
    const names = [...seen];
    const columns = names.map((name) =>
      Float64Array.from(list, ({ values }) => {
        const value = values[name];
        return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN;
      }),
    );
    const time = Float64Array.from(list, (row) => row.time);
    const map = new Map(
      names.map((name, k) => [
        name,
        { data: columns[k] as Float64Array, unit: unitNamed(options.units?.[name] ?? '1') },
      ]),
    );
    return Frame.fromColumns(time, map, options);
  }

  /**
   * A frame from columns whose rows may be out of order or share a time; without such rows the arrays are kept, not copied.
   * @throws TwinergyError as `fromRows`, and `FRAME_LENGTH_MISMATCH`
   */
  static fromColumns(
    time: Float64Array,
    columns: ReadonlyMap<string, Column>,
    options: FromColumnsOptions = {},
  ): Frame {
    const bad = time.findIndex((t) => !Number.isFinite(t));
    if (bad >= 0) throw badTime(bad, time[bad] as number);
    const entries = [...columns];
    const wrong = entries.find(([, { data }]) => data.length !== time.length);
    if (wrong !== undefined) return new Frame(time, columns);
    const ordered = orderRows(
      time,
      entries.map(([, { data }]) => data),
      options,
    );
    options.onReport?.(ordered.report);
    return new Frame(
      ordered.time,
      new Map(entries.map(([name, { unit }], k) => [name, { data: ordered.columns[k] as Float64Array, unit }])),
    );
  }

  /**
   * A frame from CSV text, or from a stream of it. Rows out of order are sorted and rows of the same time merged, unless
   * the options refuse them; local times are read in their zone; `onReport` tells what was found.
   * @throws TwinergyError `CSV_EMPTY`, `CSV_NO_COLUMN`, `CSV_NOT_A_NUMBER`, `CSV_BAD_TIME`, `ZONE_UNKNOWN`, `UNIT_UNKNOWN`, …
   */
  static fromCsv(source: string, options?: CsvOptions): Frame;
  static fromCsv(source: CsvStream, options?: CsvOptions): Promise<Frame>;
  static fromCsv(source: string | CsvStream, options: CsvOptions = {}): Frame | Promise<Frame> {
    const finish = ({ time, columns, report }: ReturnType<typeof readCsvText>) => {
      options.onReport?.(report);
      return new Frame(time, columns);
    };
    return typeof source === 'string'
      ? finish(readCsvText(source, options))
      : readCsvStream(source, options).then(finish);
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
    const time = this.time.subarray(start, end);
    checkedAxes.add(time);
    return new Frame(time, columns);
  }

  /** Only the named columns, in that order, as a view. */
  select(...names: string[]): Frame {
    return new Frame(this.time, new Map(names.map((name) => [name, this.#get(name)])));
  }

  /** This frame with one more (or one replaced) column; the others are shared. */
  withColumn(name: string, data: Float64Array, unit: string): Frame {
    return new Frame(this.time, new Map([...this.#columns, [name, { data, unit }]]));
  }

  /** This frame with a column in another unit. @throws TwinergyError `UNIT_MISMATCH` */
  inUnit(name: string, unit: string): Frame {
    const column = this.#get(name);
    const { scale, offset } = unitConversion(column.unit, unit);
    return this.withColumn(
      name,
      scale === 1 && offset === 0 ? column.data : column.data.map((value) => value * scale + offset),
      unit,
    );
  }

  /** This frame on steps of `step` (`"15m"`, `"1h"`, `"1d"`); a step's time is its start, and gaps stay gaps. */
  resample(step: Duration, options?: ResampleOptions): Frame {
    const { time, columns } = resampleColumns(this.time, this.#columns, step, options);
    return new Frame(time, columns);
  }

  /** This frame beside another one, by time. */
  join(other: Frame, options?: JoinOptions): Frame {
    const { time, columns } = joinColumns(this.time, this.#columns, other.time, other.#columns, options);
    return new Frame(time, columns);
  }

  /** This frame as CSV text that `Frame.fromCsv` reads back to the same frame. */
  toCsv(options?: CsvWriteOptions): string {
    return writeCsv(this, options);
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

/** The library's spelling of a unit; one that it does not know is kept as it is. */
function unitNamed(unit: string): string {
  return canonicalUnit(unit) ?? unit;
}

function badTime(row: number, time: number): TwinergyError {
  return new TwinergyError('FRAME_BAD_TIME', `Time ${row} is ${time}, not a number of ms.`, {
    path: `time[${row}]`,
    value: time,
  });
}
