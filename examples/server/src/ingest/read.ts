import { type CsvReport, Frame, type Reading } from 'twinergy';
import { z } from 'zod';
import { channelName } from '../http/names.js';
import { Problem } from '../http/problem.js';
import { parseLine, pointTime } from './line-protocol.js';

/** A row that was not taken. */
export interface RejectedRow {
  /** Counted from 1; of a CSV the line in the file. */
  readonly row: number;
  readonly asset_id: string | null;
  readonly time: string | null;
  readonly code: string;
  readonly reason: string;
}

/** What was read of a body. */
export interface ReadRows {
  readonly readings: Reading[];
  /** Row of each reading. */
  readonly rows: number[];
  readonly rejected: RejectedRow[];
}

const TIME = z.union([z.iso.datetime({ offset: true }), z.number()]);

/** A reading from outside: `{ asset_id, time, values }`, with the time as ISO text with its offset or ms since the epoch. */
export const readingSchema = z.strictObject({
  asset_id: z.string().min(1).max(200),
  time: TIME.optional(),
  values: z.record(z.string().max(128), z.number()),
});

/** The library's reading of one from outside; without a time, it is of now. */
export function readingOf({ asset_id, time, values }: z.output<typeof readingSchema>, now: number): Reading {
  const own: Record<string, number> = {};
  for (const name in values) own[channelName(name)] = values[name] as number;
  return {
    assetId: asset_id,
    time: time === undefined ? now : typeof time === 'number' ? Math.round(time) : Date.parse(time),
    values: own,
  };
}

/** Checks rows one by one, so that a bad one does not stop the others. */
export function readRows(rows: Iterable<unknown>, now: number): ReadRows {
  const out: ReadRows = { readings: [], rows: [], rejected: [] };
  let row = 0;
  for (const input of rows) {
    row++;
    const quick = quickReading(input, now);
    if (quick !== undefined) {
      out.readings.push(quick);
      out.rows.push(row);
      continue;
    }
    const result = readingSchema.safeParse(input);
    if (result.success) {
      out.readings.push(readingOf(result.data, now));
      out.rows.push(row);
    } else {
      const [issue] = result.error.issues;
      const given = typeof input === 'object' && input !== null && 'asset_id' in input ? input.asset_id : null;
      out.rejected.push({
        row,
        asset_id: typeof given === 'string' ? given.slice(0, 200) : null,
        time: null,
        code: 'API_BAD_ROW',
        reason: `${issue?.path.join('.') || 'the row'}: ${issue?.message ?? 'is not valid'}`,
      });
    }
  }
  return out;
}

/** The usual case without the machinery of a schema: it is what an ingest of a million rows spends its time on. */
function quickReading(input: unknown, now: number): Reading | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { asset_id: assetId, time, values, ...more } = input as Record<string, unknown>;
  for (const _ in more) return undefined;
  if (typeof assetId !== 'string' || assetId === '' || assetId.length > 200) return undefined;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return undefined;
  if (typeof time !== 'number' || !Number.isFinite(time)) {
    if (typeof time !== 'string' || !TIME.safeParse(time).success) return undefined;
  }
  const own: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'number' || !Number.isFinite(value) || name.length > 128) return undefined;
    own[channelName(name)] = value;
  }
  return {
    assetId,
    time: typeof time === 'number' ? Math.round(time) : Date.parse(time as string) || now,
    values: own,
  };
}

/** Lines of JSON, each a reading. */
export function readNdjson(text: string, now: number): ReadRows {
  const lines = text.split('\n');
  const parsed: unknown[] = [];
  const numbers: number[] = [];
  const broken: RejectedRow[] = [];
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    try {
      parsed.push(JSON.parse(line));
      numbers.push(i + 1);
    } catch {
      broken.push({ row: i + 1, asset_id: null, time: null, code: 'API_BAD_JSON', reason: 'the line is not JSON' });
    }
  });
  const { readings, rows, rejected } = readRows(parsed, now);
  const line = (row: number) => numbers[row - 1] as number;
  return {
    readings,
    rows: rows.map(line),
    rejected: [...broken, ...rejected.map((one) => ({ ...one, row: line(one.row) }))].sort((a, b) => a.row - b.row),
  };
}

/** InfluxDB's line protocol: the asset is the tag `asset_id` (or `asset`, `host`), else the measurement; fields are channels. */
export function readLineProtocol(text: string, precision: string, now: number): ReadRows {
  const out: ReadRows = { readings: [], rows: [], rejected: [] };
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    try {
      const { measurement, tags, fields, time } = parseLine(line.trim());
      const assetId = tags.asset_id ?? tags.asset ?? tags.host ?? measurement;
      const values: Record<string, number> = {};
      for (const [name, value] of Object.entries(fields)) values[channelName(name)] = value;
      out.readings.push({ assetId, time: pointTime(time, precision, now), values });
      out.rows.push(i + 1);
    } catch (error) {
      out.rejected.push({
        row: i + 1,
        asset_id: null,
        time: null,
        code: 'API_BAD_LINE',
        reason: (error as Error).message,
      });
    }
  });
  return out;
}

/** A CSV of one asset: a time column, and columns named as channels (`solar_power [kW]`). */
export function readCsv(
  text: string,
  assetId: string,
  zone: string | undefined,
  units: ReadonlyMap<string, string>,
): ReadRows {
  let report: CsvReport | undefined;
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = [';', '\t', '|', ','].find((one) => header.includes(one)) ?? ',';
  const columns: Record<string, { column: string; as: string; unit?: string }> = {};
  for (const raw of header.split(delimiter)) {
    const column = raw.trim().replace(/^"|"$/g, '');
    const name = channelName(column.replace(/\s*\[.*\]$/, ''));
    const unit = units.get(name);
    if (unit !== undefined) columns[name] = { column, as: unit, ...(!/\[.*\]$/.test(column) && { unit }) };
  }
  if (Object.keys(columns).length === 0)
    throw new Problem(400, 'API_NO_CHANNEL', 'No column of the CSV has the name of a channel.', { path: 'body' });
  const frame = Frame.fromCsv(text, {
    columns,
    invalid: 'quarantine',
    ...(zone !== undefined && { time: { zone } }),
    onReport: (found) => {
      report = found;
    },
  });
  const readings: Reading[] = [];
  for (const { time, values } of frame.rows()) {
    const own = Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value)));
    if (Object.keys(own).length > 0) readings.push({ assetId, time, values: own });
  }
  return {
    readings,
    rows: readings.map((_, i) => i + 2),
    rejected: (report?.quarantined ?? []).map(({ line, code, reason }) => ({
      row: line,
      asset_id: assetId,
      time: null,
      code,
      reason,
    })),
  };
}
