import { inTime } from '../core/in-time.js';
import { TwinergyError } from '../core/index.js';

/** What `work` gives, if it gives it in time. @throws TwinergyError `CLUSTER_TIMEOUT`, and what `work` throws */
export function within<T>(work: Promise<T>, limit: number, what: string): Promise<T> {
  return inTime(work, limit, () => {
    throw new TwinergyError('CLUSTER_TIMEOUT', `${what} took more than ${limit / 1_000} s.`, { value: limit });
  });
}
