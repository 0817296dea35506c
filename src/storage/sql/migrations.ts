import { type RawBuilder, sql } from 'kysely';
import { TwinergyError } from '../../core/errors.js';
import { fnv1a } from '../../core/fnv.js';
import { type ColumnKind, columnsOf, type TableName, tableNames } from '../contract/tables.js';
import type { SqlCompiler } from './compile.js';
import type { SqlDialect, SqlType } from './dialect.js';
import type { SqlDriver, SqlSession } from './driver.js';
import { snakeCase, sqlTable, telemetryTable } from './names.js';

interface Migration {
  readonly version: number;
  readonly name: string;
  statements(dialect: SqlDialect): RawBuilder<unknown>[];
}

/** A migration that is due, with the SQL that it runs. */
export interface PlannedMigration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
  /** Is kept with the migration that ran: a migration that was edited since is noticed. */
  readonly checksum: string;
}

type ColumnSpec = readonly [name: string, type: SqlType, constraint?: 'not null' | 'default 0'];

function createTable(
  dialect: SqlDialect,
  table: string,
  columns: readonly ColumnSpec[],
  key: readonly string[],
): RawBuilder<unknown>[] {
  const declared = columns.map(
    ([name, type, constraint]) =>
      sql`${sql.ref(name)} ${sql.raw(dialect.type(type))}${sql.raw(constraint === undefined ? '' : ` ${constraint}`)}`,
  );
  return [
    sql`create table ${sql.table(table)} (${sql.join(declared)}, primary key (${sql.join(key.map((name) => sql.ref(name)))}))`,
    ...dialect.guardTable(table),
  ];
}

const tenant: ColumnSpec = ['tenant_id', 'text', 'not null'];

/** Columns that came after migration 2, which must stay as it ran: each is added by a later one. */
const laterColumns: { readonly [T in TableName]?: readonly string[] } = {
  outbox: ['state', 'dueAt', 'claimedBy', 'claimedUntil', 'error'],
};

function columnSpec([column, kind]: readonly [name: string, kind: ColumnKind]): ColumnSpec {
  const optional = kind.endsWith('?');
  const type = sqlType(optional ? kind.slice(0, -1) : kind);
  return optional ? [snakeCase(column), type] : [snakeCase(column), type, 'not null'];
}

function createRecords(dialect: SqlDialect, table: TableName): RawBuilder<unknown>[] {
  const name = sqlTable(table);
  const columns = columnsOf(table)
    .filter(([column]) => !laterColumns[table]?.includes(column))
    .map(columnSpec);
  const index = (suffix: string, ...keys: string[]) =>
    sql`create index ${sql.ref(`${name}_${suffix}`)} on ${sql.table(name)} (${sql.join(['tenant_id', ...keys, 'time', 'id'].map((key) => sql.ref(key)))})`;
  return [
    ...createTable(dialect, name, [tenant, ...columns], ['tenant_id', 'id']),
    index('time'),
    ...(columnsOf(table).some(([column]) => column === 'assetId') ? [index('asset_time', 'asset_id')] : []),
  ];
}

const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'telemetry, channels, packed blocks',
    statements: (dialect) => [
      ...dialect.createTelemetry(telemetryTable(1)),
      sql`create table telemetry_columns (channel ${sql.raw(dialect.type('text'))} primary key, part integer not null, column_name ${sql.raw(dialect.type('text'))} not null unique)`,
      ...createTable(
        dialect,
        'channels',
        [
          tenant,
          ['name', 'text', 'not null'],
          ['unit', 'text', 'not null'],
          ['rest_name', 'text'],
          ['title', 'text'],
          ['min', 'number'],
          ['max', 'number'],
        ],
        ['tenant_id', 'name'],
      ),
      ...createTable(
        dialect,
        'series',
        [tenant, ['asset_id', 'text', 'not null'], ['channel', 'text', 'not null']],
        ['tenant_id', 'asset_id', 'channel'],
      ),
      ...createTable(
        dialect,
        'hours',
        [
          tenant,
          ['asset_id', 'text', 'not null'],
          ['hour', 'integer', 'not null'],
          ['version', 'integer', 'not null'],
          ['rolled', 'integer', 'not null'],
          ['live', 'integer', 'not null'],
        ],
        ['tenant_id', 'asset_id', 'hour'],
      ),
      sql`create index hours_stale on hours (tenant_id, asset_id, hour) where version <> rolled`,
      ...createTable(
        dialect,
        'blocks',
        [
          tenant,
          ['asset_id', 'text', 'not null'],
          ['kind', 'text', 'not null'],
          ['channel', 'text', 'not null'],
          ['day', 'integer', 'not null'],
          ['rows', 'integer', 'not null'],
          ['data', 'blob', 'not null'],
        ],
        ['tenant_id', 'asset_id', 'kind', 'channel', 'day'],
      ),
    ],
  },
  {
    version: 2,
    name: 'records',
    statements: (dialect) =>
      tableNames.filter((table) => table !== 'documents').flatMap((table) => createRecords(dialect, table)),
  },
  { version: 3, name: 'documents', statements: (dialect) => createRecords(dialect, 'documents') },
  {
    version: 4,
    name: 'outbox: claims and dead letters',
    statements: (dialect) => [
      ...columnsOf('outbox')
        .filter(([column]) => laterColumns.outbox?.includes(column))
        .map((column) => {
          const [name, type] = columnSpec(column);
          return sql`alter table outbox add column ${sql.ref(name)} ${sql.raw(dialect.type(type))}`;
        }),
      sql`create index outbox_waiting on outbox (tenant_id, time, id) where state is null`,
    ],
  },
  { version: 5, name: 'partitions are guarded by tenant too', statements: (dialect) => dialect.guardPartitions() },
];

