import { createHash, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Answers } from '../http/answers.js';
import type { Peers } from './peers.js';

/** ms that an answer of Redis may take; what comes later is worked out anew. */
const PATIENCE = 250;

/** How the servers of a store meet on a Redis. */
export interface RedisLinkOptions {
  readonly url: string;
  /** Servers of another store on the same Redis have nothing to do with each other. */
  readonly space: string;
  readonly say: (text: string) => void;
}

/**
 * A Redis that servers may share: it carries live events, and keeps answers. Nothing depends on it: while it is away, events
 * go by the database and answers are kept in this process.
 */
export class RedisLink {
  onMessage: ((message: string) => void) | undefined;
  readonly #commands: Redis;
  readonly #listener: Redis;
  readonly #id = randomBytes(6).toString('hex');
  readonly #space: string;

  private constructor({ url, space, say }: RedisLinkOptions) {
    this.#space = `twinergy:${createHash('sha256').update(space).digest('hex').slice(0, 16)}`;
    const options = {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
      retryStrategy: (attempt: number) => Math.min(200 * attempt, 2000),
    };
    this.#commands = new Redis(url, { ...options, commandTimeout: PATIENCE, enableAutoPipelining: true });
    this.#listener = new Redis(url, options);
    let away = false;
    this.#commands.on('error', (error: Error) => {
      if (!away) say(`Redis does not answer: ${error.message}`);
      away = true;
    });
    this.#commands.on('ready', () => {
      if (away) say('Redis answers again.');
      away = false;
    });
    this.#listener.on('error', () => undefined);
    // After each connection, also one that was lost.
    this.#listener.on('ready', () => void this.#listener.subscribe(`${this.#space}:live`).catch(() => undefined));
    this.#listener.on('message', (_: string, text: string) => {
      const end = text.indexOf(' ');
      if (text.slice(0, end) !== this.#id) this.onMessage?.(text.slice(end + 1));
    });
  }

  /** Connects; where Redis is away, it is tried again and again. */
  static async open(options: RedisLinkOptions): Promise<RedisLink> {
    const link = new RedisLink(options);
    await Promise.allSettled([link.#commands.connect(), link.#listener.connect()]);
    return link;
  }

  /** Whether it can be used now. */
  get ready(): boolean {
    return this.#commands.status === 'ready' && this.#listener.status === 'ready';
  }

  /** Tells whoever listens; what finds nobody is lost. */
  tell(message: string): void {
    this.#commands.publish(`${this.#space}:live`, `${this.#id} ${message}`).catch(() => undefined);
  }

  async get(key: string): Promise<string | undefined> {
    try {
      return (await this.#commands.get(`${this.#space}:answer:${key}`)) ?? undefined;
    } catch {
      return undefined;
    }
  }

  set(key: string, text: string, seconds: number): void {
    this.#commands.set(`${this.#space}:answer:${key}`, text, 'EX', Math.ceil(seconds)).catch(() => undefined);
  }

  close(): void {
    this.#commands.disconnect();
    this.#listener.disconnect();
  }
}

/** Peers who tell each other over Redis while it is there; who keeps what stays a matter of the database. */
export function overRedis(peers: Peers, redis: RedisLink): Peers {
  const told = (message: string) => over.onMessage?.(message);
  redis.onMessage = told;
  peers.onMessage = told;
  const over: Peers = {
    claim: (tenantId) => peers.claim(tenantId),
    release: (tenantId) => peers.release(tenantId),
    tell(message) {
      if (!redis.ready) peers.tell(message);
      else if (peers.others) redis.tell(message());
    },
    onMessage: undefined,
    get onLost() {
      return peers.onLost;
    },
    set onLost(listener) {
      peers.onLost = listener;
    },
    shared: peers.shared,
    get others() {
      return peers.others;
    },
    async close() {
      redis.close();
      await peers.close();
    },
  };
  return over;
}

/** Answers that servers share; while Redis is away, each keeps its own. */
export function answersOver(redis: RedisLink, own: Answers): Answers {
  return {
    get: (key) => (redis.ready ? redis.get(key) : own.get(key)),
    set: (key, text, seconds) => (redis.ready ? redis : own).set(key, text, seconds),
  };
}
