import type { DialectAdapter, QueryCompiler, RawBuilder } from 'kysely';
import type { TelemetryRows } from '../contract/engine.js';
import type { IntegrityReport } from '../contract.js';
import type { SqlSession } from './driver.js';

/** How a column is declared. */
export type SqlType = 'text' | 'number' | 'integer' | 'boolean' | 'json' | 'blob';

/** Where a channel lives: which telemetry table and which column. */
export interface ChannelColumn {
  readonly part: number;
  readonly column: string;
}

/** Rows for one telemetry table: `columns[k]` is where `rows.columns[picks[k]]` goes. */
export interface TelemetryWrite {
  readonly tenantId: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly picks: readonly number[];
  readonly rows: TelemetryRows;
}

/** What differs between databases. */
export interface SqlDialect {
  readonly adapter: string;
  readonly multiProcess: boolean;
  readonly persistent: boolean;
  /** Channels in one telemetry table; further ones go to `telemetry_2`, `telemetry_3`, … */
  readonly channelsPerTable: number;
  createAdapter(): DialectAdapter;
  createQueryCompiler(): QueryCompiler;
  /** The declared type of a column. */
  type(type: SqlType): string;
  /** Statements that make a telemetry table of that name, with its keys and without channels. */
  createTelemetry(table: string): RawBuilder<unknown>[];
  /** Statements that add columns of numbers to a table. */
  addColumns(table: string, columns: readonly string[]): RawBuilder<unknown>[];
  /** Statements that guard a table by tenant, where the database can. */
  guardTable(table: string): RawBuilder<unknown>[];
  /** Statements that guard the partitions of telemetry that are not guarded yet, where there are any. */
  guardPartitions(): RawBuilder<unknown>[];
  /** Statements at the start of a transaction that migrates, so that only one process does. */
  lockMigrations(): RawBuilder<unknown>[];
  /** Whether a table of that name exists. */
  hasTable(table: string): RawBuilder<unknown>;
  /** What follows a `select` whose rows must not change until the transaction ends. */
  readonly lockRows: '' | 'for update';
  /** Upserts rows into one telemetry table. */
  upsertTelemetry(session: SqlSession, write: TelemetryWrite): Promise<void>;
  /** Copies the database into a new file, where it can. */
  backup?(session: SqlSession, path: string): Promise<void>;
  check(session: SqlSession): Promise<IntegrityReport>;
  vacuum(session: SqlSession): Promise<void>;
  /** Whether an error means "try the transaction again". */
  isRetryable(error: unknown): boolean;
}
