import { TwinergyError } from '../../core/errors.js';
import { diskFull, Mutex, type SqlDriver, type SqlSession, type SqlValue } from './driver.js';
import { ColumnGatherer } from './gather.js';

/** A prepared statement of a SQLite that answers at once. */
export interface SyncStatement {
  run(values: readonly SqlValue[]): void;
  all(values: readonly SqlValue[]): unknown[][];
  /** Calls `visit` with each row, as an array that may be used again for the next. */
  each(values: readonly SqlValue[], visit: (row: readonly unknown[]) => void): void;
  free(): void;
}

/** A SQLite that answers at once: the few calls that the driver needs. */
export interface SyncDatabase {
  prepare(sql: string): SyncStatement;
  exec(sql: string): void;
  close(): void;
}

/** What an adapter adds around the driver. */
export interface SqliteDriverHooks {
  /** After each committed transaction, before it is acknowledged. */
  readonly afterCommit?: (() => Promise<void>) | undefined;
  /** Before the database is closed. */
  readonly beforeClose?: (() => Promise<void>) | undefined;
}

const maxStatements = 200;

/** One SQLite connection: work takes turns, writing work is one immediate transaction. */
export class SqliteDriver implements SqlDriver {
  readonly #database: SyncDatabase;
  readonly #hooks: SqliteDriverHooks;
  readonly #mutex = new Mutex();
  readonly #session: SqliteSession;

  constructor(database: SyncDatabase, hooks: SqliteDriverHooks = {}) {
    this.#database = database;
    this.#hooks = hooks;
    this.#session = new SqliteSession(database);
  }

  read<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#mutex.run(() => work(this.#session));
  }

  write<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      this.#session.exec('begin immediate');
      let result: T;
      try {
        result = await work(this.#session);
        this.#session.exec('commit');
      } catch (error) {
        try {
          this.#session.exec('rollback');
        } catch {
          // SQLite has rolled back by itself (disk full, I/O error): there is no transaction any more.
        }
        throw translated(error);
      }
      try {
        await this.#hooks.afterCommit?.();
      } catch (error) {
        throw translated(error);
      }
      return result;
    });
  }

  /** Runs work on the database itself while nothing else does. */
  exclusive<T>(work: (database: SyncDatabase) => Promise<T>): Promise<T> {
    return this.#mutex.run(() => work(this.#database));
  }

  close(): Promise<void> {
    return this.#mutex.run(async () => {
      this.#session.free();
      await this.#hooks.beforeClose?.();
      this.#database.close();
    });
  }
}

/** A full disk gets a code of its own; other errors stay as they are. */
function translated(error: unknown): unknown {
  if (
    error instanceof TwinergyError ||
    !/SQLITE_FULL|database or disk is full|ENOSPC/.test(`${(error as { code?: unknown }).code} ${String(error)}`)
  )
    return error;
  return diskFull(error);
}

class SqliteSession implements SqlSession {
  readonly #database: SyncDatabase;
  readonly #statements = new Map<string, SyncStatement>();

  constructor(database: SyncDatabase) {
    this.#database = database;
  }

  async enter(): Promise<void> {
    // SQLite has no row-level security: the tenant is a condition of every statement.
  }

  async rows(sql: string, parameters: readonly SqlValue[]): Promise<unknown[][]> {
    const statement = this.#prepare(sql);
    if (/^\s*(select|pragma|with)\b/i.test(sql)) return statement.all(parameters);
    statement.run(parameters);
    return [];
  }

  async many(
    sql: string,
    count: number,
    width: number,
    bind: (row: number, values: SqlValue[]) => void,
  ): Promise<void> {
    if (count === 0) return;
    const statement = this.#prepare(sql);
    const values = new Array<SqlValue>(width).fill(null);
    for (let row = 0; row < count; row++) {
      bind(row, values);
      statement.run(values);
    }
  }

  async columns(sql: string, parameters: readonly SqlValue[], width: number): Promise<Float64Array[]> {
    const gatherer = new ColumnGatherer(width);
    this.#prepare(sql).each(parameters, (row) => gatherer.add(row));
    return gatherer.columns();
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  free(): void {
    for (const statement of this.#statements.values()) statement.free();
    this.#statements.clear();
  }

  #prepare(sql: string): SyncStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= maxStatements) this.free();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
