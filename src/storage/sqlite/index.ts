import { MissingPeerError } from '../../core/errors.js';
import type { Storage } from '../contract.js';
import type { PlannedMigration } from '../sql/migrations.js';
import { openSqlStorage, planSqlMigrations, type SqlStorageOptions } from '../sql/open.js';
import { SqliteDialect } from '../sql/sqlite-dialect.js';
import { SqliteDriver } from '../sql/sqlite-driver.js';
import { type SqliteDatabase, syncDatabase } from './port.js';

export type { PlannedMigration } from '../sql/migrations.js';
export type { SqliteDatabase, SqliteStatement } from './port.js';

/** Options of `sqliteStorage`. */
export interface SqliteOptions extends SqlStorageOptions {
  /**
   * `full` (default): an acknowledged write survives a power cut. `normal`: it survives the death of the process, and a
   * power cut may take the last writes (never half a batch); several times as fast for small batches.
   */
  readonly durability?: 'full' | 'normal' | undefined;
  /** Which driver opens the file; default: `node:sqlite` where the runtime has it, else `libsql`. */
  readonly driver?: 'node:sqlite' | 'libsql' | undefined;
}

/**
 * Pages of 4 kB in the log before they are put into the file: 16 MB. A beat of a thousand assets dirties as many pages, the
 * same ones each time; the more beats share one way into the file, the less is written.
 */
const LOG_PAGES = 4096;

/**
 * A store in a SQLite file. Several processes may use the same file.
 * @param file path of the file (made if it is not there), or an open better-sqlite3, libsql or `node:sqlite` database,
 *   which `close()` closes
 * @throws MissingPeerError where neither `node:sqlite` nor `libsql` is there
 * @throws TwinergyError `STORAGE_SCHEMA_NEWER` if a later release wrote the file
 */
export async function sqliteStorage(file: string | SqliteDatabase, options: SqliteOptions = {}): Promise<Storage> {
  const opened =
    typeof file === 'string' ? await openFile(file, options.driver) : { database: file, bindsArrays: false };
  const { database } = opened;
  // Short, because it blocks the thread: longer waits are made by retrying.
  database.exec('pragma busy_timeout = 100');
  await retryBusy(() => database.exec('pragma journal_mode = wal'));
  database.exec(`pragma wal_autocheckpoint = ${LOG_PAGES}`);
  database.exec(`pragma synchronous = ${options.durability === 'normal' ? 'normal' : 'full'}`);
  return openSqlStorage(new SqliteDriver(syncDatabase(database, opened.bindsArrays)), sqliteDialect(), options);
}

/**
 * What `sqliteStorage` would do to the schema of a file that is there: a dry run, nothing is changed.
 * @throws TwinergyError `STORAGE_SCHEMA_NEWER`, `STORAGE_SCHEMA_CHANGED`
 */
export async function planSqliteMigrations(
  file: string,
  options: Pick<SqliteOptions, 'driver'> = {},
): Promise<readonly PlannedMigration[]> {
  const { database, bindsArrays } = await openFile(file, options.driver);
  return planSqlMigrations(new SqliteDriver(syncDatabase(database, bindsArrays)), sqliteDialect());
}

function sqliteDialect(): SqliteDialect {
  return new SqliteDialect('sqlite', true, true);
}

async function openFile(
  file: string,
  wanted: SqliteOptions['driver'],
): Promise<{ database: SqliteDatabase; bindsArrays: boolean }> {
  if (wanted !== 'libsql') {
    const found = await nodeSqlite();
    if (found !== undefined) return { database: new found.DatabaseSync(file), bindsArrays: false };
    if (wanted === 'node:sqlite') throw new MissingPeerError('node:sqlite', 'This SQLite file');
  }
  try {
    const { default: Database } = (await import('libsql')) as unknown as {
      default: new (file: string) => SqliteDatabase;
    };
    return { database: new Database(file), bindsArrays: true };
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new MissingPeerError('libsql', 'A SQLite file on this runtime', cause);
  }
}

/** `node:sqlite`, which Node has from 22.13. Its name is kept from bundlers that do not know it yet. */
async function nodeSqlite(): Promise<{ DatabaseSync: new (file: string) => SqliteDatabase } | undefined> {
  const { getBuiltinModule } = globalThis.process ?? {};
  return getBuiltinModule?.('node:sqlite') as { DatabaseSync: new (file: string) => SqliteDatabase } | undefined;
}

/** Switching to the write-ahead log needs the file for a moment; another process that opens it does the same. */
async function retryBusy(work: () => void): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      work();
      return;
    } catch (error) {
      if (attempt >= 50 || !/busy|locked/i.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 + attempt));
    }
  }
}
