import type { Storage, TenantStorage } from 'twinergy';
import type { Metrics } from './metrics.js';
import type { Traces } from './traces.js';

const WATCHED = new Set([
  'commit',
  'write',
  'read',
  'readings',
  'latest',
  'chart',
  'rollup',
  'get',
  'list',
  'put',
  'remove',
  'retain',
]);

/** A store whose calls are timed, by call and table, and are spans of the request that makes them. */
export function observed(storage: Storage, metrics: Metrics, traces: Traces | undefined): Storage {
  const views = new Map<string, TenantStorage>();
  const watch = <Target extends TenantStorage>(target: Target): Target =>
    new Proxy(target, {
      get(inner, key) {
        const member: unknown = Reflect.get(inner, key, inner);
        if (key === 'tenant') {
          return (id: string) => {
            const view = views.get(id) ?? watch(storage.tenant(id));
            views.set(id, view);
            return view;
          };
        }
        if (typeof member !== 'function') return member;
        if (typeof key !== 'string' || !WATCHED.has(key)) return member.bind(inner);
        return async (...args: unknown[]): Promise<unknown> => {
          const [table] = args;
          const statement = typeof table === 'string' ? `${key} ${table}` : key;
          const end = metrics.querySeconds.startTimer({ statement });
          try {
            const call = async (): Promise<unknown> => Reflect.apply(member, inner, args);
            return await (traces === undefined ? call() : traces.call(statement, call));
          } catch (error) {
            metrics.queryErrors.inc({ statement });
            throw error;
          } finally {
            end();
          }
        };
      },
    });
  return watch(storage);
}