function sqlType(base: string): SqlType {
  return base === 'time' ? 'integer' : (base as SqlType);
}

/** 32-bit FNV-1a: enough to notice that a migration was edited after it ran. */
function checksum(texts: readonly string[]): string {
  return fnv1a(texts.join('\n')).toString(16);
}

function plan(dialect: SqlDialect, compiler: SqlCompiler): PlannedMigration[] {
  return migrations.map((migration) => {
    const statements = migration.statements(dialect).map((statement) => compiler.compile(statement).sql);
    return { version: migration.version, name: migration.name, statements, checksum: checksum(statements) };
  });
}

async function applied(session: SqlSession, dialect: SqlDialect, compiler: SqlCompiler): Promise<Map<number, string>> {
  const there = await compiler.run(session, dialect.hasTable('schema_migrations'));
  if (there.length === 0) return new Map();
  const rows = await compiler.run(session, sql`select version, checksum from schema_migrations order by version`);
  return new Map(rows.map(([version, sum]) => [Number(version), String(sum)]));
}

function due(all: ReturnType<typeof plan>, done: ReadonlyMap<number, string>): ReturnType<typeof plan> {
  const newest = all[all.length - 1]?.version ?? 0;
  for (const [version, sum] of done) {
    if (version > newest) {
      throw new TwinergyError(
        'STORAGE_SCHEMA_NEWER',
        `The database has schema version ${version}; this release knows ${newest}.`,
        {
          value: version,
          hint: 'Open it with the release that wrote it, or a later one.',
        },
      );
    }
    const known = all.find((migration) => migration.version === version);
    if (known !== undefined && known.checksum !== sum) {
      throw new TwinergyError(
        'STORAGE_SCHEMA_CHANGED',
        `Migration ${version} (${known.name}) ran in another form than this release has.`,
        {
          value: version,
          hint: 'The database was made by an unreleased or altered version.',
        },
      );
    }
  }
  return all.filter(({ version }) => !done.has(version));
}

/** The migrations that opening the store would run. */
export function plannedMigrations(
  driver: SqlDriver,
  dialect: SqlDialect,
  compiler: SqlCompiler,
): Promise<PlannedMigration[]> {
  return driver.read(async (session) => due(plan(dialect, compiler), await applied(session, dialect, compiler)));
}

/**
 * Brings the schema up to date. Each migration runs in a transaction of its own, which also records it, so a run that is
 * cut off goes on where it was; a lock keeps two processes from migrating at once.
 */
export async function migrate(
  driver: SqlDriver,
  dialect: SqlDialect,
  compiler: SqlCompiler,
  now: () => number,
): Promise<void> {
  const all = plan(dialect, compiler);
  if ((await driver.read(async (session) => due(all, await applied(session, dialect, compiler)))).length === 0) return;
  await driver.write(async (session) => {
    for (const statement of dialect.lockMigrations()) await compiler.run(session, statement);
    if ((await compiler.run(session, dialect.hasTable('schema_migrations'))).length > 0) return;
    await compiler.run(
      session,
      sql`create table schema_migrations (version integer primary key, name ${sql.raw(dialect.type('text'))} not null, checksum ${sql.raw(dialect.type('text'))} not null, applied_at ${sql.raw(dialect.type('integer'))} not null)`,
    );
  });
  for (const migration of all) {
    await driver.write(async (session) => {
      for (const statement of dialect.lockMigrations()) await compiler.run(session, statement);
      const open = due(all, await applied(session, dialect, compiler));
      if (!open.some(({ version }) => version === migration.version)) return;
      for (const statement of migration.statements) await session.rows(statement, []);
      await compiler.run(
        session,
        sql`insert into schema_migrations (version, name, checksum, applied_at) values (${migration.version}, ${migration.name}, ${migration.checksum}, ${now()})`,
      );
    });
  }
}
