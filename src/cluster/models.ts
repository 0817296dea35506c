import { TwinergyError } from '../core/index.js';
import type { StorageRecord, TableName, TenantStorage } from '../storage/index.js';
import type { ClusterLink } from './link.js';
import { within } from './within.js';

/** Data of models that are kept in memory. */
const KEPT = 64;

/**
 * Models spread to the workers by the object store: what a version holds is written there once and read from there by all, so
 * that the database is not asked for megabytes by every worker. Which version is in use stays in the registry
 * (`ModelRegistry`); the object store checks each object by its SHA-256.
 *
 * ```ts
 * await registry.promote('prior:home', version);
 * await spreadModel(link, storage, 'prior:home', version); // workers swap without a pause
 * ```
 */
export async function spreadModel(
  link: ClusterLink,
  storage: TenantStorage,
  name: string,
  version: number,
): Promise<void> {
  await putModel(link, storage, name, version);
  await announceModels(link, storage.tenantId);
}

/** Writes what a version holds to the object store; workers are not told. @throws TwinergyError `REGISTRY_UNKNOWN_MODEL` */
export async function putModel(
  link: ClusterLink,
  storage: TenantStorage,
  name: string,
  version: number,
): Promise<void> {
  const id = `model:${name}@${version}`;
  const record = await storage.get('models', id);
  if (record === undefined) {
    throw new TwinergyError('REGISTRY_UNKNOWN_MODEL', `There is no version ${version} of "${name}".`, { value: name });
  }
  const bucket = await link.makeModels();
  await bucket.putBlob({ name: objectName(storage.tenantId, id) }, new TextEncoder().encode(JSON.stringify(record)));
}

/** Tells the workers that the registry of a tenant names other versions than before. */
export async function announceModels(link: ClusterLink, tenantId: string): Promise<void> {
  await link.bucket.put(modelsKey, JSON.stringify({ tenant: tenantId }));
}

/** The key that changes when models were spread. */
export const modelsKey = 'models';

/** Reads models from the object store, and from the storage where they are not there. */
export class ClusterModels {
  readonly #link: ClusterLink;
  readonly #kept = new Map<string, StorageRecord<'models'>>();

  constructor(link: ClusterLink) {
    this.#link = link;
  }

  /** A tenant's storage whose models' data come from the object store. */
  in(storage: TenantStorage): TenantStorage {
    const get = async <T extends TableName>(table: T, id: string): Promise<StorageRecord<T> | undefined> => {
      if (table !== 'models' || !id.startsWith('model:')) return storage.get(table, id);
      return (await this.#object(storage, id)) as StorageRecord<T> | undefined;
    };
    return new Proxy(storage, {
      get(target, key) {
        if (key === 'get') return get;
        const member: unknown = Reflect.get(target, key, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  /** A version never changes, so what was read once is right for ever. */
  async #object(storage: TenantStorage, id: string): Promise<StorageRecord<'models'> | undefined> {
    const name = objectName(storage.tenantId, id);
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const bytes = await inTime(this.#link.models().then((bucket) => bucket?.getBlob(name) ?? null));
    if (bytes === null) return storage.get('models', id);
    const record = JSON.parse(new TextDecoder().decode(bytes)) as StorageRecord<'models'>;
    this.#kept.set(name, record);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value as string);
    return record;
  }
}

/** How long the object store may take before the database is asked, ms: whoever takes a partition over waits for it. */
const PATIENCE = 1_500;

/** What comes in time; null where it does not, or cannot be had. */
function inTime(bytes: Promise<Uint8Array | null>): Promise<Uint8Array | null> {
  return within(bytes, PATIENCE, 'Reading a model').catch(() => null);
}

function objectName(tenantId: string, id: string): string {
  return `${encodeURIComponent(tenantId)}/${encodeURIComponent(id)}`;
}
