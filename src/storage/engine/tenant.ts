import { systemClock } from '../../core/clock.js';
import { quote, TwinergyError } from '../../core/errors.js';
import { type Column, Frame } from '../../core/frame.js';
import { type Reading, solarChannels } from '../../core/reading.js';
import { unitConversion } from '../../core/units.js';
import { throwIfAborted } from '../../core/work.js';
import {
  cellOf,
  cellsOf,
  checkChannelName,
  checkCount,
  checkId,
  checkTable,
  checkTime,
  rangeOf,
  recordOf,
  telemetryRows,
} from '../contract/check.js';
import { cursorOf, keyOfCursor } from '../contract/cursor.js';
import type { Change, ColumnBlock, StorageEngine, TelemetryRows } from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import type { Outbox } from '../contract/outbox.js';
import { columnsOf, type StorageRecord, type TableName } from '../contract/tables.js';
import type {
  Batch,
  ChartQuery,
  Page,
  RecordQuery,
  RetentionPolicy,
  RetentionReport,
  RollupQuery,
  RollupStep,
  StoredChannel,
  TelemetryQuery,
  TenantStorage,
} from '../contract.js';
import { archiveDays, lastArchivedTime, readMerged, readQuality } from './archive.js';
import { chartRows } from './chart.js';
import { TenantOutbox } from './outbox.js';
import type { CommitQueue } from './queue.js';
import { readRollup, refreshRollups } from './rollup.js';
import type { StorageOptions } from './storage.js';
import { exportTenant, importTenant } from './transfer.js';

const standardChannels: ReadonlyMap<string, StoredChannel> = new Map(
  solarChannels.map((channel) => [channel.name, channel]),
);
const maxPage = 100_000;
const rollupSteps: readonly RollupStep[] = ['1m', '15m', '1h', '1d'];

/** One tenant's calls, checked, on an engine. */
export class TenantView implements TenantStorage {
  readonly tenantId: string;
  readonly outbox: Outbox;
  readonly #engine: StorageEngine;
  readonly #queue: CommitQueue;
  readonly #maxRows: number;
  #channels: ReadonlyMap<string, StoredChannel> | undefined;

  constructor(tenantId: string, engine: StorageEngine, queue: CommitQueue, options: StorageOptions) {
    this.tenantId = tenantId;
    this.outbox = new TenantOutbox(engine, tenantId);
    this.#engine = engine;
    this.#queue = queue;
    this.#maxRows = options.maxRows ?? 5_000_000;
  }

  async registerChannels(channels: readonly StoredChannel[]): Promise<void> {
    const checked = channels.map((channel, i) => checkedChannel(channel, `channels[${i}]`));
    if (checked.length > 0) await this.#commit({ tenantId: this.tenantId, channels: checked });
  }

  async channels(): Promise<StoredChannel[]> {
    const channels = await this.#engine.channels(this.tenantId);
    this.#channels = new Map(channels.map((channel) => [channel.name, channel]));
    return channels;
  }

  async write(readings: readonly Reading[]): Promise<void> {
    await this.commit({ readings });
  }

  async writeFrame(assetId: string, frame: Frame): Promise<void> {
    checkId(assetId, 'assetId');
    for (let i = 0; i < frame.length; i++) checkTime(frame.time[i], `frame.time[${i}]`);
    if (frame.length === 0) return;
    const known = await this.#knownChannels(frame.names);
    const declared: StoredChannel[] = [];
    const columns: Float64Array[] = [];
    for (const [name, column] of frame.columns()) {
      const channel = known.get(name) ??
        standardChannels.get(name) ?? { name: checkChannelName(name, 'channel'), unit: column.unit };
      if (!known.has(name)) declared.push(channel);
      columns.push(storedValues(column, channel));
    }
    const rows: TelemetryRows = {
      assetIds: new Array<string>(frame.length).fill(assetId),
      time: Array.from(frame.time),
      channels: frame.names,
      columns,
      quality: undefined,
    };
    await this.#commit({ tenantId: this.tenantId, channels: declared, telemetry: [rows] });
  }

