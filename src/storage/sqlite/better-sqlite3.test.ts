// better-sqlite3 needs a compiler where it has no ready binary, so it is not among the packages that tests install. This stands
// in for it: libsql's database behind better-sqlite3's documented calls and refusals.
import Libsql from 'libsql';
import { afterAll, describe, it } from 'vitest';
import { conformanceCases } from '../testing/index.js';
import type { SqliteDatabase, SqliteStatement } from './index.js';
import { sqliteStorage } from './index.js';

class StandIn implements SqliteDatabase {
  readonly #database = new Libsql(':memory:');
  #iterating = false;

  prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    const returnsData = statement.reader;
    const ready = (reads: boolean, values: readonly unknown[]) => {
      if (this.#iterating) throw new TypeError('This database connection is busy executing a query');
      if (reads && !returnsData) throw new TypeError('This statement does not return data. Use run() instead');
      if (!reads && returnsData)
        throw new TypeError('This statement returns data. Use get(), all(), or iterate() instead');
      for (const value of values) {
        const bindable = value === null || ['number', 'string', 'bigint'].includes(typeof value);
        if (!bindable && !ArrayBuffer.isView(value))
          throw new TypeError('SQLite3 can only bind numbers, strings, bigints, buffers, and null');
      }
      return [...values];
    };
    const iterate = function* (this: StandIn, values: readonly unknown[]): Generator<unknown> {
      const rows = statement.iterate(ready(true, values));
      this.#iterating = true;
      try {
        yield* rows;
      } finally {
        this.#iterating = false;
      }
    }.bind(this);
    return {
      run: (...values) => statement.run(ready(false, values)),
      all: (...values) => statement.all(ready(true, values)),
      iterate: (...values) => iterate(values),
      raw: (on) => {
        if (!returnsData) throw new TypeError('The raw() method is only for statements that return data');
        return statement.raw(on);
      },
    };
  }

  exec(sql: string): this {
    this.#database.exec(sql);
    return this;
  }

  close(): this {
    this.#database.close();
    return this;
  }
}

const chosen = conformanceCases.filter(({ name }) =>
  /^(archive|upkeep|transfer|tenants|frames|latest)|late|workers at once|many writers/.test(name),
);

describe('a database of better-sqlite3', () => {
  const opened = sqliteStorage(new StandIn());
  afterAll(async () => (await opened).close());

  it.each(chosen)('$name', async ({ run, name }) => {
    const storage = await opened;
    await run({ storage, tenant: storage.tenant(name) });
  });
});
