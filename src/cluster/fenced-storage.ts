import { TwinergyError } from '../core/index.js';
import type { Batch, Page, RecordQuery, Storage, StorageRecord, TableName, TenantStorage } from '../storage/index.js';
import { sealed, unsealed } from './sealed-state.js';

/** How far a partition has come with its stream, kept with what it wrote. */
export interface Position {
  /** Sequence in the stream of the last message that was taken in. */
  readonly sequence: number;
  /** The last message of each sender: what comes again is known by it. */
  readonly publishers: Readonly<Record<string, number>>;
}

/** A partition's part of a tenant's store, for one owner. */
export interface FencedTenant {
  readonly storage: TenantStorage;
  /** Where the input will have come to with the next batch. */
  position: Position;
}

/** The beginning of a stream. */
export const start: Position = { sequence: 0, publishers: {} };

const POSITION = 'position';
const FENCE = 'fence';

/** Ids of a partition's rows in the table of checkpoints begin so. */
export function scopeOf(cluster: string, partition: number): string {
  return `${cluster}/${partition}/`;
}

/**
 * Raises the fence of a partition to `epoch`: from now on no earlier owner can write. Then reads how far it has come. The row is
 * locked by every batch of every owner, so a batch comes wholly before or not at all.
 * @throws TwinergyError `STORAGE_FENCED` where there is a later owner
 */
export async function takeFence(
  storage: TenantStorage,
  scope: string,
  epoch: number,
  now: number,
): Promise<FencedTenant> {
  const fence = (value: number) => storage.commit({ checkpoint: { id: scope + FENCE, time: now, fence: value } });
  // A row that is not there yet cannot be locked: it is made first, at a fence that shuts nobody out.
  if ((await storage.get('checkpoints', scope + FENCE)) === undefined) {
    await fence(0).catch((error: unknown) => {
      if (!isFenced(error)) throw error;
    });
  }
  await fence(epoch);
  const tenant: { storage: TenantStorage; position: Position } = {
    storage,
    position: await readPosition(storage, scope),
  };
  tenant.storage = fencedTenant(storage, scope, epoch, tenant);
  return tenant;
}

/** How far a partition has come, as stored. */
export async function readPosition(storage: TenantStorage, scope: string): Promise<Position> {
  return ((await storage.get('checkpoints', scope + POSITION))?.position as Position | undefined) ?? start;
}

/** Whether an error says that there is a later owner. */
export function isFenced(error: unknown): boolean {
  return error instanceof TwinergyError && error.code === 'STORAGE_FENCED';
}

/** The fence that is stored. */
export async function storedFence(storage: TenantStorage, scope: string): Promise<number> {
  return (await storage.get('checkpoints', scope + FENCE))?.fence ?? 0;
}

/** A store whose tenants are those given: for a `Monitor`, which asks a store for its tenant. */
export function storeOf(storage: Storage, tenant: TenantStorage): Storage {
  return new Proxy(storage, {
    get(target, key) {
      if (key === 'tenant') return () => tenant;
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/**
 * A tenant's store as the owner of a partition sees it. Every write carries the epoch and the position. What monitors keep
 * under a name of their own (checkpoints, the outbox of alerts) gets a place for each partition, so that many of them share a
 * tenant. State is checksummed.
 */
function fencedTenant(
  tenant: TenantStorage,
  scope: string,
  epoch: number,
  state: { readonly position: Position },
): TenantStorage {
  let written = state.position;
  const commit = async (batch: Batch): Promise<void> => {
    const { position } = state;
    const time = Date.now();
    const checkpoints = [
      ...(batch.put?.checkpoints ?? []),
      ...(batch.checkpoint === undefined ? [] : [batch.checkpoint]),
    ].map((row) => ({ ...sealed(row), id: scope + row.id }));
    if (position !== written) checkpoints.push({ id: scope + POSITION, time, position });
    await tenant.commit({
      ...batch,
      put: {
        ...batch.put,
        checkpoints,
        ...(batch.put?.outbox !== undefined && {
          outbox: batch.put.outbox.map((row) => ({ ...row, topic: scope + row.topic })),
        }),
      },
      ...(batch.remove !== undefined && {
        remove: {
          ...batch.remove,
          ...(batch.remove.checkpoints !== undefined && {
            checkpoints: batch.remove.checkpoints.map((id) => scope + id),
          }),
        },
      }),
      checkpoint: { id: scope + FENCE, time, fence: epoch },
    });
    written = position;
  };
  const own: Partial<TenantStorage> = {
    commit,
    write: (readings) => commit({ readings }),
    put: (table, records) => commit({ put: { [table]: records } }),
    remove: (table, ids) => commit({ remove: { [table]: ids } }),
    async get<T extends TableName>(table: T, id: string) {
      const scoped = table === 'checkpoints';
      return opened(table, await tenant.get(table, scoped ? scope + id : id), scope);
    },
    async list<T extends TableName>(table: T, query: RecordQuery<T> = {}): Promise<Page<StorageRecord<T>>> {
      const page = await tenant.list(table, scopedQuery(table, query, scope));
      return { ...page, rows: page.rows.map((row) => opened(table, row, scope) as StorageRecord<T>) };
    },
    writeFrame: () => refused('writeFrame'),
    import: () => refused('import'),
    retain: () => refused('retain'),
  };
  return new Proxy(tenant, {
    get(target, key) {
      if (Object.hasOwn(own, key)) return own[key as keyof TenantStorage];
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function scopedQuery<T extends TableName>(table: T, query: RecordQuery<T>, scope: string): RecordQuery<T> {
  if (table === 'checkpoints') return { ...query, idPrefix: scope + (query.idPrefix ?? '') };
  const { where } = query;
  if (table !== 'outbox' || where === undefined || !('topic' in where)) return query;
  return { ...query, where: { ...where, topic: scope + String(where.topic) } };
}

/** A record as its writer knows it. @throws TwinergyError `CLUSTER_DAMAGED_STATE` */
function opened<T extends TableName>(
  table: T,
  record: StorageRecord<T> | undefined,
  scope: string,
): StorageRecord<T> | undefined {
  if (record === undefined) return undefined;
  if (table === 'outbox') {
    const { topic } = record as StorageRecord<'outbox'>;
    return topic.startsWith(scope) ? { ...record, topic: topic.slice(scope.length) } : record;
  }
  if (table !== 'checkpoints') return record;
  return { ...record, state: unsealed(record), id: record.id.slice(scope.length) };
}

function refused(call: string): Promise<never> {
  return Promise.reject(
    new TwinergyError(
      'CLUSTER_UNFENCED',
      `${call} does not go through the fence of a partition; call it on the store.`,
    ),
  );
}
