import { mergeChannels } from '../contract/channels.js';
import { fenced } from '../contract/check.js';
import type {
  BlockCommit,
  BlockQuery,
  CellRow,
  Change,
  ClaimQuery,
  ColumnBlock,
  Holder,
  HourMark,
  Purge,
  RangeQuery,
  SelectQuery,
  Settlement,
  StorageEngine,
  StoredBlock,
  TelemetryRows,
} from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import { columnsOf, type TableName, tableNames } from '../contract/tables.js';
import { dayMs, hourMs } from '../contract/time.js';
import type { IntegrityReport, StoredChannel } from '../contract.js';
import { claimMessages, settleMessages } from './outbox.js';
import { Series } from './series.js';
import { RecordTable } from './table.js';

interface Hour {
  version: number;
  /** The version that the roll-ups were made from. */
  rolled: number;
  /** Whether there are rows that are not archived. */
  live: boolean;
}

interface Tenant {
  channels: Map<string, StoredChannel>;
  /** Telemetry of each asset, with a column for each channel that it has ever reported. */
  readonly series: Map<string, Series>;
  readonly hours: Map<string, Map<number, Hour>>;
  readonly tables: Record<TableName, RecordTable>;
  readonly blocks: Map<string, StoredBlock>;
}

/** Everything in the memory of this process: for tests, for pages, and for what need not outlive the process. */
export class MemoryEngine implements StorageEngine {
  readonly adapter = 'memory';
  readonly capabilities = { persistent: false, multiProcess: false, maxChannels: 1_000_000 };
  readonly #tenants = new Map<string, Tenant>();

