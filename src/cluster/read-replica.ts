import type { Storage, TenantStorage } from '../storage/index.js';

/** Calls that only read, and may be answered a moment late. */
const reading: ReadonlySet<PropertyKey> = new Set<keyof TenantStorage>([
  'read',
  'stream',
  'readings',
  'latest',
  'telemetryAssets',
  'chart',
  'get',
  'list',
  'export',
]);

/**
 * A store that reads from a replica of the database and writes to the database itself: for API servers and reports, so that
 * questions do not hold up workers. What was written a moment ago may not be there yet, so workers use the database itself.
 * Roll-ups are asked of the database, for a question may have to bring them up to date.
 */
export function withReplica(primary: Storage, replica: Storage): Storage {
  return new Proxy(primary, {
    get(target, key) {
      if (key === 'tenant') {
        return (id: string): TenantStorage => split(target.tenant(id), replica.tenant(id));
      }
      if (key === 'close') return () => Promise.all([target.close(), replica.close()]).then(() => undefined);
      return member(target, replica, key);
    },
  });
}

function split(primary: TenantStorage, replica: TenantStorage): TenantStorage {
  return new Proxy(primary, { get: (target, key) => member(target, replica, key) });
}

function member(primary: TenantStorage, replica: TenantStorage, key: PropertyKey): unknown {
  const from = reading.has(key) ? replica : primary;
  const value: unknown = Reflect.get(from, key, from);
  return typeof value === 'function' ? value.bind(from) : value;
}
