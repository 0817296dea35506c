import { type RawBuilder, SqliteAdapter, SqliteQueryCompiler, sql } from 'kysely';
import type { IntegrityReport } from '../contract.js';
import { SqlCompiler } from './compile.js';
import type { SqlDialect, SqlType, TelemetryWrite } from './dialect.js';
import type { SqlSession, SqlValue } from './driver.js';

const types: Record<SqlType, string> = {
  text: 'text',
  number: 'real',
  integer: 'integer',
  boolean: 'integer',
  json: 'text',
  blob: 'blob',
};

/** SQLite, whichever driver speaks to it. */
export class SqliteDialect implements SqlDialect {
  readonly adapter: string;
  readonly persistent: boolean;
  readonly multiProcess: boolean;
  // SQLite's own limit is 2,000 columns; rows are found faster in narrower tables.
  readonly lockRows = '';
  readonly channelsPerTable = 1_500;
  readonly #compiler = new SqlCompiler(this);

  constructor(adapter: string, persistent: boolean, multiProcess: boolean) {
    this.adapter = adapter;
    this.persistent = persistent;
    this.multiProcess = multiProcess;
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  type(type: SqlType): string {
    return types[type];
  }

  createTelemetry(table: string): RawBuilder<unknown>[] {
    // Without rowid the rows themselves are sorted by the key, so a range is one sequential read.
    return [
      sql`create table ${sql.table(table)} (tenant_id text not null, asset_id text not null, time integer not null, quality text, primary key (tenant_id, asset_id, time)) without rowid`,
    ];
  }

  addColumns(table: string, columns: readonly string[]): RawBuilder<unknown>[] {
    return columns.map((column) => sql`alter table ${sql.table(table)} add column ${sql.ref(column)} real`);
  }

  guardTable(): RawBuilder<unknown>[] {
    return [];
  }

  guardPartitions(): RawBuilder<unknown>[] {
    return [];
  }

  lockMigrations(): RawBuilder<unknown>[] {
    return []; // a writing transaction begins "immediate", which is the lock
  }

  hasTable(table: string): RawBuilder<unknown> {
    return sql`select 1 from sqlite_master where type = 'table' and name = ${table}`;
  }

  async upsertTelemetry(session: SqlSession, { tenantId, table, columns, picks, rows }: TelemetryWrite): Promise<void> {
    const { assetIds, time, quality } = rows;
    const data = picks.map((pick) => rows.columns[pick] as readonly number[] | Float64Array);
    const all = quality === undefined ? columns : [...columns, 'quality'];
    const width = 3 + all.length;
    const text = this.#compiler.text(`${table}\u0000${all.join('\u0000')}`, () => upsert(table, all));
    await session.many(text, time.length, width, (row, values: SqlValue[]) => {
      values[0] = tenantId;
      values[1] = assetIds[row] as string;
      values[2] = time[row] as number;
      for (let k = 0; k < data.length; k++) {
        const value = (data[k] as readonly number[])[row] as number;
        values[3 + k] = Number.isNaN(value) ? null : value;
      }
      if (quality !== undefined) values[width - 1] = quality[row] ?? null;
    });
  }

  async backup(session: SqlSession, path: string): Promise<void> {
    // One reading transaction: writers go on, and what they write meanwhile is not in the copy.
    await this.#compiler.run(session, sql`vacuum into ${path}`);
  }

  async check(session: SqlSession): Promise<IntegrityReport> {
    const rows = await this.#compiler.run(session, sql`pragma integrity_check`);
    const problems = rows.map(([text]) => String(text)).filter((text) => text !== 'ok');
    return { ok: problems.length === 0, problems };
  }

  async vacuum(session: SqlSession): Promise<void> {
    await this.#compiler.run(session, sql`vacuum`);
  }

  isRetryable(error: unknown): boolean {
    return /SQLITE_BUSY|database is locked|database table is locked/.test(
      `${(error as { code?: unknown }).code} ${String(error)}`,
    );
  }
}

function upsert(table: string, columns: readonly string[]): RawBuilder<unknown> {
  const names = ['tenant_id', 'asset_id', 'time', ...columns].map((name) => sql.ref(name));
  const insert = sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join(names.map(() => sql`${null}`))}) on conflict (tenant_id, asset_id, time)`;
  if (columns.length === 0) return sql`${insert} do nothing`;
  const sets = columns.map((name) => sql`${sql.ref(name)} = coalesce(excluded.${sql.ref(name)}, ${sql.ref(name)})`);
  return sql`${insert} do update set ${sql.join(sets)}`;
}