  async channels(tenantId: string): Promise<StoredChannel[]> {
    return [...(this.#tenants.get(tenantId)?.channels.values() ?? [])].sort((a, b) => compareText(a.name, b.name));
  }

  async channelsOf(tenantId: string, assetId: string): Promise<string[]> {
    return [...(this.#tenants.get(tenantId)?.series.get(assetId)?.columns.keys() ?? [])].sort(compareText);
  }

  async assets(tenantId: string): Promise<string[]> {
    return [...(this.#tenants.get(tenantId)?.series.keys() ?? [])].sort(compareText);
  }

  async apply(changes: readonly Change[]): Promise<void> {
    // What can be refused is looked at before anything is written.
    const channels = new Map<string, Map<string, StoredChannel>>();
    const fences = new Map<string, number>();
    for (const change of changes) {
      const { fence, tenantId } = change;
      if (fence !== undefined) {
        const key = `${tenantId}\u0000${fence.id}`;
        const held = fences.get(key) ?? this.#heldFence(tenantId, fence.id);
        if (held > fence.fence) throw fenced(fence.id, held, fence.fence);
        fences.set(key, fence.fence);
      }
      const known = channels.get(tenantId) ?? this.#tenant(tenantId).channels;
      channels.set(tenantId, change.channels === undefined ? known : mergeChannels(known, change.channels));
    }
    for (const [tenantId, merged] of channels) this.#tenant(tenantId).channels = merged;
    for (const change of changes) {
      const tenant = this.#tenant(change.tenantId);
      for (const rows of change.telemetry ?? []) writeRows(tenant, rows, change.stamp);
      for (const { table, rows } of change.put ?? []) {
        for (const row of rows) tenant.tables[table].set(row);
      }
      for (const { table, ids } of change.remove ?? []) for (const id of ids) tenant.tables[table].delete(id);
    }
  }

  async range(tenantId: string, query: RangeQuery): Promise<ColumnBlock> {
    const series = this.#tenants.get(tenantId)?.series.get(query.assetId);
    if (series === undefined)
      return { time: new Float64Array(), columns: query.channels.map(() => new Float64Array()) };
    let start = series.indexAt(query.from);
    let end = Math.max(start, series.indexAt(query.to));
    if (query.latest) start = Math.max(start, end - query.limit);
    else end = Math.min(end, start + query.limit);
    return {
      time: series.time.slice(start, end),
      columns: query.channels.map(
        (channel) => series.columns.get(channel)?.slice(start, end) ?? new Float64Array(end - start).fill(Number.NaN),
      ),
    };
  }

  async quality(tenantId: string, assetId: string, from: number, to: number): Promise<Map<number, string>> {
    const all = this.#tenants.get(tenantId)?.series.get(assetId)?.quality ?? new Map<number, string>();
    return new Map([...all].filter(([time]) => time >= from && time < to));
  }

  async lastTimes(tenantId: string, assetIds: readonly string[]): Promise<Map<string, number>> {
    const result = new Map<string, number>();
    for (const assetId of assetIds) {
      const series = this.#tenants.get(tenantId)?.series.get(assetId);
      if (series !== undefined && series.length > 0) result.set(assetId, series.time[series.length - 1] as number);
    }
    return result;
  }

  async select(tenantId: string, query: SelectQuery): Promise<CellRow[]> {
    return this.#tenants.get(tenantId)?.tables[query.table].select(query) ?? [];
  }

  async hours(
    tenantId: string,
    query: { readonly assetId?: string; readonly stale: boolean; readonly before?: number },
  ): Promise<HourMark[]> {
    const tenant = this.#tenants.get(tenantId);
    const result: HourMark[] = [];
    for (const [assetId, hours] of tenant?.hours ?? []) {
      if (query.assetId !== undefined && query.assetId !== assetId) continue;
      for (const [hour, { version, rolled, live }] of hours) {
        if (query.stale ? version === rolled : !live) continue;
        if (query.before !== undefined && hour >= query.before) continue;
        result.push({ assetId, hour, version });
      }
    }
    return result.sort((a, b) => compareText(a.assetId, b.assetId) || a.hour - b.hour);
  }

  async blocks(tenantId: string, query: BlockQuery): Promise<StoredBlock[]> {
    const wanted = query.channels === undefined ? undefined : new Set(query.channels);
    return [...(this.#tenants.get(tenantId)?.blocks.values() ?? [])]
      .filter(
        (block) =>
          block.assetId === query.assetId &&
          block.kind === query.kind &&
          block.day >= query.from &&
          block.day < query.to &&
          (wanted === undefined || wanted.has(block.channel)),
      )
      .sort((a, b) => a.day - b.day || compareText(a.channel, b.channel));
  }

  async lastBlockDay(tenantId: string, assetId: string): Promise<number | undefined> {
    let last: number | undefined;
    for (const block of this.#tenants.get(tenantId)?.blocks.values() ?? []) {
      if (block.assetId === assetId && block.kind === 'raw' && (last === undefined || block.day > last))
        last = block.day;
    }
    return last;
  }

  async commitBlocks(tenantId: string, { assetId, expected, put, archive }: BlockCommit): Promise<boolean> {
    const tenant = this.#tenant(tenantId);
    const hours = tenant.hours.get(assetId);
    if (!expected.every(({ hour, version }) => hours?.get(hour)?.version === version)) return false;
    for (const block of put) tenant.blocks.set(blockKey(block), block);
    for (const { hour, version } of expected) {
      const mark = hours?.get(hour);
      if (mark === undefined) continue;
      if (archive) {
        tenant.series.get(assetId)?.delete(hour * hourMs, (hour + 1) * hourMs);
        if (mark.rolled === version) mark.rolled++;
        mark.version++;
        mark.live = false;
      } else mark.rolled = version;
    }
    return true;
  }

  async claim(tenantId: string, query: ClaimQuery): Promise<CellRow[]> {
    return claimMessages(this.#tenant(tenantId).tables.outbox, query);
  }

  async settle(tenantId: string, holder: Holder, ids: readonly string[], settlement: Settlement): Promise<number> {
    return settleMessages(this.#tenant(tenantId).tables.outbox, holder, ids, settlement);
  }

  async purge(tenantId: string, purge: Purge): Promise<void> {
    const tenant = this.#tenant(tenantId);
    if (purge.telemetry !== undefined) {
      for (const series of tenant.series.values()) series.delete(Number.NEGATIVE_INFINITY, purge.telemetry);
      for (const hours of tenant.hours.values()) {
        for (const hour of hours.keys()) if ((hour + 1) * hourMs <= purge.telemetry) hours.delete(hour);
      }
    }
    for (const { table, before } of purge.tables) tenant.tables[table].deleteBefore(before);
    for (const { kind, before } of purge.blocks) {
      for (const [key, block] of tenant.blocks) {
        if (block.kind === kind && (block.day + 1) * dayMs <= before) tenant.blocks.delete(key);
      }
    }
  }

  async tenants(): Promise<string[]> {
    const used = (tenant: Tenant) =>
      tenant.channels.size > 0 || tenant.series.size > 0 || tableNames.some((name) => tenant.tables[name].size > 0);
    return [...this.#tenants].flatMap(([id, tenant]) => (used(tenant) ? [id] : [])).sort(compareText);
  }

  async check(): Promise<IntegrityReport> {
    return { ok: true, problems: [] };
  }

  async vacuum(): Promise<void> {
    // Memory is given back by the runtime.
  }

  async close(): Promise<void> {
    this.#tenants.clear();
  }

  #tenant(id: string): Tenant {
    let tenant = this.#tenants.get(id);
    if (tenant === undefined) {
      tenant = {
        channels: new Map(),
        series: new Map(),
        hours: new Map(),
        tables: Object.fromEntries(tableNames.map((name) => [name, new RecordTable(name)])) as Tenant['tables'],
        blocks: new Map(),
      };
      this.#tenants.set(id, tenant);
    }
    return tenant;
  }

  #heldFence(tenantId: string, id: string): number {
    const row = this.#tenants.get(tenantId)?.tables.checkpoints.get(id);
    const held = row?.[columnsOf('checkpoints').findIndex(([name]) => name === 'fence')];
    return typeof held === 'number' ? held : Number.NEGATIVE_INFINITY;
  }
}

function blockKey({ assetId, kind, day, channel }: StoredBlock): string {
  return `${assetId}\u0000${kind}\u0000${day}\u0000${channel}`;
}

/** What a map holds for `key`; made where it holds nothing. */
function kept<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function writeRows(tenant: Tenant, rows: TelemetryRows, stamp: number): void {
  const { assetIds, time } = rows;
  const unordered = new Map<string, number[]>();
  let last: string | undefined;
  let series: Series | undefined;
  let marks: Map<number, Hour> | undefined;
  let hour = Number.NaN;
  for (let i = 0; i < time.length; i++) {
    const t = time[i] as number;
    const assetId = assetIds[i] as string;
    if (series === undefined || marks === undefined || assetId !== last) {
      last = assetId;
      hour = Number.NaN;
      series = kept(tenant.series, assetId, () => new Series(assetId));
      marks = kept(tenant.hours, assetId, () => new Map<number, Hour>());
    }
    if (Math.floor(t / hourMs) !== hour) {
      hour = Math.floor(t / hourMs);
      touch(marks, hour, stamp);
    }
    // The usual case: newer than all there is.
    if (!series.append(t, rows, i)) {
      const list = unordered.get(assetId);
      if (list === undefined) unordered.set(assetId, [i]);
      else list.push(i);
    }
    const quality = rows.quality?.[i];
    if (quality != null) series.quality.set(t, quality);
  }
  for (const [id, indexes] of unordered) insertRows(tenant.series.get(id) as Series, rows, indexes);
}

function touch(marks: Map<number, Hour>, hour: number, stamp: number): void {
  const mark = marks.get(hour);
  if (mark === undefined) marks.set(hour, { version: stamp, rolled: 0, live: true });
  else {
    mark.version++;
    mark.live = true;
  }
}

/** Rows of one asset that are not newer than what it has. */
function insertRows(series: Series, rows: TelemetryRows, indexes: number[]): void {
  // Stable, so that of two readings of the same time the later one wins.
  indexes.sort((a, b) => (rows.time[a] as number) - (rows.time[b] as number) || a - b);
  const time: number[] = [];
  const columns: number[][] = rows.channels.map(() => []);
  for (const i of indexes) {
    const t = rows.time[i] as number;
    const same = time.length > 0 && time[time.length - 1] === t;
    if (!same) time.push(t);
    columns.forEach((column, k) => {
      const value = rows.columns[k]?.[i] as number;
      if (!same) column.push(value);
      else if (!Number.isNaN(value)) column[column.length - 1] = value;
    });
  }
  series.upsert(
    Float64Array.from(time),
    rows.channels,
    columns.map((column) => Float64Array.from(column)),
  );
}
