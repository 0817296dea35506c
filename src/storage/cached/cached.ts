import { Frame } from '../../core/frame.js';
import type { Reading } from '../../core/reading.js';
import type { StorageRecord, TableName } from '../contract/tables.js';
import type { Batch, Page, RecordQuery, RollupQuery, Storage, TenantStorage } from '../contract.js';
import type { StorageCache } from './cache.js';

/** What a write may change, as names of versions: of one asset's telemetry, of any telemetry, of predictions, of anything. */
type Subject = `asset ${string}` | 'telemetry' | 'predictions' | 'all';

/** Calls that may change what a tenant reads, and what of it. */
const writing: Readonly<Record<string, (...args: never[]) => readonly Subject[]>> = {
  registerChannels: () => ['all'],
  write: (readings: readonly Reading[]) => ofReadings(readings),
  writeFrame: (assetId: string) => [`asset ${assetId}`, 'telemetry'],
  commit: ({ readings = [], put, remove }: Batch) => [
    ...ofReadings(readings),
    ...(put?.predictions === undefined && remove?.predictions === undefined ? [] : (['predictions'] as const)),
  ],
  put: (table: TableName) => ofTable(table),
  remove: (table: TableName) => ofTable(table),
  retain: () => ['all'],
  import: () => ['all'],
};

function ofReadings(readings: readonly Reading[]): Subject[] {
  if (readings.length === 0) return [];
  return ['telemetry', ...[...new Set(readings.map(({ assetId }) => assetId))].map((id): Subject => `asset ${id}`)];
}

function ofTable(table: TableName): Subject[] {
  return table === 'predictions' ? ['predictions'] : [];
}

/** Options of `cached`. */
export interface CachedOptions {
  /** ms for which an entry may be served when another node writes past this cache (default 5,000). */
  readonly ttl?: number | undefined;
}

/**
 * A cache in front of a store: latest values, predictions and roll-ups. Every write changes the versions of what it touches,
 * which are part of the keys, before it is attempted and again before it is acknowledged, so what was read earlier is never
 * served afterwards. With a shared cache that holds on all nodes that write through it.
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
  const subjectsOf = typeof key === 'string' && Object.hasOwn(writing, key) ? writing[key] : undefined;
  if (subjectsOf === undefined) return member.bind(tenant);
  return async (...args: unknown[]): Promise<unknown> => {
    const versions = subjectsOf(...(args as never[])).map((subject) => versionKey(tenant, subject));
    const count = () => Promise.all(versions.map((version) => cache.increment(version)));
    await count();
    try {
      return await Reflect.apply(member, tenant, args);
    } finally {
      await count();
    }
  };
}

function versionKey({ tenantId }: TenantStorage, subject: Subject): string {
  return `version ${JSON.stringify([tenantId, subject])}`;
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
    const only = assetIds?.length === 1 ? assetIds[0] : undefined;
    const subject = only === undefined ? 'telemetry' : (`asset ${only}` as const);
    return this.#through(subject, ['latest', assetIds ?? null], () => this.#tenant.latest(assetIds));
  }

  async list<T extends TableName>(table: T, query: RecordQuery<T> = {}): Promise<Page<StorageRecord<T>>> {
    if (table !== 'predictions') return this.#tenant.list(table, query);
    const { signal: _signal, ...asked } = query;
    return this.#through('predictions', ['list', table, asked], () => this.#tenant.list(table, query));
  }

  async rollup(query: RollupQuery): Promise<Frame> {
    const { signal: _signal, ...asked } = query;
    const packed = await this.#through(`asset ${query.assetId}`, ['rollup', asked], async () => {
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

  /** Answers from the cache, or asks and keeps the answer under the versions that were current before. */
  async #through<T>(subject: Subject, question: unknown, ask: () => Promise<T>): Promise<T> {
    const versions = await Promise.all(
      [subject, 'all' as const].map(async (one) => (await this.#cache.get(versionKey(this.#tenant, one))) ?? '0'),
    );
    const key = JSON.stringify([this.#tenant.tenantId, versions, question]);
    const kept = await this.#cache.get(key);
    if (kept !== undefined) return JSON.parse(kept) as T;
    const answer = await ask();
    await this.#cache.set(key, JSON.stringify(answer), this.#ttl);
    return answer;
  }
}
