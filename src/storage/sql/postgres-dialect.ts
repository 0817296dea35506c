import { PostgresAdapter, PostgresQueryCompiler, type RawBuilder, sql } from 'kysely';
import type { TelemetryRows } from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import type { IntegrityReport } from '../contract.js';
import { SqlCompiler } from './compile.js';
import type { SqlDialect, SqlType } from './dialect.js';
import type { SqlSession, SqlValue } from './driver.js';

const types: Record<SqlType, string> = {
  // Sorted by code point, as the other databases do.
  text: 'text collate "C"',
  number: 'double precision',
  integer: 'bigint',
  boolean: 'boolean',
  json: 'json',
  blob: 'bytea',
};

/** How columns of values reach the server as one parameter each. */
export interface ArrayEncoder {
  numbers(values: readonly number[] | Float64Array, rows: readonly number[]): SqlValue;
  times(values: readonly number[], rows: readonly number[]): SqlValue;
  texts(values: readonly (string | null)[], rows: readonly number[]): SqlValue;
}

/** Arrays as JavaScript has them, for drivers that turn them into PostgreSQL's. */
export const plainArrays: ArrayEncoder = {
  numbers: (values, rows) => rows.map((row) => (Number.isNaN(values[row]) ? null : (values[row] as number))),
  times: (values, rows) => rows.map((row) => values[row] as number),
  texts: (values, rows) => rows.map((row) => values[row] ?? null),
};

const maxRows = 10_000;
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
      sql`create policy tenant on ${name} using (tenant_id = current_setting('twinergy.tenant', true)) with check (tenant_id = current_setting('twinergy.tenant', true))`,
    ];
  }

  lockMigrations(): RawBuilder<unknown>[] {
    return [sql`select pg_advisory_xact_lock(hashtext('twinergy ' || current_schema()))`];
  }

  hasTable(table: string): RawBuilder<unknown> {
    return sql`select 1 from information_schema.tables where table_schema = current_schema() and table_name = ${table}`;
  }

  async upsertTelemetry(
    session: SqlSession,
    tenantId: string,
    table: string,
    columns: readonly string[],
    picks: readonly number[],
    rows: TelemetryRows,
  ): Promise<void> {
    await this.#ensurePartitions(session, table, rows.time);
    const all = rows.quality === undefined ? columns : [...columns, 'quality'];
    const single = rows.assetIds.every((assetId) => assetId === rows.assetIds[0]);
    const text = this.#compiler.text(`${single} ${table} ${all.join(' ')}`, () =>
      upsert(table, columns, rows.quality !== undefined, single),
    );
    const runs = inOrder(rows);
    for (const order of runs) {
      for (let start = 0; start < order.length; start += maxRows) {
        const some = order.length <= maxRows ? order : order.slice(start, start + maxRows);
        const parameters: SqlValue[] = [
          tenantId,
          single ? (rows.assetIds[0] as string) : this.#arrays.texts(rows.assetIds, some),
          this.#arrays.times(rows.time, some),
          ...picks.map((pick) => this.#arrays.numbers(rows.columns[pick] as readonly number[] | Float64Array, some)),
        ];
        if (rows.quality !== undefined) parameters.push(this.#arrays.texts(rows.quality, some));
        await session.rows(text, parameters);
      }
    }
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
    // Serialization, deadlock, lock time-out; shutdown, crash, starting up, connection lost (a batch may be written twice).
    if (typeof code === 'string' && /^(40001|40P01|55P03|57P0[123]|08\w{3}|ECONNRESET|ECONNREFUSED|EPIPE)$/.test(code))
      return true;
    return /Connection terminated|Client has encountered a connection error|not queryable|server closed the connection/i.test(
      message,
    );
  }

  /** Makes the months of a batch, where partitions are native. Times far off go to the default partition. */
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
        await this.#compiler.run(
          session,
          sql`create table ${sql.table(name)} partition of ${sql.table(table)} for values from (${sql.lit(from)}) to (${sql.lit(to)})`,
        );
      } else this.#partitions.add(name);
    }
  }
}

/** Row numbers sorted by key, in as many runs as needed for no key to come twice in one statement. */
function inOrder({ assetIds, time }: TelemetryRows): number[][] {
  const rows = Array.from(time, (_, i) => i);
  const compare = (a: number, b: number) =>
    compareText(assetIds[a] as string, assetIds[b] as string) || (time[a] as number) - (time[b] as number);
  let sorted = true;
  for (let i = 1; i < rows.length && sorted; i++) sorted = compare(i - 1, i) < 0;
  if (sorted) return [rows];
  rows.sort((a, b) => compare(a, b) || a - b);
  const runs: number[][] = [];
  let depth = 0;
  rows.forEach((row, i) => {
    depth = i > 0 && compare(rows[i - 1] as number, row) === 0 ? depth + 1 : 0;
    const run = runs[depth];
    if (run === undefined) runs.push([row]);
    else run.push(row);
  });
  return runs;
}

function upsert(table: string, columns: readonly string[], quality: boolean, single: boolean): RawBuilder<unknown> {
  const own = ['time', ...columns, ...(quality ? ['quality'] : [])];
  const names = ['tenant_id', 'asset_id', ...own].map((name) => sql.ref(name));
  const arrays = [
    ...(single ? [] : [sql`${''}::text[]`]),
    sql`${0}::int8[]`,
    ...columns.map(() => sql`${0}::float8[]`),
    ...(quality ? [sql`${''}::text[]`] : []),
  ];
  const aliases = [...(single ? [] : ['asset_id']), ...own].map((name) => sql.ref(name));
  const assetId = single ? sql`${''}::text` : sql`u.asset_id`;
  const picked = own.map((name) => sql`u.${sql.ref(name)}`);
  const insert = sql`insert into ${sql.table(table)} (${sql.join(names)}) select ${''}::text, ${assetId}, ${sql.join(picked)} from unnest(${sql.join(arrays)}) as u (${sql.join(aliases)}) on conflict (tenant_id, asset_id, time)`;
  const sets = own
    .slice(1)
    .map((name) => sql`${sql.ref(name)} = coalesce(excluded.${sql.ref(name)}, ${sql.table(table)}.${sql.ref(name)})`);
  return sets.length === 0 ? sql`${insert} do nothing` : sql`${insert} do update set ${sql.join(sets)}`;
}
