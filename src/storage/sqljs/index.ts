import { MissingPeerError } from '../../core/errors.js';
import type { Storage } from '../contract.js';
import type { SqlValue } from '../sql/driver.js';
import { openSqlStorage, type SqlStorageOptions } from '../sql/open.js';
import { SqliteDialect } from '../sql/sqlite-dialect.js';
import { SqliteDriver, type SyncDatabase, type SyncStatement } from '../sql/sqlite-driver.js';
import type { SqlJsFile } from './files.js';

export { indexedDbFile, opfsFile, type SqlJsFile } from './files.js';
export { nodeFile } from './node-file.js';

/** What sql.js takes for a parameter, in arrays that its types declare as mutable. */
type SqlJsValue = string | number | Uint8Array | null;

/** A prepared statement of sql.js: the methods that are called. */
interface SqlJsStatement {
  bind(values: SqlJsValue[]): boolean;
  step(): boolean;
  get(): unknown[];
  run(values: SqlJsValue[]): void;
  reset(): void;
  free(): boolean;
}

interface SqlJsDatabase {
  prepare(sql: string): SqlJsStatement;
  exec(sql: string): unknown;
  export(): Uint8Array;
  close(): void;
}

/** What `initSqlJs()` resolves to: the part that is used. */
export interface SqlJsModule {
  readonly Database: new (data?: Uint8Array) => SqlJsDatabase;
}

/** Options of `sqlJsStorage`. */
export interface SqlJsOptions extends SqlStorageOptions {
  /** Where the database is saved; without it, it lives in memory. See `indexedDbFile`, `opfsFile`, and `nodeFile`. */
  readonly file?: SqlJsFile | undefined;
  /** sql.js itself, as `await initSqlJs({ locateFile })`; default: the package `sql.js` is imported. */
  readonly sqlJs?: SqlJsModule | undefined;
  /**
   * When it is saved. `full` (default): before each write is acknowledged, which writes the whole file anew. `normal`: at
   * most every `saveInterval` ms, and on `close()`.
   */
  readonly durability?: 'full' | 'normal' | undefined;
  /** ms between savings with `normal` (default 1,000). */
  readonly saveInterval?: number | undefined;
}

/**
 * A store in SQLite compiled to WebAssembly: in a page, a worker or Node. One process at a time may use a file.
 * @throws MissingPeerError where `sql.js` is not installed and not given
 */
export async function sqlJsStorage(options: SqlJsOptions = {}): Promise<Storage> {
  const module = options.sqlJs ?? (await importSqlJs());
  const { file } = options;
  const saved = new SavedDatabase(new module.Database((await file?.load()) ?? undefined), file, options);
  const driver: SqliteDriver = new SqliteDriver(saved, {
    afterCommit: () => saved.committed((work) => driver.exclusive(work)),
    beforeClose: () => saved.save(),
  });
  return openSqlStorage(driver, new SqliteDialect('sqljs', file !== undefined, false), options);
}

async function importSqlJs(): Promise<SqlJsModule> {
  try {
    const { default: initSqlJs } = (await import('sql.js')) as unknown as { default: () => Promise<SqlJsModule> };
    return await initSqlJs();
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new MissingPeerError('sql.js', 'sqlJsStorage', cause);
  }
}

/** A sql.js database that is saved to a file after commits: at once, or at most every so often. */
class SavedDatabase implements SyncDatabase {
  /** `export()` frees all statements: those of an older generation must be prepared again. */
  generation = 0;
  readonly #database: SqlJsDatabase;
  readonly #file: SqlJsFile | undefined;
  readonly #interval: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dirty = false;

  constructor(database: SqlJsDatabase, file: SqlJsFile | undefined, options: SqlJsOptions) {
    this.#database = database;
    this.#file = file;
    this.#interval = options.durability === 'normal' ? (options.saveInterval ?? 1_000) : 0;
  }

  prepare(sql: string): SyncStatement {
    return new SqlJsPort(this, () => this.#database.prepare(sql));
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#database.close();
  }

  /** After a commit, while nothing else uses the database. */
  async committed(exclusive: (work: () => Promise<void>) => Promise<void>): Promise<void> {
    if (this.#file === undefined) return;
    this.#dirty = true;
    if (this.#interval === 0) return this.save();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // What could not be saved stays dirty: the next commit or close() tries again, and close() says so.
      exclusive(() => this.save()).catch(() => undefined);
    }, this.#interval);
  }

  /** Saves what has changed; runs while nothing else uses the database. */
  async save(): Promise<void> {
    if (!this.#dirty || this.#file === undefined) return;
    this.generation++;
    await this.#file.save(this.#database.export());
    this.#dirty = false;
  }
}

/** The dialect gives no more than SQLite knows (no booleans, no arrays), and sql.js only reads. */
function parameters(values: readonly SqlValue[]): SqlJsValue[] {
  return values as SqlJsValue[];
}

class SqlJsPort implements SyncStatement {
  readonly #owner: SavedDatabase;
  readonly #prepare: () => SqlJsStatement;
  #generation: number;
  #statement: SqlJsStatement;

  constructor(owner: SavedDatabase, prepare: () => SqlJsStatement) {
    this.#owner = owner;
    this.#prepare = prepare;
    this.#generation = owner.generation;
    this.#statement = prepare();
  }

  run(values: readonly SqlValue[]): void {
    this.#ready().run(parameters(values));
  }

  all(values: readonly SqlValue[]): unknown[][] {
    const rows: unknown[][] = [];
    this.each(values, (row) => rows.push([...row]));
    return rows;
  }

  each(values: readonly SqlValue[], visit: (row: readonly unknown[]) => void): void {
    const statement = this.#ready();
    statement.bind(parameters(values));
    try {
      while (statement.step()) visit(statement.get());
    } finally {
      statement.reset();
    }
  }

  free(): void {
    if (this.#generation === this.#owner.generation) this.#statement.free();
  }

  #ready(): SqlJsStatement {
    if (this.#generation !== this.#owner.generation) {
      this.#generation = this.#owner.generation;
      this.#statement = this.#prepare();
    }
    return this.#statement;
  }
}
