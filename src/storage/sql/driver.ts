import { TwinergyError } from '../../core/errors.js';

/** A value that is bound to a statement. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | readonly (string | number | null)[];

/** One connection, held for as long as the work that was given it runs. */
export interface SqlSession {
  /** Says whose rows come next: where the database guards rows by tenant, it lets only those through. */
  enter(tenantId: string): Promise<void>;
  /** Runs one statement; rows come as arrays in the order of the columns. */
  rows(sql: string, parameters: readonly SqlValue[]): Promise<readonly (readonly unknown[])[]>;
  /** Runs one statement `count` times; `bind(row, values)` fills in the values of each. */
  many(sql: string, count: number, width: number, bind: (row: number, values: SqlValue[]) => void): Promise<void>;
  /** Runs a query whose columns are all numbers; null becomes NaN. */
  columns(sql: string, parameters: readonly SqlValue[], width: number): Promise<Float64Array[]>;
}

/** A database with connections, reduced to what the SQL engine needs. */
export interface SqlDriver {
  /** Runs reading work on a connection. Nothing that is not committed is seen. */
  read<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  /** Runs writing work in one transaction: committed when it resolves, rolled back when it throws. */
  write<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A mutual exclusion: one piece of work at a time, in the order of asking. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/** The error of a batch for which the disk had no room. */
export function diskFull(cause: unknown): TwinergyError {
  return new TwinergyError('STORAGE_FULL', 'The disk is full; the batch was not written.', { cause });
}
