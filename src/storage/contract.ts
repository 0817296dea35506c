import type { Frame, Reading } from '../core/index.js';
import type { ChannelDefinition } from '../core/reading.js';
import type { Outbox } from './contract/outbox.js';
import type { StorageRecord, TableName } from './contract/tables.js';

/** A point in time: ms since the epoch (UTC), a `Date`, or an ISO 8601 text that names its zone (`Z` or an offset). */
export type Instant = number | Date | string;

/** What storage keeps of a channel: its name and unit, and what else is known of it. */
export type StoredChannel = Pick<ChannelDefinition, 'name' | 'unit'> &
  Partial<Omit<ChannelDefinition, 'name' | 'unit'>>;

/** Which rows of one asset's telemetry: `from` ≤ time < `to`. */
export interface TelemetryQuery {
  readonly assetId: string;
  /** First instant; default: the beginning. */
  readonly from?: Instant | undefined;
  /** First instant that is no longer read; default: the end. */
  readonly to?: Instant | undefined;
  /** Channels, in the order wanted; default: those that the asset has ever reported, by name. */
  readonly channels?: readonly string[] | undefined;
  /** At most so many rows, the earliest ones. */
  readonly limit?: number | undefined;
  /** At most so many rows, the latest ones. Not together with `limit`. */
  readonly last?: number | undefined;
  /** Cancels the read; it then ends with an `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

/** Which records of a table. Conditions are joined by "and". */
export interface RecordQuery<T extends TableName = TableName> {
  readonly assetId?: string | undefined;
  /** `from` ≤ time < `to`. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  /** Only ids that begin so. */
  readonly idPrefix?: string | undefined;
  /** Equal to: text, number, integer, time and boolean columns. */
  readonly where?: Partial<StorageRecord<T>> | undefined;
  /** By (time, id); default `ascending`. */
  readonly order?: 'ascending' | 'descending' | undefined;
  /** At most so many (default 1,000, at most 100,000). */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A page of a listing; `next` is the cursor of the page that follows, absent on the last. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next?: string;
}

/** How far a consumer has come with its input. Committed together with what it wrote. */
export type Checkpoint = StorageRecord<'checkpoints'>;

/**
 * What one step of a monitor writes. `commit` takes all of it in one transaction: after a crash either all of it is
 * there or nothing.
 */
export interface Batch {
  /** Upserted by (asset, time): channels given replace, channels absent or NaN leave what was there. */
  readonly readings?: readonly Reading[] | undefined;
  /** Upserted by id: a record replaces the one of the same id. */
  readonly put?: { readonly [T in TableName]?: readonly StorageRecord<T>[] | undefined } | undefined;
  /** Removed by id; an id that is not there is no error. */
  readonly remove?: { readonly [T in TableName]?: readonly string[] | undefined } | undefined;
  /**
   * Where the input has come to. With a `fence`, the whole batch is refused (`STORAGE_FENCED`) if the stored checkpoint
   * of that id has a greater one: a consumer that lost its lease cannot write any more.
   */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Which roll-up: the width of its buckets. Buckets begin at multiples of the width since the epoch (UTC). */
export type RollupStep = '1m' | '15m' | '1h' | '1d';

/** A statistic of a roll-up bucket. `energy` is the integral over time in hours: Wh for a channel in W. */
export type RollupStatistic = 'count' | 'mean' | 'min' | 'max' | 'last' | 'energy';

/** Which roll-up of which channel. */
export interface RollupQuery {
  readonly assetId: string;
  readonly channel: string;
  readonly step: RollupStep;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a chart asks for: about `points` points that keep the shape of the curve. */
export interface ChartQuery extends Omit<TelemetryQuery, 'channels' | 'limit' | 'last'> {
  readonly channel: string;
  /** At most so many points (≥ 3). */
  readonly points: number;
  /** `lttb` (default): largest triangle, three buckets; `minmax`: least and greatest of each bucket. */
  readonly method?: 'lttb' | 'minmax' | undefined;
}

/** How long to keep what. Durations in ms, measured back from `now`. */
export interface RetentionPolicy {
  /** Rows of telemetry (and archive segments) older than this are deleted. */
  readonly telemetry?: number | undefined;
  /** Telemetry of closed days older than this is compacted into archive segments. */
  readonly archiveAfter?: number | undefined;
  /** Records older than this are deleted, table by table. */
  readonly tables?: { readonly [T in TableName]?: number | undefined } | undefined;
  /** Roll-ups older than this are deleted, step by step. */
  readonly rollups?: { readonly [S in Exclude<RollupStep, '1d'>]?: number | undefined } | undefined;
}

/** What `retain` did. */
export interface RetentionReport {
  /** Days that were compacted, all assets together. */
  readonly archivedDays: number;
  /** Readings that are now in segments. */
  readonly archivedRows: number;
}

/** What one tenant may do. No call of it reads or writes anything of another tenant. */
export interface TenantStorage {
  readonly tenantId: string;
  /** Messages on their way out: claimed, delivered, acknowledged. */
  readonly outbox: Outbox;

