import { Frame } from '../../core/frame.js';
import type { Reading } from '../../core/reading.js';
import type { StorageRecord, TableName } from '../contract/tables.js';
import type { Page, RecordQuery, RollupQuery, Storage, TenantStorage } from '../contract.js';
import type { StorageCache } from './cache.js';

/** Calls that may change what a tenant reads. */
const writing: ReadonlySet<string> = new Set([
  'registerChannels',
  'write',
  'writeFrame',
  'commit',
  'put',
  'remove',
  'retain',
  'import',
]);

/** Options of `cached`. */
export interface CachedOptions {
  /** ms for which an entry may be served when another node writes past this cache (default 5,000). */
  readonly ttl?: number | undefined;
}

/**
 * A cache in front of a store: latest values, predictions and roll-ups. Every write changes the version that is part of the
 * tenant's keys, before it is attempted and again before it is acknowledged, so what was read earlier is never served
 * afterwards. With a shared cache that holds on all nodes that write through it.
 */
export function cached(storage: Storage, cache: StorageCache, { ttl = 5_000 }: CachedOptions = {}): Storage {
  const root: Storage = new Proxy(storage, {
    get(target, key) {
      if (key === 'tenant') {
        return (id: string) => (id === target.tenantId ? root : inFront(target.tenant(id), cache, ttl));
      }
      return memberOf(target, key, cache, ttl);
    },
  });
  return root;
}

function inFront(tenant: TenantStorage, cache: StorageCache, ttl: number): TenantStorage {
  return new Proxy(tenant, { get: (target, key) => memberOf(target, key, cache, ttl) });
}

function memberOf(tenant: TenantStorage, key: string | symbol, cache: StorageCache, ttl: number): unknown {
  const readers = new CachedReads(tenant, cache, ttl);
  if (key === 'latest') return readers.latest.bind(readers);
  if (key === 'rollup') return readers.rollup.bind(readers);
  if (key === 'list') return readers.list.bind(readers);
  const member: unknown = Reflect.get(tenant, key, tenant);
  if (typeof member !== 'function') return member;
  if (typeof key !== 'string' || !writing.has(key)) return member.bind(tenant);
  return async (...args: unknown[]): Promise<unknown> => {
    const version = versionKey(tenant);
    await cache.increment(version);
    try {
      return await Reflect.apply(member, tenant, args);
    } finally {
      await cache.increment(version);
    }
  };
}

function versionKey({ tenantId }: TenantStorage): string {
  return `version ${JSON.stringify(tenantId)}`;
}

class CachedReads {
  readonly #tenant: TenantStorage;
  readonly #cache: StorageCache;
  readonly #ttl: number;

  constructor(tenant: TenantStorage, cache: StorageCache, ttl: number) {
    this.#tenant = tenant;
    this.#cache = cache;
    this.#ttl = ttl;
  }

  latest(assetIds?: readonly string[]): Promise<Reading[]> {
    return this.#through(['latest', assetIds ?? null], () => this.#tenant.latest(assetIds));
  }

  async list<T extends TableName>(table: T, query: RecordQuery<T> = {}): Promise<Page<StorageRecord<T>>> {
    if (table !== 'predictions') return this.#tenant.list(table, query);
    const { signal: _signal, ...asked } = query;
    return this.#through(['list', table, asked], () => this.#tenant.list(table, query));
  }

  async rollup(query: RollupQuery): Promise<Frame> {
    const { signal: _signal, ...asked } = query;
    const packed = await this.#through(['rollup', asked], async () => {
      const frame = await this.#tenant.rollup(query);
      return {
        time: [...frame.time],
        columns: [...frame.columns()].map(([name, { data, unit }]) => ({ name, unit, data: [...data] })),
      };
    });
    return new Frame(
      Float64Array.from(packed.time),
      new Map(packed.columns.map(({ name, unit, data }) => [name, { unit, data: Float64Array.from(data) }])),
    );
  }

  /** Answers from the cache, or asks and keeps the answer under the version that was current before. */
  async #through<T>(question: unknown, ask: () => Promise<T>): Promise<T> {
    const version = (await this.#cache.get(versionKey(this.#tenant))) ?? '0';
    const key = JSON.stringify([this.#tenant.tenantId, version, question]);
    const kept = await this.#cache.get(key);
    if (kept !== undefined) return JSON.parse(kept) as T;
    const answer = await ask();
    await this.#cache.set(key, JSON.stringify(answer), this.#ttl);
    return answer;
  }
}
