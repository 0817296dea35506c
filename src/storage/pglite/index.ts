import { MissingPeerError } from '../../core/errors.js';
import type { Storage } from '../contract.js';
import { Mutex, type SqlDriver, type SqlSession } from '../sql/driver.js';
import { columnsOfRows } from '../sql/gather.js';
import { manyRows } from '../sql/many.js';
import { openSqlStorage, type SqlStorageOptions } from '../sql/open.js';
import { PostgresDialect } from '../sql/postgres-dialect.js';
import { plainArrays } from '../sql/postgres-telemetry.js';

/** A PGlite database: the methods that are called. */
export interface PgliteDatabase {
  query(
    text: string,
    parameters: unknown[],
    options: { rowMode: 'array'; parsers: Record<number, (value: string) => unknown> },
  ): Promise<{ rows: unknown[] }>;
  close(): Promise<void>;
}

/** Options of `pgliteStorage`. */
export interface PgliteOptions extends SqlStorageOptions {
  /** Where the data are: a folder, `idb://name` or `opfs-ahp://name` in a browser; default: memory. */
  readonly dataDir?: string | undefined;
  /** A PGlite of your own instead, which `close()` closes. */
  readonly database?: PgliteDatabase | undefined;
}

const parsers = { 20: Number, 114: (value: string) => value };

/**
 * A store in PGlite, PostgreSQL compiled to WebAssembly: in a page, a worker or Node. One process at a time may use a folder.
 * @throws MissingPeerError where `@electric-sql/pglite` is not installed and no database is given
 */
export async function pgliteStorage(options: PgliteOptions = {}): Promise<Storage> {
  const database = options.database ?? (await ownDatabase(options.dataDir));
  const persistent = options.database !== undefined || options.dataDir !== undefined;
  const dialect = new PostgresDialect({
    adapter: 'pglite',
    persistent,
    multiProcess: false,
    timescale: false,
    arrays: plainArrays,
  });
  return openSqlStorage(new PgliteDriver(database), dialect, options);
}

async function ownDatabase(dataDir: string | undefined): Promise<PgliteDatabase> {
  let module: { PGlite: { create(dataDir?: string): Promise<PgliteDatabase> } };
  try {
    module = (await import('@electric-sql/pglite')) as unknown as typeof module;
  } catch (cause) {
    throw new MissingPeerError('@electric-sql/pglite', 'pgliteStorage', cause);
  }
  return module.PGlite.create(dataDir);
}

class PgliteDriver implements SqlDriver {
  readonly #database: PgliteDatabase;
  readonly #mutex = new Mutex();
  #tenant: string | undefined;
  readonly #session: SqlSession = {
    enter: async (tenantId) => {
      if (this.#tenant === tenantId) return;
      this.#tenant = undefined;
      await this.#query(`select set_config('twinergy.tenant', $1, false)`, [tenantId]);
      this.#tenant = tenantId;
    },
    rows: (text, parameters) => this.#query(text, parameters),
    many: async (text, count, width, bind) => {
      for (const statement of manyRows(text, count, width, bind)) await this.#query(statement.text, statement.values);
    },
    columns: async (text, parameters, width) => columnsOfRows(await this.#query(text, parameters), width),
  };

  constructor(database: PgliteDatabase) {
    this.#database = database;
  }

  read<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#mutex.run(() => work(this.#session));
  }

  write<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      await this.#query('begin', []);
      try {
        const result = await work(this.#session);
        await this.#query('commit', []);
        return result;
      } catch (error) {
        this.#tenant = undefined;
        await this.#query('rollback', []);
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.#mutex.run(() => this.#database.close());
  }

  async #query(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    const { rows } = await this.#database.query(text, [...parameters], { rowMode: 'array', parsers });
    return rows as unknown[][];
  }
}
