import { quote, TwinergyError } from '../../core/errors.js';
import type { Reading } from '../../core/reading.js';
import type { Instant } from '../contract.js';
import type { Cell, CellRow, TelemetryRows } from './engine.js';
import { columnsOf, type StorageRecord, type TableName, tableNames } from './tables.js';

const maxIdLength = 256;
/** 0001-01-01 and 9999-12-31: what every database can keep. */
const minTime = -62135596800000;
const maxTime = 253402300799999;

function refuse(code: string, message: string, path: string, value: unknown, hint?: string): TwinergyError {
  return new TwinergyError(code, message, { path, value, ...(hint === undefined ? {} : { hint }) });
}

/** A text that every database keeps as it is: no NUL (PostgreSQL has none), no half of a surrogate pair. */
function isKeepableText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0) return false;
    // A surrogate: the expression knows whether it is one of a pair.
    if (code >= 0xd800 && code <= 0xdfff) return !text.includes('\u0000') && !/\p{Surrogate}/u.test(text);
  }
  return true;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxIdLength && isKeepableText(value);
}

/** @throws TwinergyError `STORAGE_BAD_ID` */
export function checkId(value: unknown, path: string): string {
  if (!isId(value)) {
    throw refuse(
      'STORAGE_BAD_ID',
      `${path} is ${quote(value)}.`,
      path,
      value,
      `An identifier is a text of 1 to ${maxIdLength} characters without NUL.`,
    );
  }
  return value;
}

/** @throws TwinergyError `STORAGE_BAD_CHANNEL` */
export function checkChannelName(value: unknown, path: string): string {
  if (
    typeof value !== 'string' ||
    value.length === 0 ||
    value.length > 128 ||
    value.startsWith('#') ||
    /\p{Cc}/u.test(value) ||
    /\p{Surrogate}/u.test(value) ||
    value === '__proto__'
  ) {
    throw refuse(
      'STORAGE_BAD_CHANNEL',
      `${path} is ${quote(value)}.`,
      path,
      value,
      'A channel name is a text of 1 to 128 characters without control characters that does not begin with "#".',
    );
  }
  return value;
}

/** @throws TwinergyError `STORAGE_BAD_TIME` */
export function checkTime(value: unknown, path: string): number {
  if (!isTime(value)) {
    throw refuse(
      'STORAGE_BAD_TIME',
      `${path} is ${quote(value)}.`,
      path,
      value,
      'A time is a whole number of ms since the epoch, in the years 1 to 9999.',
    );
  }
  return value + 0;
}

/** As `checkTime`, for many: a path is only made for the one that is refused. @throws TwinergyError `STORAGE_BAD_TIME` */
export function checkTimes(values: Float64Array, path: string): void {
  const bad = values.findIndex((value) => !isTime(value));
  if (bad >= 0) checkTime(values[bad], `${path}[${bad}]`);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= minTime && value <= maxTime;
}

/** ms since the epoch of an instant. @throws TwinergyError `STORAGE_BAD_TIME` */
export function instantOf(value: Instant, path: string): number {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw refuse('STORAGE_BAD_TIME', `${path} is NaN.`, path, value);
    return Math.min(Math.max(Math.ceil(value), minTime), maxTime + 1);
  }
  if (value instanceof Date) return checkTime(value.getTime(), path);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))$/.test(value)) {
    return checkTime(Date.parse(value), path);
  }
  throw refuse(
    'STORAGE_BAD_TIME',
    `${path} is ${quote(value)}.`,
    path,
    value,
    'Give ms since the epoch, a Date, or ISO 8601 with its zone: "2026-06-01T00:00:00Z".',
  );
}

/** The bounds of a range; absent ends are open. */
export function rangeOf(query: { readonly from?: Instant | undefined; readonly to?: Instant | undefined }): {
  from: number;
  to: number;
} {
  return {
    from: query.from === undefined ? minTime : instantOf(query.from, 'from'),
    to: query.to === undefined ? maxTime + 1 : instantOf(query.to, 'to'),
  };
}

/** A whole number of rows. @throws TwinergyError `STORAGE_BAD_LIMIT` */
export function checkCount(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw refuse(
      'STORAGE_BAD_LIMIT',
      `${path} is ${quote(value)}.`,
      path,
      value,
      `Give a whole number from ${min} to ${max}.`,
    );
  }
  return value;
}

