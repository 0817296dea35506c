import { type CompiledQuery, DummyDriver, Kysely, type RawBuilder, SqliteIntrospector } from 'kysely';
import type { Database } from './database.js';
import type { SqlDialect } from './dialect.js';
import type { SqlSession, SqlValue } from './driver.js';

/** Turns kysely's builders into SQL text and parameters for one dialect, and remembers texts that are asked for often. */
export class SqlCompiler {
  readonly db: Kysely<Database>;
  readonly #texts = new Map<string, string>();

  constructor(dialect: SqlDialect) {
    this.db = new Kysely<Database>({
      dialect: {
        createAdapter: () => dialect.createAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => dialect.createQueryCompiler(),
      },
    });
  }

  compile(query: RawBuilder<unknown>): CompiledQuery {
    return query.compile(this.db);
  }

  /** The text of a statement whose parameters are bound by position later; compiled once for each `key`. */
  text(key: string, build: () => RawBuilder<unknown>): string {
    let text = this.#texts.get(key);
    if (text === undefined) {
      // Shapes are few (sets of channels that are written or read together), yet a caller could make up ever new ones.
      if (this.#texts.size >= 500) this.#texts.clear();
      text = this.compile(build()).sql;
      this.#texts.set(key, text);
    }
    return text;
  }

  run(session: SqlSession, query: RawBuilder<unknown>): Promise<readonly (readonly unknown[])[]> {
    const { sql, parameters } = this.compile(query);
    return session.rows(sql, parameters as readonly SqlValue[]);
  }
}