  async commit(batch: Batch): Promise<void> {
    const telemetry = batch.readings === undefined ? [] : telemetryRows(batch.readings);
    const channels = await this.#standardChannelsOf(telemetry);
    const put: { table: TableName; rows: ReturnType<typeof cellsOf>[] }[] = [];
    for (const [name, records] of Object.entries(batch.put ?? {})) {
      const table = checkTable(name);
      if (records !== undefined && records.length > 0) {
        put.push({
          table,
          rows: records.map((record, i) => cellsOf(table, record as StorageRecord<typeof table>, `${name}[${i}]`)),
        });
      }
    }
    const { checkpoint } = batch;
    if (checkpoint !== undefined)
      put.push({ table: 'checkpoints', rows: [cellsOf('checkpoints', checkpoint, 'checkpoint')] });
    const remove: { table: TableName; ids: string[] }[] = [];
    for (const [name, ids] of Object.entries(batch.remove ?? {})) {
      const table = checkTable(name);
      if (ids !== undefined && ids.length > 0)
        remove.push({ table, ids: ids.map((id, i) => checkId(id, `remove.${name}[${i}]`)) });
    }
    if (telemetry.length === 0 && put.length === 0 && remove.length === 0) return;
    await this.#commit({
      tenantId: this.tenantId,
      channels,
      telemetry,
      put,
      remove,
      ...(checkpoint?.fence === undefined ? {} : { fence: { id: checkpoint.id, fence: checkpoint.fence } }),
    });
  }

  async read(query: TelemetryQuery): Promise<Frame> {
    const { channels, block } = await this.#range(query, this.#maxRows);
    return this.#frame(channels, block);
  }

  async *stream(query: Omit<TelemetryQuery, 'last'> & { readonly chunk?: number }): AsyncIterable<Frame> {
    const chunk = checkCount(query.chunk ?? 10_000, 'chunk', 1, this.#maxRows);
    const { to } = rangeOf(query);
    let { from } = rangeOf(query);
    let left =
      query.limit === undefined
        ? Number.POSITIVE_INFINITY
        : checkCount(query.limit, 'limit', 0, Number.MAX_SAFE_INTEGER);
    const channels = query.channels ?? (await this.#channelsOf(query.assetId));
    while (left > 0) {
      const frame = await this.read({
        assetId: query.assetId,
        from,
        to,
        channels,
        limit: Math.min(chunk, left),
        signal: query.signal,
      });
      if (frame.length === 0) return;
      yield frame;
      left -= frame.length;
      from = (frame.time[frame.length - 1] as number) + 1;
    }
  }

  async readings(query: TelemetryQuery & { readonly after?: string | undefined }): Promise<Page<Reading>> {
    const limit = checkCount(query.limit ?? 1_000, 'limit', 1, maxPage);
    const bounds = rangeOf(query);
    const from = query.after === undefined ? bounds.from : Math.max(bounds.from, keyOfCursor(query.after).time + 1);
    const { after: _after, ...rest } = query;
    const { channels, block } = await this.#range({ ...rest, from, to: bounds.to, limit }, maxPage);
    const count = block.time.length;
    const first = block.time[0];
    const last = block.time[count - 1];
    if (first === undefined || last === undefined) return { rows: [] };
    const quality = await readQuality(this.#engine, this.tenantId, query.assetId, first, last + 1);
    const rows = Array.from(block.time, (time, i) => readingAt(query.assetId, channels, block, i, quality.get(time)));
    return count < limit ? { rows } : { rows, next: cursorOf(last, '') };
  }

  async latest(assetIds?: readonly string[]): Promise<Reading[]> {
    const wanted =
      assetIds === undefined
        ? await this.telemetryAssets()
        : [...new Set(assetIds.map((id, i) => checkId(id, `assetIds[${i}]`)))].sort(compareText);
    const lastTimes = await this.#engine.lastTimes(this.tenantId, wanted);
    const result: Reading[] = [];
    for (const assetId of wanted) {
      const archived = (await lastArchivedTime(this.#engine, this.tenantId, assetId)) ?? Number.NEGATIVE_INFINITY;
      const time = Math.max(lastTimes.get(assetId) ?? Number.NEGATIVE_INFINITY, archived);
      if (time === Number.NEGATIVE_INFINITY) continue;
      const page = await this.readings({ assetId, from: time, to: time + 1 });
      const [reading] = page.rows;
      if (reading !== undefined) result.push(reading);
    }
    return result;
  }

  telemetryAssets(): Promise<string[]> {
    return this.#engine.assets(this.tenantId);
  }

  async chart(query: ChartQuery): Promise<Frame> {
    const points = checkCount(query.points, 'points', 3, 1_000_000);
    const { channel, points: _points, method = 'lttb', ...range } = query;
    if (method !== 'lttb' && method !== 'minmax') {
      throw new TwinergyError('STORAGE_BAD_METHOD', `method is ${quote(method)}.`, {
        path: 'method',
        value: method,
        hint: 'Methods are "lttb" and "minmax".',
      });
    }
    const frame = await this.read({ ...range, channels: [channel] });
    const values = frame.column(channel);
    const rows = chartRows(frame.time, values, points, method);
    return new Frame(
      Float64Array.from(rows, (row) => frame.time[row] as number),
      { [channel]: { data: Float64Array.from(rows, (row) => values[row] as number), unit: frame.unit(channel) } },
    );
  }

  async rollup(query: RollupQuery): Promise<Frame> {
    throwIfAborted(query.signal);
    checkId(query.assetId, 'assetId');
    if (!rollupSteps.includes(query.step)) {
      throw new TwinergyError('STORAGE_BAD_STEP', `step is ${quote(query.step)}.`, {
        path: 'step',
        value: query.step,
        hint: `Steps are: ${rollupSteps.join(', ')}.`,
      });
    }
    const known = await this.#knownChannels([query.channel]);
    const channel = known.get(query.channel) ?? standardChannels.get(query.channel);
    if (channel === undefined) throw unknownChannel(query.channel);
    await refreshRollups(this.#engine, this.tenantId, query.assetId, query.signal);
    return readRollup(
      this.#engine,
      this.tenantId,
      { assetId: query.assetId, channel: query.channel, step: query.step, ...rangeOf(query) },
      channel.unit,
    );
  }

  async retain(
    policy: RetentionPolicy,
    { now = systemClock.now(), signal }: { readonly now?: number; readonly signal?: AbortSignal } = {},
  ): Promise<RetentionReport> {
    const before = (age: unknown, path: string) => {
      if (age === undefined) return undefined;
      if (typeof age !== 'number' || !Number.isFinite(age) || age < 0)
        throw new TwinergyError('STORAGE_BAD_LIMIT', `${path} is ${quote(age)}.`, {
          path,
          value: age,
          hint: 'Give an age in ms.',
        });
      return Math.floor(checkTime(now, 'now') - age);
    };
    const telemetry = before(policy.telemetry, 'telemetry');
    const tables = Object.entries(policy.tables ?? {}).flatMap(([name, age]) => {
      const limit = before(age, `tables.${name}`);
      return limit === undefined ? [] : [{ table: checkTable(name), before: limit }];
    });
    const blocks = Object.entries(policy.rollups ?? {}).flatMap(([kind, age]) => {
      const limit = before(age, `rollups.${kind}`);
      return limit === undefined ? [] : [{ kind, before: limit }];
    });
    if (telemetry !== undefined) blocks.push({ kind: 'raw', before: telemetry });
    // Roll-ups outlive the rows that they are made from, so they are made first.
    if (telemetry !== undefined) await refreshRollups(this.#engine, this.tenantId, undefined, signal);
    if (telemetry !== undefined || tables.length > 0 || blocks.length > 0)
      await this.#engine.purge(this.tenantId, { telemetry, tables, blocks });
    const archiveBefore = before(policy.archiveAfter, 'archiveAfter');
    return archiveBefore === undefined
      ? { archivedDays: 0, archivedRows: 0 }
      : archiveDays(this.#engine, this.tenantId, archiveBefore, signal);
  }

  refreshRollups(options: { readonly signal?: AbortSignal } = {}): Promise<number> {
    return refreshRollups(this.#engine, this.tenantId, undefined, options.signal);
  }

  export(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<string> {
    return exportTenant(this, options.signal);
  }

  import(lines: AsyncIterable<string> | Iterable<string>): Promise<void> {
    return importTenant(this, lines);
  }

  async get<T extends TableName>(table: T, id: string): Promise<StorageRecord<T> | undefined> {
    const [row] = await this.#engine.select(this.tenantId, {
      table: checkTable(table),
      assetId: undefined,
      from: undefined,
      to: undefined,
      where: [['id', checkId(id, 'id')]],
      descending: false,
      limit: 1,
      after: undefined,
    });
    return row === undefined ? undefined : recordOf(table, row);
  }

  async list<T extends TableName>(table: T, query: RecordQuery<T> = {}): Promise<Page<StorageRecord<T>>> {
    throwIfAborted(query.signal);
    checkTable(table);
    const limit = checkCount(query.limit ?? 1_000, 'limit', 1, maxPage);
    const { from, to } = rangeOf(query);
    const kinds = new Map(columnsOf(table));
    if (query.assetId !== undefined && !kinds.has('assetId')) throw unknownColumn(table, 'assetId');
    const where = Object.entries(query.where ?? {}).map(([column, value]) => {
      const kind = kinds.get(column);
      if (kind === undefined || kind.startsWith('json')) throw unknownColumn(table, column);
      return [column, cellOf(kind, value, `where.${column}`)] as const;
    });
    const rows = await this.#engine.select(this.tenantId, {
      table,
      assetId: query.assetId === undefined ? undefined : checkId(query.assetId, 'assetId'),
      from: query.from === undefined ? undefined : from,
      to: query.to === undefined ? undefined : to,
      where,
      descending: query.order === 'descending',
      limit: limit + 1,
      after: query.after === undefined ? undefined : keyOfCursor(query.after),
    });
    throwIfAborted(query.signal);
    const more = rows.length > limit;
    const records = (more ? rows.slice(0, limit) : rows).map((row) => recordOf(table, row));
    const last = records[records.length - 1];
    return more && last !== undefined ? { rows: records, next: cursorOf(last.time, last.id) } : { rows: records };
  }

  async put<T extends TableName>(table: T, records: readonly StorageRecord<T>[]): Promise<void> {
    await this.commit({ put: { [checkTable(table)]: records } });
  }

  async remove(table: TableName, ids: readonly string[]): Promise<void> {
    await this.commit({ remove: { [checkTable(table)]: ids } });
  }

  async #commit(change: Change): Promise<void> {
    await this.#queue.push(change);
    if (change.channels !== undefined && change.channels.length > 0) this.#channels = undefined;
  }

  /** The channels that telemetry brings and that may register themselves. @throws TwinergyError `STORAGE_UNKNOWN_CHANNEL` */
  async #standardChannelsOf(telemetry: readonly TelemetryRows[]): Promise<StoredChannel[]> {
    const declared = new Map<string, StoredChannel>();
    for (const { channels } of telemetry) {
      const known = await this.#knownChannels(channels);
      for (const name of channels) {
        if (known.has(name)) continue;
        const standard = standardChannels.get(name);
        if (standard === undefined) throw unknownChannel(name);
        declared.set(name, standard);
      }
    }
    return [...declared.values()];
  }

  /** The registered channels, read again if one of `names` is not among those known here. */
  async #knownChannels(names: readonly string[]): Promise<ReadonlyMap<string, StoredChannel>> {
    const known = this.#channels;
    if (known === undefined || names.some((name) => !known.has(name))) await this.channels();
    return this.#channels ?? new Map();
  }

  #channelsOf(assetId: string): Promise<string[]> {
    return this.#engine.channelsOf(this.tenantId, checkId(assetId, 'assetId'));
  }

  async #range(query: TelemetryQuery, maxRows: number): Promise<{ channels: readonly string[]; block: ColumnBlock }> {
    throwIfAborted(query.signal);
    checkId(query.assetId, 'assetId');
    if (query.limit !== undefined && query.last !== undefined) {
      throw new TwinergyError('STORAGE_BAD_LIMIT', 'Give either limit or last, not both.', {
        path: 'last',
        value: query.last,
      });
    }
    const asked = query.limit ?? query.last;
    const limit =
      asked === undefined ? maxRows + 1 : checkCount(asked, query.limit === undefined ? 'last' : 'limit', 0, maxRows);
    const { from, to } = rangeOf(query);
    const channels = query.channels ?? (await this.#channelsOf(query.assetId));
    if (query.channels !== undefined) {
      const known = await this.#knownChannels(channels);
      for (const name of channels) if (!known.has(name) && !standardChannels.has(name)) throw unknownChannel(name);
    }
    const block = await readMerged(this.#engine, this.tenantId, {
      assetId: query.assetId,
      channels,
      from,
      to,
      limit,
      latest: query.last !== undefined,
    });
    throwIfAborted(query.signal);
    if (asked === undefined && block.time.length > maxRows) {
      throw new TwinergyError('STORAGE_TOO_MANY_ROWS', `The range has more than ${maxRows} rows.`, {
        path: 'limit',
        hint: 'Give a limit, or read it with stream().',
      });
    }
    return { channels, block };
  }

  async #frame(channels: readonly string[], { time, columns }: ColumnBlock): Promise<Frame> {
    const known = await this.#knownChannels(channels.filter((name) => !standardChannels.has(name)));
    return new Frame(
      time,
      new Map(
        channels.map((name, k) => [
          name,
          { data: columns[k] as Float64Array, unit: (known.get(name) ?? standardChannels.get(name))?.unit ?? '1' },
        ]),
      ),
    );
  }
}

