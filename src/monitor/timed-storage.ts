import type { TenantStorage } from '../storage/index.js';

/** Calls whose first argument names the table. */
const byTable: ReadonlySet<string> = new Set(['get', 'list', 'put', 'remove']);

/**
 * A store that tells how long each call took, by statement: `commit`, `read`, `list alerts`. Streams are not timed.
 * @param told is called when a call is over, also where it failed; ms
 */
export function timedStorage(storage: TenantStorage, told: (statement: string, ms: number) => void): TenantStorage {
  return new Proxy(storage, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...input: unknown[]): unknown => {
        const start = performance.now();
        const answer: unknown = Reflect.apply(member, target, input);
        if (!(answer instanceof Promise)) return answer;
        const statement = byTable.has(String(name)) ? `${String(name)} ${String(input[0])}` : String(name);
        const over = () => told(statement, performance.now() - start);
        answer.then(over, over);
        return answer;
      };
    },
  });
}
