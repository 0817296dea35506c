import { PostgresAdapter, PostgresQueryCompiler, type RawBuilder, sql } from 'kysely';
import type { IntegrityReport } from '../contract.js';
import { SqlCompiler } from './compile.js';
import type { SqlDialect, SqlType, TelemetryWrite } from './dialect.js';
import type { SqlSession } from './driver.js';
import { type ArrayEncoder, writeTelemetry } from './postgres-telemetry.js';
import { attempted } from './savepoint.js';

const types: Record<SqlType, string> = {
  // Sorted by code point, as the other databases do.
  text: 'text collate "C"',
  number: 'double precision',
  integer: 'bigint',
  boolean: 'boolean',
  json: 'json',
  blob: 'bytea',
};

/** Only the owner of a table may make its partitions. */
const notAllowed = '42501';
/** Rows of that month are in the default partition. */
const rowsInDefault = '23514';

/** The policy of every table. */
const ownRows = `tenant_id = current_setting('twinergy.tenant', true)`;

const firstYear = 2000;
const lastYear = 2099;

/** PostgreSQL, whichever driver speaks to it. Telemetry is a TimescaleDB hypertable or partitioned by month. */
export class PostgresDialect implements SqlDialect {
  readonly persistent: boolean;
  readonly multiProcess: boolean;
  readonly lockRows = 'for update';
  // A row must fit a page of 8 kB: 8 bytes a channel, and the identifiers.
  readonly channelsPerTable = 700;
  readonly adapter: string;
  readonly #timescale: boolean;
  readonly #arrays: ArrayEncoder;
  readonly #compiler = new SqlCompiler(this);
  readonly #partitions = new Set<string>();

  constructor(options: {
    adapter: string;
    persistent: boolean;
    multiProcess: boolean;
    timescale: boolean;
    arrays: ArrayEncoder;
  }) {
    this.adapter = options.adapter;
    this.persistent = options.persistent;
    this.multiProcess = options.multiProcess;
    this.#timescale = options.timescale;
    this.#arrays = options.arrays;
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }

  type(type: SqlType): string {
    return types[type];
  }

  createTelemetry(table: string): RawBuilder<unknown>[] {
    const name = sql.table(table);
    const columns = sql`tenant_id text collate "C" not null, asset_id text collate "C" not null, time bigint not null, quality text, primary key (tenant_id, asset_id, time)`;
    const stored = this.#timescale
      ? [
          sql`create table ${name} (${columns})`,
          sql`select create_hypertable(${sql.lit(table)}, 'time', chunk_time_interval => 2592000000)`,
        ]
      : [
          sql`create table ${name} (${columns}) partition by range (time)`,
          sql`create table ${sql.table(`${table}_other`)} partition of ${name} default`,
          sql`create index ${sql.ref(`${table}_time`)} on ${name} using brin (time)`,
        ];
    return [...stored, ...this.guardTable(table)];
  }

  addColumns(table: string, columns: readonly string[]): RawBuilder<unknown>[] {
    const additions = columns.map((column) => sql`add column ${sql.ref(column)} double precision`);
    return [sql`alter table ${sql.table(table)} ${sql.join(additions)}`];
  }

  guardTable(table: string): RawBuilder<unknown>[] {
    const name = sql.table(table);
    return [
      sql`alter table ${name} enable row level security`,
      sql`alter table ${name} force row level security`,
      sql`create policy tenant on ${name} using (${sql.raw(ownRows)}) with check (${sql.raw(ownRows)})`,
    ];
  }

  guardPartitions(): RawBuilder<unknown>[] {
    const quoted = ownRows.replaceAll(`'`, `''`);
    // A partition that is asked by its own name answers by its own policy, not by that of its table.
    return [
      sql.raw(`do $$ declare part regclass; begin
for part in select c.oid::regclass from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent where c.relnamespace = current_schema()::regnamespace and p.relname like 'telemetry%' and c.relkind = 'r' and not c.relrowsecurity loop
execute format('alter table %s enable row level security', part);
execute format('alter table %s force row level security', part);
execute format('create policy tenant on %s using (${quoted}) with check (${quoted})', part);
end loop; end $$`),
    ];
  }

  lockMigrations(): RawBuilder<unknown>[] {
    return [sql`select pg_advisory_xact_lock(hashtext('twinergy ' || current_schema()))`];
  }

  hasTable(table: string): RawBuilder<unknown> {
    return sql`select 1 from information_schema.tables where table_schema = current_schema() and table_name = ${table}`;
  }

  async upsertTelemetry(session: SqlSession, write: TelemetryWrite): Promise<void> {
    await this.#ensurePartitions(session, write.table, write.rows.time);
    await writeTelemetry(session, this.#compiler, this.#arrays, write);
  }

  async check(session: SqlSession): Promise<IntegrityReport> {
    const missing = await this.#compiler.run(
      session,
      sql`select c.channel from telemetry_columns c where not exists (select 1 from information_schema.columns i where i.table_schema = current_schema() and i.column_name = c.column_name and i.table_name = case when c.part = 1 then 'telemetry' else 'telemetry_' || c.part end)`,
    );
    const problems = missing.map(([channel]) => `channel ${String(channel)} has no column`);
    return { ok: problems.length === 0, problems };
  }

  async vacuum(session: SqlSession): Promise<void> {
    await this.#compiler.run(session, sql`vacuum analyze`);
  }

  isRetryable(error: unknown): boolean {
    const { code, message = '' } = error as { code?: unknown; message?: string };
    // Stood still in a transaction, serialization, deadlock, lock time-out; shutdown, crash, starting up, connection lost (a batch may be written twice).
    if (
      typeof code === 'string' &&
      /^(25P03|40001|40P01|55P03|57P0[123]|08\w{3}|ECONNRESET|ECONNREFUSED|EPIPE)$/.test(code)
    )
      return true;
    return /Connection terminated|Client has encountered a connection error|not queryable|server closed the connection/i.test(
      message,
    );
  }

  /**
   * Makes the months of a batch, where partitions are native. Times far off go to the default partition, and so do months that
   * this role may not make, and those that have rows there already.
   */
  async #ensurePartitions(session: SqlSession, table: string, time: readonly number[]): Promise<void> {
    if (this.#timescale) return;
    const missing = new Map<string, [from: number, to: number]>();
    let until = Number.NEGATIVE_INFINITY;
    let since = Number.POSITIVE_INFINITY;
    for (const t of time) {
      if (t >= since && t < until) continue;
      const date = new Date(t);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      since = Date.UTC(year, month, 1);
      until = Date.UTC(year, month + 1, 1);
      const name = `${table}_${year}_${String(month + 1).padStart(2, '0')}`;
      if (year >= firstYear && year <= lastYear && !this.#partitions.has(name)) missing.set(name, [since, until]);
    }
    if (missing.size === 0) return;
    for (const lock of this.lockMigrations()) await this.#compiler.run(session, lock);
    for (const [name, [from, to]] of missing) {
      // Looked up first: even "if not exists" would lock the whole table.
      if ((await this.#compiler.run(session, this.hasTable(name))).length === 0) {
        const made = await attempted(session, [notAllowed, rowsInDefault], async () => {
          const month = sql`create table ${sql.table(name)} partition of ${sql.table(table)} for values from (${sql.lit(from)}) to (${sql.lit(to)})`;
          for (const statement of [month, ...this.guardTable(name)]) await this.#compiler.run(session, statement);
        });
        // Made in a transaction that may yet be rolled back: the next one looks again.
        if (made) continue;
      }
      this.#partitions.add(name);
    }
  }
}
