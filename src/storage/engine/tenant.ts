import { systemClock } from '../../core/clock.js';
import type { Frame } from '../../core/frame.js';
import type { Reading } from '../../core/reading.js';
import { checkTable } from '../contract/check.js';
import type { Change, StorageEngine } from '../contract/engine.js';
import type { Outbox } from '../contract/outbox.js';
import type { StorageRecord, TableName } from '../contract/tables.js';
import type {
  Batch,
  ChartQuery,
  Page,
  RecordQuery,
  RetentionPolicy,
  RetentionReport,
  RollupQuery,
  StoredChannel,
  TelemetryQuery,
  TenantStorage,
} from '../contract.js';
import { changeOfBatch, changeOfFrame } from './changes.js';
import { ChannelBook, checkedChannel } from './channel-book.js';
import { TenantOutbox } from './outbox.js';
import type { CommitQueue } from './queue.js';
import { TelemetryReader } from './reader.js';
import { newStamp, type RecentFrames } from './recent.js';
import { getRecord, listRecords } from './records.js';
import { retain } from './retention.js';
import { refreshRollups } from './rollup.js';
import type { StorageOptions } from './storage.js';
import { exportTenant, importTenant } from './transfer.js';

/** One tenant's calls: each is checked and then made on the engine, writing ones through the queue. */
export class TenantView implements TenantStorage {
  readonly tenantId: string;
  readonly outbox: Outbox;
  readonly #engine: StorageEngine;
  readonly #queue: CommitQueue;
  readonly #book: ChannelBook;
  readonly #recent: RecentFrames;
  readonly #reader: TelemetryReader;

  constructor(
    tenantId: string,
    engine: StorageEngine,
    queue: CommitQueue,
    recent: RecentFrames,
    options: StorageOptions,
  ) {
    this.tenantId = tenantId;
    this.outbox = new TenantOutbox(engine, tenantId);
    this.#engine = engine;
    this.#queue = queue;
    this.#recent = recent;
    this.#book = new ChannelBook(engine, tenantId);
    this.#reader = new TelemetryReader(tenantId, engine, this.#book, recent, options.maxRows ?? 5_000_000);
  }

  async registerChannels(channels: readonly StoredChannel[]): Promise<void> {
    const checked = channels.map((channel, i) => checkedChannel(channel, `channels[${i}]`));
    if (checked.length > 0) await this.#commit({ tenantId: this.tenantId, stamp: newStamp(), channels: checked });
  }

  channels(): Promise<StoredChannel[]> {
    return this.#book.all();
  }

  write(readings: readonly Reading[]): Promise<void> {
    return this.commit({ readings });
  }

  async writeFrame(assetId: string, frame: Frame): Promise<void> {
    const change = await changeOfFrame(this.tenantId, assetId, frame, this.#book);
    await this.#commit(change);
    for (const rows of change?.telemetry ?? []) this.#recent.remember(this.tenantId, change?.stamp ?? 0, rows);
  }

  async commit(batch: Batch): Promise<void> {
    await this.#commit(await changeOfBatch(this.tenantId, batch, this.#book));
  }

  read(query: TelemetryQuery): Promise<Frame> {
    return this.#reader.read(query);
  }

  stream(query: Omit<TelemetryQuery, 'last'> & { readonly chunk?: number }): AsyncIterable<Frame> {
    return this.#reader.stream(query);
  }

  readings(query: TelemetryQuery & { readonly after?: string | undefined }): Promise<Page<Reading>> {
    return this.#reader.readings(query);
  }

  latest(assetIds?: readonly string[]): Promise<Reading[]> {
    return this.#reader.latest(assetIds);
  }

  telemetryAssets(): Promise<string[]> {
    return this.#engine.assets(this.tenantId);
  }

  chart(query: ChartQuery): Promise<Frame> {
    return this.#reader.chart(query);
  }

  rollup(query: RollupQuery): Promise<Frame> {
    return this.#reader.rollup(query);
  }

  get<T extends TableName>(table: T, id: string): Promise<StorageRecord<T> | undefined> {
    return getRecord(this.#engine, this.tenantId, table, id);
  }

  list<T extends TableName>(table: T, query: RecordQuery<T> = {}): Promise<Page<StorageRecord<T>>> {
    return listRecords(this.#engine, this.tenantId, table, query);
  }

  async put<T extends TableName>(table: T, records: readonly StorageRecord<T>[]): Promise<void> {
    await this.commit({ put: { [checkTable(table)]: records } });
  }

  async remove(table: TableName, ids: readonly string[]): Promise<void> {
    await this.commit({ remove: { [checkTable(table)]: ids } });
  }

  retain(
    policy: RetentionPolicy,
    { now = systemClock.now(), signal }: { readonly now?: number; readonly signal?: AbortSignal } = {},
  ): Promise<RetentionReport> {
    return retain(this.#engine, this.tenantId, policy, now, signal);
  }

  refreshRollups(options: { readonly signal?: AbortSignal } = {}): Promise<number> {
    return refreshRollups(this.#engine, this.tenantId, { recent: this.#recent, signal: options.signal });
  }

  export(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<string> {
    return exportTenant(this, options.signal);
  }

  import(lines: AsyncIterable<string> | Iterable<string>): Promise<void> {
    return importTenant(this, lines);
  }

  async #commit(change: Change | undefined): Promise<void> {
    if (change === undefined) return;
    await this.#queue.push(change);
    if (change.channels !== undefined && change.channels.length > 0) this.#book.forget();
  }
}