  /**
   * Declares channels with their units; idempotent, and columns are added where they are missing.
   * @throws TwinergyError `STORAGE_CHANNEL_UNIT` if a channel is there with another unit
   */
  registerChannels(channels: readonly StoredChannel[]): Promise<void>;
  /** The channels of this tenant, by name. */
  channels(): Promise<StoredChannel[]>;

  /**
   * Writes readings, idempotent by (asset, time), in any order. Resolves when they are as durable as the adapter
   * promises. Channels must be registered (the standard solar channels register themselves).
   * @throws TwinergyError `STORAGE_UNKNOWN_CHANNEL`, `STORAGE_BAD_VALUE`, `STORAGE_BAD_TIME`, `STORAGE_BAD_ID`
   */
  write(readings: readonly Reading[]): Promise<void>;
  /** Writes a frame as the readings of one asset; its channels are registered with the frame's units. */
  writeFrame(assetId: string, frame: Frame): Promise<void>;
  /** Writes all of a batch in one transaction. @throws as `write`, and `STORAGE_FENCED` */
  commit(batch: Batch): Promise<void>;

  /** A range of one asset's telemetry as columns. @throws TwinergyError `STORAGE_TOO_MANY_ROWS` without a limit */
  read(query: TelemetryQuery): Promise<Frame>;
  /** The same range in frames of at most `chunk` rows (default 10,000), for what does not fit in memory. */
  stream(query: Omit<TelemetryQuery, 'last'> & { readonly chunk?: number }): AsyncIterable<Frame>;
  /** A range as readings, with quality flags, page by page. */
  readings(query: TelemetryQuery & { readonly after?: string | undefined }): Promise<Page<Reading>>;
  /** The last reading of each asset (or of those named), by asset. */
  latest(assetIds?: readonly string[]): Promise<Reading[]>;
  /** The assets that have telemetry, by name. */
  telemetryAssets(): Promise<string[]>;
  /** About `points` points of one channel, for a chart. */
  chart(query: ChartQuery): Promise<Frame>;
  /** A roll-up of one channel: columns `count, mean, min, max, last, energy`. Right also after late readings. */
  rollup(query: RollupQuery): Promise<Frame>;

  /** Records by id; those that are not there are absent. */
  get<T extends TableName>(table: T, id: string): Promise<StorageRecord<T> | undefined>;
  /** A page of records, by (time, id). */
  list<T extends TableName>(table: T, query?: RecordQuery<T>): Promise<Page<StorageRecord<T>>>;
  /** Inserts or replaces records by id. */
  put<T extends TableName>(table: T, records: readonly StorageRecord<T>[]): Promise<void>;
  /** Removes records by id. */
  remove(table: TableName, ids: readonly string[]): Promise<void>;
  /** Compacts, rolls up and deletes by age. */
  retain(
    policy: RetentionPolicy,
    options?: { readonly now?: number; readonly signal?: AbortSignal },
  ): Promise<RetentionReport>;
  /** Brings the roll-ups up to date now, rather than at the next read. Returns the number of hours recomputed. */
  refreshRollups(options?: { readonly signal?: AbortSignal }): Promise<number>;
  /** Everything of this tenant as lines of JSON (one header, then channels, records, telemetry). */
  export(options?: { readonly signal?: AbortSignal }): AsyncIterable<string>;
  /** Reads what `export` wrote into this tenant; idempotent. */
  import(lines: AsyncIterable<string> | Iterable<string>): Promise<void>;
}

/** What an adapter can do. */
export interface StorageCapabilities {
  /** Outlives the process. */
  readonly persistent: boolean;
  /** Several processes may write. */
  readonly multiProcess: boolean;
  /** The number of registered channels that it takes in all. */
  readonly maxChannels: number;
}

/** What an integrity check found. */
export interface IntegrityReport {
  readonly ok: boolean;
  /** What is wrong, for people. */
  readonly problems: readonly string[];
}

/** A store. It is itself the storage of the tenant `default`; `tenant(id)` gives any other. */
export interface Storage extends TenantStorage {
  /** Name of the adapter: `memory`, `sqljs`, `sqlite`, `postgres`, … */
  readonly adapter: string;
  readonly capabilities: StorageCapabilities;
  /** The storage of one tenant. */
  tenant(id: string): TenantStorage;
  /** Writes that were accepted and are not yet durable (readings). */
  readonly pending: number;
  /**
   * The tenants that have anything, by name. In PostgreSQL a role that row-level security binds sees only the tenant that it
   * spoke of last.
   */
  tenants(): Promise<string[]>;
  /**
   * Copies the whole store into a new file, as it is at one moment, while others go on reading and writing. SQLite files only.
   * @throws TwinergyError `STORAGE_UNSUPPORTED` elsewhere: PostgreSQL has `pg_dump`, and `export` works anywhere
   */
  backup(path: string): Promise<void>;
  /** Checks the store against itself. */
  check(): Promise<IntegrityReport>;
  /** Gives space back. */
  vacuum(): Promise<void>;
  /** Waits for writes under way and frees what is held. Calls after it end with `STORAGE_CLOSED`. */
  close(): Promise<void>;
}
