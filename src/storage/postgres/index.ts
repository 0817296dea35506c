import { MissingPeerError, quote, TwinergyError } from '../../core/errors.js';
import type { Storage } from '../contract.js';
import type { SqlSession } from '../sql/driver.js';
import type { PlannedMigration } from '../sql/migrations.js';
import { openSqlStorage, planSqlMigrations, type SqlStorageOptions } from '../sql/open.js';
import { PostgresDialect } from '../sql/postgres-dialect.js';
import { binaryArrays } from './arrays.js';
import { type PgPool, PostgresDriver } from './driver.js';

export type { PlannedMigration } from '../sql/migrations.js';
export type { PgClient, PgPool, PgQuery } from './driver.js';

/** Options of `postgresStorage`. */
export interface PostgresOptions extends SqlStorageOptions {
  /** Where the server is: `postgres://user@host:5432/database`. Either this or `pool`. */
  readonly connectionString?: string | undefined;
  /** A `pg` pool of your own; `close()` leaves it open. Its connections must have the wanted `search_path`. */
  readonly pool?: PgPool | undefined;
  /** Schema that holds the tables, made if it is not there (default: the first of the `search_path`). Not with `pool`. */
  readonly schema?: string | undefined;
  /** Connections at most (default 10). Not with `pool`. */
  readonly connections?: number | undefined;
  /** `full` (default): acknowledged means on disk. `normal`: a crash of the server may take the last writes. Not with `pool`. */
  readonly durability?: 'full' | 'normal' | undefined;
  /**
   * How long a process may stand still in the midst of a transaction until the server takes its locks away, ms; the transaction
   * is then tried again (default: for ever). Workers of a cluster need it, so that one that is paused holds nobody up. Not with
   * `pool`.
   */
  readonly idleInTransaction?: number | undefined;
}

/**
 * A store in PostgreSQL. Any number of processes may use it. While the server is away, calls wait for it (up to about half a
 * minute) and are then tried again, which changes nothing if they had come through.
 * @throws MissingPeerError where `pg` is not installed and no pool is given
 */
export async function postgresStorage(options: PostgresOptions): Promise<Storage> {
  const driver = await openDriver(options);
  let timescale: boolean;
  try {
    const { schema } = options;
    timescale = await driver.write(async (session) => {
      // Under a lock, for "if not exists" alone fails when two processes make the schema at once.
      await session.rows(`select pg_advisory_xact_lock(hashtext('twinergy schema'))`, []);
      // Looked up first: "if not exists" asks for the right to make schemas even where there is nothing to make.
      if (
        schema !== undefined &&
        (await session.rows('select 1 from pg_namespace where nspname = $1', [schema])).length === 0
      )
        await session.rows(`create schema "${schema}"`, []);
      return hasTimescale(session);
    });
  } catch (error) {
    await driver.close();
    throw error;
  }
  return openSqlStorage(driver, postgresDialect(timescale), options);
}

/**
 * What `postgresStorage` would do to the schema: a dry run, nothing is changed.
 * @throws TwinergyError `STORAGE_SCHEMA_NEWER`, `STORAGE_SCHEMA_CHANGED`
 */
export async function planPostgresMigrations(options: PostgresOptions): Promise<readonly PlannedMigration[]> {
  const driver = await openDriver(options);
  return planSqlMigrations(driver, postgresDialect(await driver.read(hasTimescale)));
}

async function openDriver(options: PostgresOptions): Promise<PostgresDriver> {
  return new PostgresDriver(options.pool ?? (await ownPool(options)), options.pool === undefined);
}

async function hasTimescale(session: SqlSession): Promise<boolean> {
  return (await session.rows(`select 1 from pg_extension where extname = 'timescaledb'`, [])).length > 0;
}

function postgresDialect(timescale: boolean): PostgresDialect {
  return new PostgresDialect({
    adapter: 'postgres',
    persistent: true,
    multiProcess: true,
    timescale,
    arrays: binaryArrays,
  });
}

async function ownPool({
  connectionString,
  schema,
  connections = 10,
  durability,
  idleInTransaction,
}: PostgresOptions): Promise<PgPool> {
  if (connectionString === undefined) {
    throw new TwinergyError('STORAGE_BAD_OPTION', 'Neither connectionString nor pool is given.', {
      path: 'connectionString',
    });
  }
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new TwinergyError('STORAGE_BAD_OPTION', `schema is ${quote(schema)}.`, {
      path: 'schema',
      value: schema,
      hint: 'Use small letters, digits and "_".',
    });
  }
  const settings = [
    ...(schema === undefined ? [] : [`-c search_path=${schema}`]),
    ...(durability === 'normal' ? ['-c synchronous_commit=off'] : []),
    ...(idleInTransaction === undefined
      ? []
      : [`-c idle_in_transaction_session_timeout=${Math.ceil(idleInTransaction)}`]),
  ];
  type PoolClass = new (config: object) => PgPool;
  let module: { default: { Pool: PoolClass } };
  try {
    module = (await import('pg')) as unknown as { default: { Pool: PoolClass } };
  } catch (cause) {
    throw new MissingPeerError('pg', 'postgresStorage', cause);
  }
  return new module.default.Pool({
    connectionString,
    max: connections,
    connectionTimeoutMillis: 10_000,
    ...(settings.length === 0 ? {} : { options: settings.join(' ') }),
  });
}
