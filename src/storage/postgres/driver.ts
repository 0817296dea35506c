import { diskFull, type SqlDriver, type SqlSession, type SqlValue } from '../sql/driver.js';
import { columnsOfRows } from '../sql/gather.js';
import { manyRows } from '../sql/many.js';

/** A query as `pg` takes it: the members that are used. */
export interface PgQuery {
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: 'array';
  readonly name?: string;
  readonly types: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
}

/** A connection of `pg`: the methods that are called. */
export interface PgClient {
  query(query: PgQuery): Promise<{ rows: unknown[][] }>;
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** A pool of `pg`: the methods that are called. */
export interface PgPool {
  connect(): Promise<PgClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

const parsers: Readonly<Record<number, (value: string) => unknown>> = {
  16: (value) => value === 't',
  17: (value) => Buffer.from(value.slice(2), 'hex'),
  20: Number,
  21: Number,
  23: Number,
  700: Number,
  701: Number,
};
const types = { getTypeParser: (oid: number) => parsers[oid] ?? ((value: string) => value) };

/** PostgreSQL by `pg`: reads and writes each take a connection of the pool. */
export class PostgresDriver implements SqlDriver {
  readonly #pool: PgPool;
  readonly #own: boolean;
  /** The tenant that each connection was last told. */
  readonly #tenants = new WeakMap<PgClient, string>();
  readonly #names = new Map<string, string>();
  readonly #watched = new WeakSet<PgClient>();

  constructor(pool: PgPool, own: boolean) {
    this.#pool = pool;
    this.#own = own;
    // An idle connection that breaks is replaced by the pool; without a listener the process would end.
    if (own) pool.on('error', () => undefined);
  }

  async read<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    this.#watch(client);
    let broken = true;
    try {
      const result = await work(this.#session(client));
      broken = false;
      return result;
    } catch (error) {
      broken = isConnectionError(error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  write<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.read(async (session) => {
      await session.rows('begin', []);
      try {
        const result = await work(session);
        await session.rows('commit', []);
        return result;
      } catch (error) {
        if (!isConnectionError(error)) await session.rows('rollback', []);
        throw translated(error);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#own) await this.#pool.end();
  }

  /** A connection that breaks while it is in use fails its query; without a listener the process would end besides. */
  #watch(client: PgClient): void {
    if (this.#watched.has(client)) return;
    this.#watched.add(client);
    client.on('error', () => undefined);
  }

  #session(client: PgClient): SqlSession {
    const query = async (text: string, values: readonly SqlValue[], named: boolean) => {
      const { rows } = await client.query({
        text,
        values: values as unknown[],
        rowMode: 'array',
        types,
        ...(named ? { name: this.#nameOf(text) } : {}),
      });
      return rows;
    };
    return {
      enter: async (tenantId) => {
        if (this.#tenants.get(client) === tenantId) return;
        this.#tenants.delete(client);
        await query(`select set_config('twinergy.tenant', $1, false)`, [tenantId], true);
        this.#tenants.set(client, tenantId);
      },
      rows: (text, parameters) => {
        // A setting made in a transaction is taken back with it.
        if (text === 'rollback') this.#tenants.delete(client);
        return query(text, parameters, /^(insert into "?telemetry|select max\(time\))/.test(text));
      },
      many: async (text, count, width, bind) => {
        for (const statement of manyRows(text, count, width, bind))
          await query(statement.text, statement.values, false);
      },
      columns: async (text, parameters, width) => columnsOfRows(await query(text, parameters, true), width),
    };
  }

  /** A name by which the server keeps the prepared statement of a text that comes again and again. */
  #nameOf(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `twinergy_${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

/** A full disk of the server gets a code of its own; other errors stay as they are. */
function translated(error: unknown): unknown {
  return (error as { code?: unknown }).code === '53100' ? diskFull(error) : error;
}

function isConnectionError(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  return (
    (typeof code === 'string' && /^(25P03|57P0[123]|08\w{3}|ECONN\w+|EPIPE)$/.test(code)) || /connection/i.test(message)
  );
}
