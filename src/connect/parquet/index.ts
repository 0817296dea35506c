import {
  type Column,
  canonicalUnit,
  type Duration,
  durationMs,
  Frame,
  MissingPeerError,
  quote,
  TwinergyError,
  throwIfAborted,
  unitConversion,
  type WorkOptions,
} from '../../core/index.js';

/** A file that is read by ranges, for example over HTTP. */
export interface RangeSource {
  /** Size in bytes. */
  readonly byteLength: number;
  /** The bytes `start` ≤ i < `end` (to the end of the file without `end`). */
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

/** Where a channel's values come from. */
export interface ParquetColumn {
  /** The column's name in the file. */
  readonly column: string;
  /** The unit that the file is in. Default: `as`, else `1`. */
  readonly unit?: string;
  /** The unit that the frame shall have: values are converted on reading. Default: `unit`. */
  readonly as?: string;
}

/** How a Parquet file is read. */
export interface ParquetOptions extends WorkOptions {
  /** Channel → column. Default: every numeric column under its own name. */
  readonly columns?: Readonly<Record<string, string | ParquetColumn>>;
  /** Default: the first column of timestamps. */
  readonly timeColumn?: string;
  /** For a time column of plain numbers: the length of one. Default `ms`. */
  readonly timeUnit?: Duration;
  /** The first row, from 0, and the row after the last one. */
  readonly rows?: readonly [from: number, to: number];
}

/** The little of hyparquet that is used. */
interface ParquetReader {
  parquetMetadataAsync(file: RangeSource): Promise<{
    readonly num_rows: bigint;
    readonly schema: readonly { readonly name: string; readonly type?: string; readonly num_children?: number }[];
  }>;
  parquetRead(options: {
    readonly file: RangeSource;
    readonly columns: string[];
    readonly rowStart: number;
    readonly rowEnd: number;
    readonly onChunk: (chunk: {
      readonly columnName: string;
      readonly columnData: ArrayLike<unknown>;
      readonly rowStart: number;
    }) => void;
  }): Promise<void>;
}

async function loadReader(): Promise<ParquetReader> {
  try {
    return await import('hyparquet');
  } catch (cause) {
    throw new MissingPeerError('hyparquet', 'Reading Parquet', cause);
  }
}

/** A Parquet value as a number: times in ms, booleans as 0 and 1, absent as NaN; undefined for anything else. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  if (value == null) return Number.NaN;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'boolean' ? Number(value) : undefined;
}

/**
 * A frame from a Parquet file, by hyparquet (optional peer). Columns that hold anything but numbers are left out, unless
 * they are named. Rows out of order are sorted, rows of the same time merged.
 * @throws TwinergyError `PARQUET_BAD_FILE`, `PARQUET_NO_COLUMN`, `PARQUET_NOT_A_NUMBER`, `FRAME_BAD_TIME`, `UNIT_MISMATCH`,
 *   `ABORTED`, `PEER_MISSING`
 */
export async function readParquet(
  source: ArrayBuffer | Uint8Array | RangeSource,
  { columns, timeColumn, timeUnit = 1, rows, signal, onProgress }: ParquetOptions = {},
): Promise<Frame> {
  throwIfAborted(signal);
  const { parquetMetadataAsync, parquetRead } = await loadReader();
  const file = rangeSource(source);
  const metadata = await parquetMetadataAsync(file).catch(refuse);
  const total = Number(metadata.num_rows);
  const rowStart = Math.max(0, rows?.[0] ?? 0);
  const rowEnd = Math.min(total, rows?.[1] ?? total);
  const length = Math.max(0, rowEnd - rowStart);
  const leaves = metadata.schema
    .slice(1)
    .filter(({ num_children }) => !num_children)
    .map(({ name }) => name);
  const require = (name: string, path: string) => {
    if (leaves.includes(name)) return name;
    throw new TwinergyError('PARQUET_NO_COLUMN', `The file has no column ${quote(name)}.`, {
      path,
      value: name,
      hint: `Its columns are: ${leaves.join(', ')}.`,
    });
  };
  const plans = Object.entries(columns ?? {}).map(([name, given]) => {
    const { column, unit, as }: ParquetColumn = typeof given === 'string' ? { column: given } : given;
    const from = unit ?? as ?? '1';
    const to = as ?? from;
    return {
      name,
      column: require(column, `columns.${name}`),
      unit: canonicalUnit(to) ?? to,
      ...unitConversion(from, to),
    };
  });
  const named = columns !== undefined;
  const wanted = named ? new Set(plans.map(({ column }) => column)) : new Set(leaves);
  if (timeColumn !== undefined) wanted.add(require(timeColumn, 'timeColumn'));
  else if (named) for (const name of leaves) if (isTimeName(metadata.schema, name)) wanted.add(name);

  const data = new Map<string, Float64Array>();
  const texts = new Map<string, unknown>();
  let times = timeColumn;
  let done = 0;
  const fill = (name: string, values: ArrayLike<unknown>, first: number) => {
    const column = data.get(name) ?? new Float64Array(length).fill(Number.NaN);
    data.set(name, column);
    for (let i = 0; i < values.length; i++) {
      const row = first + i - rowStart;
      if (row < 0 || row >= length) continue;
      const value = values[i];
      if (value instanceof Date) times ??= name;
      const number = numberOf(value);
      if (number === undefined && !texts.has(name)) texts.set(name, value);
      column[row] = number ?? Number.NaN;
    }
  };
  await parquetRead({
    file,
    columns: [...wanted],
    rowStart,
    rowEnd,
    onChunk: ({ columnName, columnData, rowStart: first }) => {
      throwIfAborted(signal);
      fill(columnName, columnData, first);
      done += columnData.length;
      onProgress?.({ phase: 'reading Parquet', done, total: Math.max(done, length * wanted.size) });
    },
  }).catch(refuse);
  const axis = times === undefined ? undefined : data.get(times);
  if (axis === undefined) {
    throw new TwinergyError('PARQUET_NO_COLUMN', 'The file has no column of timestamps.', {
      path: 'timeColumn',
      hint: `Name one of: ${leaves.join(', ')}.`,
    });
  }
  const chosen = named
    ? plans
    : leaves
        .filter((name) => name !== times && !texts.has(name))
        .map((name) => ({ name, column: name, unit: '1', scale: 1, offset: 0 }));
  const tick = durationMs(timeUnit, 'timeUnit');
  const result = new Map<string, Column>();
  for (const { name, column, unit, scale, offset } of chosen) {
    if (texts.has(column)) {
      throw new TwinergyError('PARQUET_NOT_A_NUMBER', `Column ${quote(column)} holds ${quote(texts.get(column))}.`, {
        path: `columns.${name}`,
        value: texts.get(column),
      });
    }
    const values = data.get(column) ?? new Float64Array(length).fill(Number.NaN);
    result.set(name, { data: scale === 1 && offset === 0 ? values : values.map((x) => x * scale + offset), unit });
  }
  return Frame.fromColumns(tick === 1 ? axis : axis.map((time) => time * tick), result);
}

/** The reader's own errors say nothing to a program. */
function refuse(cause: unknown): never {
  if (cause instanceof TwinergyError) throw cause;
  throw new TwinergyError('PARQUET_BAD_FILE', 'This is not a Parquet file that can be read.', { cause });
}

function isTimeName(schema: readonly { readonly name: string; readonly type?: string }[], name: string): boolean {
  const leaf = schema.find((element) => element.name === name);
  return leaf !== undefined && ('logical_type' in leaf || 'converted_type' in leaf) && leaf.type !== 'BYTE_ARRAY';
}

function rangeSource(source: ArrayBuffer | Uint8Array | RangeSource): RangeSource {
  if (!(source instanceof Uint8Array)) return source;
  // A view may begin anywhere in its buffer, and the `slice` of Node's Buffer copies nothing: this one does.
  return {
    byteLength: source.byteLength,
    slice: (start, end = source.byteLength) => Uint8Array.prototype.slice.call(source, start, end).buffer,
  };
}
