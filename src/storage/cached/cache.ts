/** What a cache must do: texts by key with a time to live, and counters. Values may vanish at any time. */
export interface StorageCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttl: number): Promise<void>;
  /** Adds one to a counter that does not vanish while values that name it may be there. */
  increment(key: string): Promise<void>;
}

/** A cache in this process that forgets what was used least recently. */
export function lruCache(maxEntries = 10_000, now: () => number = () => Date.now()): StorageCache {
  const entries = new Map<string, { readonly value: string; readonly until: number }>();
  const counters = new Map<string, number>();
  return {
    async get(key) {
      const counter = counters.get(key);
      if (counter !== undefined) return String(counter);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (entry.until <= now()) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    async set(key, value, ttl) {
      entries.delete(key);
      entries.set(key, { value, until: now() + ttl });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
    async increment(key) {
      counters.set(key, (counters.get(key) ?? 0) + 1);
    },
  };
}

/** The calls of an `ioredis` client that are used. */
export interface RedisClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', ttl: number): Promise<unknown>;
  incr(key: string): Promise<number>;
}

/** A cache in Redis, shared by all nodes that use the same prefix. Its memory policy must not evict keys without expiry. */
export function redisCache(client: RedisClient, prefix = 'twinergy:'): StorageCache {
  return {
    async get(key) {
      return (await client.get(prefix + key)) ?? undefined;
    },
    async set(key, value, ttl) {
      await client.set(prefix + key, value, 'PX', Math.ceil(ttl));
    },
    async increment(key) {
      await client.incr(prefix + key);
    },
  };
}