function readingAt(
  assetId: string,
  channels: readonly string[],
  block: ColumnBlock,
  row: number,
  quality: string | undefined,
): Reading {
  const values: Record<string, number> = {};
  channels.forEach((name, k) => {
    const value = block.columns[k]?.[row];
    if (value !== undefined && !Number.isNaN(value)) values[name] = value;
  });
  const reading = { assetId, time: block.time[row] as number, values };
  return quality === undefined ? reading : { ...reading, quality: JSON.parse(quality) as Record<string, number> };
}

/** A column in the unit in which its channel is kept. */
function storedValues({ data, unit }: Column, channel: StoredChannel): Float64Array {
  const bad = data.findIndex((value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY);
  if (bad >= 0) {
    throw new TwinergyError('STORAGE_BAD_VALUE', `Column ${quote(channel.name)} has ${data[bad]} at row ${bad}.`, {
      path: `${channel.name}[${bad}]`,
      value: data[bad],
    });
  }
  const { scale, offset } = unit === channel.unit ? { scale: 1, offset: 0 } : unitConversion(unit, channel.unit);
  // Adding a zero drops the sign of -0, which databases do not keep.
  return data.map((value) => value * scale + offset + 0);
}

function checkedChannel(channel: StoredChannel, path: string): StoredChannel {
  checkChannelName(channel.name, `${path}.name`);
  const text = (value: unknown, name: string) => cellOf('text?', value, `${path}.${name}`) as string | null;
  const number = (value: unknown, name: string) => cellOf('number?', value, `${path}.${name}`) as number | null;
  const unit = text(channel.unit, 'unit');
  if (unit === null || unit.length > 64) {
    throw new TwinergyError('STORAGE_BAD_CHANNEL', `${path}.unit is ${quote(channel.unit)}.`, {
      path: `${path}.unit`,
      value: channel.unit,
    });
  }
  const [restName, title, min, max] = [
    text(channel.restName, 'restName'),
    text(channel.title, 'title'),
    number(channel.min, 'min'),
    number(channel.max, 'max'),
  ];
  return {
    name: channel.name,
    unit,
    ...(restName === null ? {} : { restName }),
    ...(title === null ? {} : { title }),
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max }),
  };
}

function unknownChannel(name: string): TwinergyError {
  return new TwinergyError('STORAGE_UNKNOWN_CHANNEL', `Channel ${quote(name)} is not registered.`, {
    path: name,
    value: name,
    hint: 'Declare it and its unit with registerChannels() first.',
  });
}

function unknownColumn(table: string, column: string): TwinergyError {
  return new TwinergyError('STORAGE_UNKNOWN_COLUMN', `${quote(table)} cannot be searched by ${quote(column)}.`, {
    path: `where.${column}`,
    value: column,
  });
}
