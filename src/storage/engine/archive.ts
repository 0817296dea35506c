import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import { throwIfAborted } from '../../core/work.js';
import type { ColumnBlock, HourMark, RangeQuery, StorageEngine, StoredBlock } from '../contract/engine.js';
import { dayMs } from '../contract/time.js';
import { packColumn, packedLength, unpackColumn } from './codec/column.js';

const timeChannel = '#time';
const qualityChannel = '#quality';

/**
 * Telemetry of one asset from rows and archived days together. A row counts for more than an archived value of the same
 * time: it came later. Rows are read before segments: a day that is archived in between is then seen twice, not lost.
 */
export async function readMerged(engine: StorageEngine, tenantId: string, query: RangeQuery): Promise<ColumnBlock> {
  const rows = await engine.range(tenantId, query);
  const days = { from: Math.floor(query.from / dayMs), to: Math.floor((query.to - 1) / dayMs) + 1 };
  if (query.limit === 0 || days.from >= days.to) return rows;
  const blocksOf = (channels: readonly string[], from: number, to: number) =>
    engine.blocks(tenantId, { assetId: query.assetId, kind: 'raw', channels, from, to });
  const axes = await blocksOf([timeChannel], days.from, days.to);
  if (axes.length === 0) return rows;

  const wanted = wantedDays(axes, query);
  const starts = new Map<number, number>();
  let total = 0;
  for (const { day, rows: count } of wanted) {
    starts.set(day, total);
    total += count;
  }
  const time = unpackDays(wanted, starts, total, false);
  const first = wanted[0]?.day ?? 0;
  const last = wanted[wanted.length - 1]?.day ?? -1;
  const packed = await blocksOf([...new Set(query.channels)], first, last + 1);
  const columns = query.channels.map((channel) =>
    unpackDays(
      packed.filter((block) => block.channel === channel && starts.has(block.day)),
      starts,
      total,
      true,
    ),
  );
  const archived = sliced({ time, columns }, query.from, query.to);
  const all = rows.time.length === 0 ? archived : archived.time.length === 0 ? rows : merged(archived, rows);
  if (all.time.length <= query.limit) return all;
  const [start, end] = query.latest ? [all.time.length - query.limit, all.time.length] : [0, query.limit];
  return { time: all.time.subarray(start, end), columns: all.columns.map((column) => column.subarray(start, end)) };
}

/** Only as many days as the limit needs; the days at the two ends may be cut by the range. */
function wantedDays(axes: readonly StoredBlock[], { limit, latest, from, to }: RangeQuery): StoredBlock[] {
  const ordered = latest ? [...axes].reverse() : axes;
  const result: StoredBlock[] = [];
  let rows = 0;
  for (const axis of ordered) {
    if (rows >= limit) break;
    result.push(axis);
    if (axis.day * dayMs >= from && (axis.day + 1) * dayMs <= to) rows += axis.rows;
  }
  return latest ? result.reverse() : result;
}

function unpackDays(
  blocks: readonly StoredBlock[],
  starts: ReadonlyMap<number, number>,
  total: number,
  gaps: boolean,
): Float64Array {
  const values = new Float64Array(total);
  if (gaps && blocks.length < starts.size) values.fill(Number.NaN);
  for (const { day, data } of blocks) unpackColumn(data, values, starts.get(day) ?? 0);
  return values;
}

function sliced({ time, columns }: ColumnBlock, from: number, to: number): ColumnBlock {
  let start = 0;
  let end = time.length;
  while (start < end && (time[start] as number) < from) start++;
  while (end > start && (time[end - 1] as number) >= to) end--;
  return { time: time.subarray(start, end), columns: columns.map((column) => column.subarray(start, end)) };
}

/** Both, by time; where both have a value, that of `upper`. */
function merged(lower: ColumnBlock, upper: ColumnBlock): ColumnBlock {
  const room = lower.time.length + upper.time.length;
  const time = new Float64Array(room);
  const fromLower = new Int32Array(room).fill(-1);
  const fromUpper = new Int32Array(room).fill(-1);
  let count = 0;
  for (let i = 0, j = 0; i < lower.time.length || j < upper.time.length; count++) {
    const a = lower.time[i] ?? Number.POSITIVE_INFINITY;
    const b = upper.time[j] ?? Number.POSITIVE_INFINITY;
    time[count] = Math.min(a, b);
    if (a <= b) fromLower[count] = i++;
    if (b <= a) fromUpper[count] = j++;
  }
  const columns = lower.columns.map((low, k) => {
    const high = upper.columns[k] as Float64Array;
    const column = new Float64Array(count);
    for (let n = 0; n < count; n++) {
      const value = high[fromUpper[n] as number] ?? Number.NaN;
      column[n] = Number.isNaN(value) ? (low[fromLower[n] as number] ?? Number.NaN) : value;
    }
    return column;
  });
  return { time: time.slice(0, count), columns };
}

