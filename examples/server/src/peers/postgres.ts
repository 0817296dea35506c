import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { packets, Unpacker } from './packets.js';
import type { Peers } from './peers.js';

/** How the servers on a PostgreSQL database find each other. */
export interface PostgresPeersOptions {
  readonly connectionString: string;
  /** Servers whose tables are in another schema have nothing to do with each other. */
  readonly schema: string;
  readonly say: (text: string) => void;
  /** ms between looks whether the connection is good and others are there. Default 2,000. */
  readonly every?: number;
}

/** ms between attempts to connect anew. */
const ANEW = 250;
/** ms that a claim waits for a connection which broke: until then nobody can tell whose a tenant is. */
const PATIENCE = 10_000;
/** Messages that may wait to be told; beyond it the oldest are lost. */
const WAITING = 5000;
const OTHERS = `select count(*) as n from pg_locks where locktype = 'advisory' and objsubid = 2
  and database = (select oid from pg_database where datname = current_database())
  and classid::bigint = hashtext($1)::bigint & 4294967295 and objid::bigint = hashtext('') & 4294967295`;

/**
 * Servers on one PostgreSQL: a tenant belongs to who holds its advisory lock, and what happens is told by LISTEN/NOTIFY. Both
 * hang on one connection: when it breaks, PostgreSQL gives the locks free, and this server lets its tenants go at once.
 */
export class PostgresPeers implements Peers {
  readonly shared = true;
  onMessage: ((message: string) => void) | undefined;
  onLost: (() => void) | undefined;
  readonly #options: PostgresPeersOptions;
  readonly #space: string;
  readonly #channel: string;
  readonly #id = randomBytes(6).toString('hex');
  readonly #unpacker = new Unpacker(this.#id);
  #client: pg.Client | undefined;
  /** Claims that wait for a connection. */
  readonly #claims = new Set<() => void>();
  #others = false;
  #closed = false;
  /** Whether the connection is looked at, or made, this moment. */
  #busy = false;
  #sequence = 1;
  #waiting: string[] = [];
  #telling: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: PostgresPeersOptions) {
    this.#options = options;
    this.#space = `twinergy ${options.schema}`;
    this.#channel = `twinergy_${createHash('sha256').update(options.schema).digest('hex').slice(0, 16)}`;
  }

  static async open(options: PostgresPeersOptions): Promise<PostgresPeers> {
    const peers = new PostgresPeers(options);
    await peers.#connect();
    peers.#later();
    return peers;
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.connectionString,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
      application_name: 'twinergy peers',
    });
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
    await client.connect();
    await client.query(`listen ${this.#channel}`);
    // Says that this server is there.
    await client.query(`select pg_advisory_lock_shared(hashtext($1), hashtext(''))`, [this.#space]);
    this.#client = client;
    await this.#look();
    await client.query('select pg_notify($1, $2)', [this.#channel, `${this.#id} hello`]);
    for (const go of this.#claims) go();
    this.#claims.clear();
  }

  #hear(payload: string): void {
    if (payload.endsWith(' hello')) {
      this.#others = true;
      return;
    }
    for (const message of this.#unpacker.take(payload)) this.onMessage?.(message);
  }

  /** The connection is gone, and with it every lock. */
  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#waiting = [];
    client.end().catch(() => undefined);
    if (this.#closed) return;
    this.#options.say('The connection to the other servers broke: tenants are let go and claimed anew.');
    this.onLost?.();
    if (!this.#busy) this.#later();
  }

  #later(): void {
    clearTimeout(this.#timer);
    const wait = this.#client === undefined ? ANEW : (this.#options.every ?? 2000);
    this.#timer = setTimeout(() => void this.#tend(), wait);
    this.#timer.unref();
  }

  /** Looks whether the connection is good, or makes a new one. */
  async #tend(): Promise<void> {
    const client = this.#client;
    this.#busy = true;
    try {
      await (client === undefined ? this.#connect() : this.#look());
    } catch {
      if (client !== undefined) this.#lose(client);
    } finally {
      this.#busy = false;
      if (!this.#closed) this.#later();
    }
  }

  /** The connection, once there is one again; undefined where that takes too long. */
  async #connection(): Promise<pg.Client | undefined> {
    if (this.#client === undefined && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#claims.add(resolve);
        setTimeout(resolve, PATIENCE).unref();
      });
    }
    return this.#client;
  }

  async #look(): Promise<void> {
    const result = await this.#client?.query<{ n: string }>(OTHERS, [this.#space]);
    if (result !== undefined) this.#others = Number(result.rows[0]?.n) > 1;
  }

  async claim(tenantId: string): Promise<boolean> {
    const client = await this.#connection();
    if (client === undefined) return false;
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock(hashtext($1), hashtext($2)) as mine',
      [this.#space, `tenant ${tenantId}`],
    );
    return rows[0]?.mine === true && client === this.#client;
  }

  async release(tenantId: string): Promise<void> {
    await this.#client?.query('select pg_advisory_unlock(hashtext($1), hashtext($2))', [
      this.#space,
      `tenant ${tenantId}`,
    ]);
  }

  get others(): boolean {
    return this.#others;
  }

  tell(message: () => string): void {
    if (!this.#others || this.#client === undefined) return;
    this.#waiting.push(message());
    if (this.#waiting.length > WAITING) this.#waiting.splice(0, this.#waiting.length - WAITING);
    // A moment's messages go together.
    this.#telling ??= setTimeout(() => void this.#flush(), 10);
  }

  async #flush(): Promise<void> {
    const messages = this.#waiting;
    this.#waiting = [];
    try {
      for (const payload of packets(this.#id, this.#sequence, messages))
        await this.#client?.query('select pg_notify($1, $2)', [this.#channel, payload]);
    } catch (error) {
      this.#options.say(`Live events did not reach the other servers: ${String(error)}`);
    }
    this.#sequence += messages.length;
    this.#telling = this.#waiting.length > 0 ? setTimeout(() => void this.#flush(), 10) : undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#telling);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }
}