/** @throws TwinergyError `STORAGE_UNKNOWN_TABLE` */
export function checkTable(value: unknown): TableName {
  if (typeof value !== 'string' || !(tableNames as string[]).includes(value)) {
    throw refuse(
      'STORAGE_UNKNOWN_TABLE',
      `There is no table ${quote(value)}.`,
      'table',
      value,
      `Tables are: ${tableNames.join(', ')}.`,
    );
  }
  return value as TableName;
}

/** One value as a cell of a column of that kind. @throws TwinergyError `STORAGE_BAD_VALUE` */
export function cellOf(kind: string, value: unknown, path: string): Cell {
  const optional = kind.endsWith('?');
  if (value === undefined || (value === null && kind !== 'json?')) {
    if (optional) return null;
    throw refuse('STORAGE_BAD_VALUE', `${path} is missing.`, path, value);
  }
  const base = optional ? kind.slice(0, -1) : kind;
  if (base === 'text' && typeof value === 'string' && isKeepableText(value)) return value;
  if (base === 'number' && typeof value === 'number' && Number.isFinite(value)) return value + 0;
  if (base === 'integer' && Number.isSafeInteger(value)) return (value as number) + 0;
  if (base === 'boolean' && typeof value === 'boolean') return value;
  if (base === 'time') return checkTime(value, path);
  if (base === 'json') {
    const text = jsonText(value, path);
    if (text !== undefined) return text;
  }
  throw refuse('STORAGE_BAD_VALUE', `${path} is ${quote(value)}, not a ${base}.`, path, value);
}

function jsonText(value: unknown, path: string): string | undefined {
  try {
    // U+0000 inside a JSON text is an escape and can be kept; halves of surrogate pairs are escaped by JSON.stringify.
    return JSON.stringify(value);
  } catch (cause) {
    throw new TwinergyError('STORAGE_BAD_VALUE', `${path} cannot be written as JSON.`, { path, cause });
  }
}

const columnNames = Object.fromEntries(
  tableNames.map((table) => [table, new Set(columnsOf(table).map(([name]) => name))]),
) as unknown as Record<TableName, ReadonlySet<string>>;

/** What needs no second look, as a cell; undefined: `cellOf` decides. */
function plainCell(kind: string, value: unknown): Cell | undefined {
  if (value === undefined) return kind.endsWith('?') ? null : undefined;
  if (typeof value === 'number') {
    if (kind === 'number?' && value - value === 0) return value + 0;
    if (kind === 'time' && Number.isInteger(value) && value >= minTime && value <= maxTime) return value + 0;
    return undefined;
  }
  return typeof value === 'string' && kind.startsWith('text') && isKeepableText(value) ? value : undefined;
}

/**
 * A record as cells; `path` says where it stands, and is asked where something is wrong.
 * @throws TwinergyError `STORAGE_BAD_VALUE`, `STORAGE_BAD_ID`, `STORAGE_BAD_TIME`, `STORAGE_UNKNOWN_COLUMN`
 */
export function cellsOf<T extends TableName>(table: T, record: StorageRecord<T>, path: () => string): CellRow {
  if (typeof record !== 'object' || record === null)
    throw refuse('STORAGE_BAD_VALUE', `${path()} is ${quote(record)}.`, path(), record);
  const columns = columnsOf(table);
  const known = columnNames[table];
  for (const name of Object.keys(record)) {
    if (!known.has(name)) {
      const message = `${quote(table)} has no column ${quote(name)}.`;
      throw refuse('STORAGE_UNKNOWN_COLUMN', message, `${path()}.${name}`, name);
    }
  }
  const values = record as unknown as Readonly<Record<string, unknown>>;
  const cells = new Array<Cell>(columns.length);
  for (let c = 0; c < columns.length; c++) {
    const [name, kind] = columns[c] as (typeof columns)[number];
    const value = values[name];
    const plain = plainCell(kind, value);
    const cell = plain === undefined ? cellOf(kind, value, `${path()}.${name}`) : plain;
    cells[c] =
      cell !== null && (c === 0 || name === 'assetId') && !isId(cell) ? checkId(cell, `${path()}.${name}`) : cell;
  }
  return cells;
}

