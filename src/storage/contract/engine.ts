import type { IntegrityReport, StorageCapabilities, StoredChannel } from '../contract.js';
import type { TableName } from './tables.js';

/** A value as a table keeps it: JSON as text, booleans as booleans, absent as null. */
export type Cell = string | number | boolean | null;

/** A record as cells, in the order of `columnsOf(table)`. */
export type CellRow = readonly Cell[];

/** Readings as columns: row i is asset `assetIds[i]` at `time[i]`; missing values are NaN. */
export interface TelemetryRows {
  readonly assetIds: readonly string[];
  readonly time: readonly number[];
  readonly channels: readonly string[];
  /** One array for each channel, as long as `time` or longer. */
  readonly columns: readonly (readonly number[] | Float64Array)[];
  /** Quality flags as JSON, where given. */
  readonly quality: readonly (string | null)[] | undefined;
}

/** One checked change of one tenant. An engine takes a list of them in one transaction. */
export interface Change {
  readonly tenantId: string;
  /** The version of hours to which this change is the first to write; later writes add one. No two changes have the same. */
  readonly stamp: number;
  readonly channels?: readonly StoredChannel[];
  readonly telemetry?: readonly TelemetryRows[];
  readonly put?: readonly { readonly table: TableName; readonly rows: readonly CellRow[] }[];
  readonly remove?: readonly { readonly table: TableName; readonly ids: readonly string[] }[];
  /** Refuse with `STORAGE_FENCED` if the stored checkpoint `id` has a greater fence. */
  readonly fence?: { readonly id: string; readonly fence: number };
}

/** A range of one asset's telemetry; `channels` may be empty: then only times are read. */
export interface RangeQuery {
  readonly assetId: string;
  readonly channels: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  /** The latest rows rather than the earliest; the result is ascending either way. */
  readonly latest: boolean;
}

/** Columns of a range, ascending in time. */
export interface ColumnBlock {
  readonly time: Float64Array;
  readonly columns: readonly Float64Array[];
}

/** What an engine selects from a table. */
export interface SelectQuery {
  readonly table: TableName;
  readonly assetId: string | undefined;
  /** Only ids that begin so; absent: any. */
  readonly idPrefix?: string | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly where: readonly (readonly [column: string, value: Cell])[];
  readonly descending: boolean;
  readonly limit: number;
  readonly after: { readonly time: number; readonly id: string } | undefined;
}

/** An hour of one asset's telemetry that was written to: `version` is the stamp of the first write, and each further one adds one. */
export interface HourMark {
  readonly assetId: string;
  /** Hours since the epoch. */
  readonly hour: number;
  readonly version: number;
}

/** A packed column of one asset and day: archived telemetry, or the roll-ups of one channel. */
export interface StoredBlock {
  readonly assetId: string;
  /** `raw` for archived telemetry, else the step of the roll-up. */
  readonly kind: string;
  /** Days since the epoch. */
  readonly day: number;
  /** The channel; `#time` and `#quality` belong to archived telemetry. */
  readonly channel: string;
  readonly rows: number;
  readonly data: Uint8Array;
}

/** Which blocks: days `from` ≤ day < `to`; without `channels`, all. */
export interface BlockQuery {
  readonly assetId: string;
  readonly kind: string;
  readonly channels: readonly string[] | undefined;
  readonly from: number;
  readonly to: number;
}

/** Replaces blocks if the hours that they were made from have not been written to since. */
export interface BlockCommit {
  readonly assetId: string;
  readonly expected: readonly HourMark[];
  readonly put: readonly StoredBlock[];
  /** Whether the rows of those hours are now in the blocks and go (archive), or stay (roll-up). */
  readonly archive: boolean;
}

/** What to delete by age, `before` in ms since the epoch. */
export interface Purge {
  readonly telemetry?: number | undefined;
  readonly tables: readonly { readonly table: TableName; readonly before: number }[];
  readonly blocks: readonly { readonly kind: string; readonly before: number }[];
}

/** Which messages of the outbox to take, and until when. */
export interface ClaimQuery {
  readonly owner: string;
  readonly topic: string | undefined;
  readonly limit: number;
  readonly now: number;
  readonly until: number;
}

/** What becomes of messages: they go, or these columns are set. */
export type Settlement =
  | 'remove'
  | {
      readonly state: string | null;
      readonly dueAt: number | null;
      readonly error: string | null;
      /** Absent: the count stays. */
      readonly attempts?: number;
    };

/** Which messages are meant: those that a worker holds, or dead ones. */
export type Holder = { readonly owner: string } | 'dead';

/**
 * What an adapter must be able to do; `createStorage` makes the whole of `Storage` from it. Arguments are checked when
 * they come here. Every call names its tenant and must touch nothing of another one.
 */
export interface StorageEngine {
  readonly adapter: string;
  readonly capabilities: StorageCapabilities;
  channels(tenantId: string): Promise<StoredChannel[]>;
  /** The channels that an asset has ever reported, sorted. */
  channelsOf(tenantId: string, assetId: string): Promise<string[]>;
  /** The assets that have telemetry, sorted by code point. */
  assets(tenantId: string): Promise<string[]>;
  /** All changes or none. */
  apply(changes: readonly Change[]): Promise<void>;
  range(tenantId: string, query: RangeQuery): Promise<ColumnBlock>;
  /** Quality flags (JSON) by time, of the rows that have any. */
  quality(tenantId: string, assetId: string, from: number, to: number): Promise<Map<number, string>>;
  /** The time of the last row of an asset that is not archived, for each asset named. */
  lastTimes(tenantId: string, assetIds: readonly string[]): Promise<Map<string, number>>;
  select(tenantId: string, query: SelectQuery): Promise<CellRow[]>;
  /** Hours whose roll-up is behind (`stale`), or hours that have rows; of one asset or all, by (asset, hour). */
  hours(
    tenantId: string,
    query: { readonly assetId?: string; readonly stale: boolean; readonly before?: number },
  ): Promise<HourMark[]>;
  blocks(tenantId: string, query: BlockQuery): Promise<StoredBlock[]>;
  /** The last archived day of an asset, if any. */
  lastBlockDay(tenantId: string, assetId: string): Promise<number | undefined>;
  /** False if an expected hour has another version by now; then nothing was changed. */
  commitBlocks(tenantId: string, commit: BlockCommit): Promise<boolean>;
  /** Takes messages that are not dead, due at `now` and held by nobody, by (time, id), in one step that no other can enter. */
  claim(tenantId: string, query: ClaimQuery): Promise<CellRow[]>;
  /** Settles those of the messages that `holder` holds, frees them, and returns their number. */
  settle(tenantId: string, holder: Holder, ids: readonly string[], settlement: Settlement): Promise<number>;
  purge(tenantId: string, purge: Purge): Promise<void>;
  /** The tenants that have channels, telemetry or records, sorted. */
  tenants(): Promise<string[]>;
  /** A copy of the whole store as it is at one moment, in a new file; where the database can. */
  backup?(path: string): Promise<void>;
  check(): Promise<IntegrityReport>;
  vacuum(): Promise<void>;
  close(): Promise<void>;
}
