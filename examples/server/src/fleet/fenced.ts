import { type Storage, type TenantStorage, TwinergyError } from 'twinergy';

/** The row of a tenant's checkpoints that every batch of its keeper locks. */
const FENCE = 'server/fence';

/**
 * A store in which nobody who kept this tenant before can write a batch any more: a server that lost the tenant's lock
 * without knowing it yet must not change what its successor has read. Everything else is as it is.
 */
export async function fencedStorage(storage: Storage, tenantId: string): Promise<Storage> {
  const plain = storage.tenant(tenantId);
  const raise = (fence: number) => plain.commit({ checkpoint: { id: FENCE, time: Date.now(), fence } });
  // A row that is not there yet cannot be locked: it is made first, at a fence that shuts nobody out.
  if ((await plain.get('checkpoints', FENCE)) === undefined)
    await raise(0).catch((error: unknown) => {
      if (!(error instanceof TwinergyError && error.code === 'STORAGE_FENCED')) throw error;
    });
  const fence = ((await plain.get('checkpoints', FENCE))?.fence ?? 0) + 1;
  await raise(fence);
  const tenant = withMethods(plain, {
    commit: (batch) => plain.commit({ ...batch, checkpoint: { id: FENCE, time: Date.now(), fence } }),
  } satisfies Partial<TenantStorage>);
  return withMethods(storage, {
    tenant: (id) => (id === tenantId ? tenant : storage.tenant(id)),
  } satisfies Partial<Storage>);
}

/** The same, but for some methods. */
function withMethods<Target extends object>(target: Target, methods: Partial<Target>): Target {
  return new Proxy(target, {
    get(inner, key) {
      const member: unknown = Reflect.get(key in methods ? methods : inner, key);
      return typeof member === 'function' ? member.bind(inner) : member;
    },
  });
}