/** Cells as the record they came from; what was absent is absent. */
export function recordOf<T extends TableName>(table: T, cells: CellRow): StorageRecord<T> {
  const record: Record<string, unknown> = {};
  columnsOf(table).forEach(([name, kind], i) => {
    const cell = cells[i];
    if (cell === null || cell === undefined) return;
    record[name] = kind.startsWith('json') ? JSON.parse(cell as string) : cell;
  });
  return record as unknown as StorageRecord<T>;
}

/** The error of a commit whose lease has passed to somebody else. */
export function fenced(id: string, held: number, fence: number): TwinergyError {
  return new TwinergyError(
    'STORAGE_FENCED',
    `Checkpoint "${id}" is held with fence ${held}; this writer has ${fence}.`,
    {
      path: 'checkpoint.fence',
      value: fence,
      hint: 'Another consumer has taken over; stop writing.',
    },
  );
}

/**
 * Readings with the same channels. Lists by `Array.of`, not of literals: V8 allocates literals that once outlived a large batch
 * among the old from then on, where each waits for the great collection.
 */
class Group implements TelemetryRows {
  readonly assetIds = Array.of<string>();
  readonly time = Array.of<number>();
  readonly channels: readonly string[];
  readonly columns: number[][];
  quality: (string | null)[] | undefined;

  constructor(channels: readonly string[]) {
    this.channels = channels;
    this.columns = channels.map(() => Array.of<number>());
  }
}

/**
 * Readings as columns, one group for each set of channels. NaN, null and undefined are "not measured".
 * @throws TwinergyError `STORAGE_BAD_ID`, `STORAGE_BAD_TIME`, `STORAGE_BAD_VALUE`
 */
export function telemetryRows(readings: readonly Reading[]): TelemetryRows[] {
  const groups: Groups = { byNames: new Map(), few: [] };
  let group: Group | undefined;
  let lastAsset: string | undefined;
  readings.forEach((reading, i) => {
    if (reading.assetId !== lastAsset) lastAsset = checkId(reading.assetId, `readings[${i}].assetId`);
    const time = checkTime(reading.time, `readings[${i}].time`);
    const { values } = reading;
    if (typeof values !== 'object' || values === null)
      throw refuse('STORAGE_BAD_VALUE', `readings[${i}].values is ${quote(values)}.`, `readings[${i}].values`, values);
    if (group === undefined || !hasNames(values, group.channels)) group = groupOf(values, groups);
    const { channels, columns } = group;
    for (let k = 0; k < channels.length; k++) {
      const value: unknown = values[channels[k] as string];
      (columns[k] as number[]).push(telemetryValue(value, i, channels[k] as string));
    }
    if (reading.quality !== undefined) {
      group.quality ??= group.time.map(() => null);
      group.quality.push(JSON.stringify(reading.quality));
    } else group.quality?.push(null);
    group.assetIds.push(reading.assetId);
    group.time.push(time);
  });
  return [...groups.byNames.values()];
}

/** Groups that are tried one after the other before names are put together to look for theirs. */
const FEW = 4;

interface Groups {
  readonly byNames: Map<string, Group>;
  readonly few: Group[];
}

/** The group of a reading's channels. */
function groupOf(values: object, { byNames, few }: Groups): Group {
  for (const group of few) if (hasNames(values, group.channels)) return group;
  const channels = Object.keys(values);
  const key = channels.join('\u0000');
  let group = byNames.get(key);
  if (group === undefined) {
    group = new Group(channels);
    byNames.set(key, group);
    if (few.length < FEW) few.push(group);
  }
  return group;
}

/** Whether these are the names of `values`, in this order. Without a list of them, for it is asked of each reading. */
function hasNames(values: object, names: readonly string[]): boolean {
  let k = 0;
  for (const name in values) if (name !== names[k++]) return false;
  return k === names.length;
}

function telemetryValue(value: unknown, row: number, name: string): number {
  if (value === undefined || value === null) return Number.NaN;
  if (typeof value !== 'number' || value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    throw refuse(
      'STORAGE_BAD_VALUE',
      `readings[${row}].values[${quote(name)}] is ${quote(value)}.`,
      `readings[${row}].values.${name}`,
      value,
      'A value is a finite number; NaN or absent means not measured.',
    );
  }
  // Databases do not keep the sign of zero: it is dropped here so that all adapters agree.
  return value + 0;
}
