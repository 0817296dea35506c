import type { SqlValue } from '../sql/driver.js';
import type { SyncDatabase, SyncStatement } from '../sql/sqlite-driver.js';

/** A prepared statement, as better-sqlite3 and libsql have it: the methods that are called. */
export interface SqliteStatement {
  run(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
  iterate(...parameters: unknown[]): Iterable<unknown>;
  /** Rows as arrays (better-sqlite3, libsql). */
  raw?(on?: boolean): unknown;
  /** Rows as arrays (`node:sqlite`, from Node 22.16 and 24). */
  setReturnArrays?(on: boolean): void;
}

/** A SQLite database that the user may pass: a better-sqlite3, libsql or `node:sqlite` one fits. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** Puts a database of that shape behind the driver's own port. */
export function syncDatabase(database: SqliteDatabase, bindsArrays: boolean): SyncDatabase {
  return {
    prepare: (sql) => new PortStatement(database.prepare(sql), /^\s*(select|pragma|with)\b/i.test(sql), bindsArrays),
    exec: (sql) => {
      database.exec(sql);
    },
    close: () => {
      database.close();
    },
  };
}

class PortStatement implements SyncStatement {
  readonly #statement: SqliteStatement;
  readonly #bindsArrays: boolean;
  /** Older `node:sqlite` gives row objects, whose keys are in the order of the columns. */
  readonly #objects: boolean;

  constructor(statement: SqliteStatement, returnsRows: boolean, bindsArrays: boolean) {
    this.#statement = statement;
    this.#bindsArrays = bindsArrays;
    this.#objects = statement.raw === undefined && statement.setReturnArrays === undefined;
    if (returnsRows) {
      if (statement.setReturnArrays !== undefined) statement.setReturnArrays(true);
      else statement.raw?.(true);
    }
  }

  run(values: readonly SqlValue[]): void {
    if (this.#bindsArrays) this.#statement.run(values);
    else this.#statement.run(...values);
  }

  all(values: readonly SqlValue[]): unknown[][] {
    const rows = this.#bindsArrays ? this.#statement.all(values) : this.#statement.all(...values);
    return this.#objects ? rows.map((row) => Object.values(row as object)) : (rows as unknown[][]);
  }

  each(values: readonly SqlValue[], visit: (row: readonly unknown[]) => void): void {
    const rows = this.#bindsArrays ? this.#statement.iterate(values) : this.#statement.iterate(...values);
    if (this.#objects) for (const row of rows) visit(Object.values(row as object));
    else for (const row of rows) visit(row as unknown[]);
  }

  free(): void {
    // Statements of these drivers are freed with their database.
  }
}