/** Quality flags (JSON) by time, of rows and archived days. */
export async function readQuality(
  engine: StorageEngine,
  tenantId: string,
  assetId: string,
  from: number,
  to: number,
): Promise<Map<number, string>> {
  const rows = await engine.quality(tenantId, assetId, from, to);
  const blocks = await engine.blocks(tenantId, {
    assetId,
    kind: 'raw',
    channels: [qualityChannel],
    from: Math.floor(from / dayMs),
    to: Math.floor((to - 1) / dayMs) + 1,
  });
  const result = new Map<number, string>();
  for (const { data } of blocks) {
    for (const [time, quality] of JSON.parse(strFromU8(inflateSync(data))) as [number, string][]) {
      if (time >= from && time < to) result.set(time, quality);
    }
  }
  for (const [time, quality] of rows) result.set(time, quality);
  return result;
}

/** The time of the last reading of an asset in the archive. */
export async function lastArchivedTime(
  engine: StorageEngine,
  tenantId: string,
  assetId: string,
): Promise<number | undefined> {
  const day = await engine.lastBlockDay(tenantId, assetId);
  if (day === undefined) return undefined;
  const [axis] = await engine.blocks(tenantId, {
    assetId,
    kind: 'raw',
    channels: [timeChannel],
    from: day,
    to: day + 1,
  });
  if (axis === undefined) return undefined;
  const time = new Float64Array(packedLength(axis.data));
  unpackColumn(axis.data, time, 0);
  return time[time.length - 1];
}

/** Compacts the days of one tenant that end at or before `before` (ms). */
export async function archiveDays(
  engine: StorageEngine,
  tenantId: string,
  before: number,
  signal: AbortSignal | undefined,
): Promise<{ archivedDays: number; archivedRows: number }> {
  const firstOpenDay = Math.floor(before / dayMs);
  let archivedDays = 0;
  let archivedRows = 0;
  const marks = await engine.hours(tenantId, { stale: false, before: firstOpenDay * 24 });
  for (const group of byAssetAndDay(marks)) {
    throwIfAborted(signal);
    const rows = await archiveDay(engine, tenantId, group);
    if (rows === 0) continue;
    archivedDays++;
    archivedRows += rows;
  }
  return { archivedDays, archivedRows };
}

/** Hours of one asset and day. */
export interface HourGroup {
  readonly assetId: string;
  readonly day: number;
  readonly hours: readonly HourMark[];
}

/** Hour marks, which come sorted, in groups of one asset and day. */
export function byAssetAndDay(marks: readonly HourMark[]): HourGroup[] {
  const groups: { assetId: string; day: number; hours: HourMark[] }[] = [];
  for (const mark of marks) {
    const day = Math.floor(mark.hour / 24);
    const last = groups[groups.length - 1];
    if (last !== undefined && last.assetId === mark.assetId && last.day === day) last.hours.push(mark);
    else groups.push({ assetId: mark.assetId, day, hours: [mark] });
  }
  return groups;
}

/** Compacts one day; 0 if somebody wrote to it meanwhile: then it is left for the next run. */
async function archiveDay(
  engine: StorageEngine,
  tenantId: string,
  { assetId, day, hours }: HourGroup,
): Promise<number> {
  const range = { from: day * dayMs, to: (day + 1) * dayMs };
  const channels = await engine.channelsOf(tenantId, assetId);
  const block = await readMerged(engine, tenantId, {
    assetId,
    channels,
    ...range,
    limit: Number.MAX_SAFE_INTEGER,
    latest: false,
  });
  const rows = block.time.length;
  const stored = (channel: string, data: Uint8Array): StoredBlock => ({
    assetId,
    kind: 'raw',
    day,
    channel,
    rows,
    data,
  });
  const put = [stored(timeChannel, packColumn(block.time))];
  channels.forEach((channel, k) => {
    const column = block.columns[k] as Float64Array;
    if (column.some((value) => !Number.isNaN(value))) put.push(stored(channel, packColumn(column)));
  });
  const quality = await readQuality(engine, tenantId, assetId, range.from, range.to);
  if (quality.size > 0) put.push(stored(qualityChannel, deflateSync(strToU8(JSON.stringify([...quality])))));
  return (await engine.commitBlocks(tenantId, { assetId, expected: hours, put, archive: true })) ? rows : 0;
}
