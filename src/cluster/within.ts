import { TwinergyError } from '../core/index.js';

/** What `work` gives, if it gives it in time. @throws TwinergyError `CLUSTER_TIMEOUT`, and what `work` throws */
export async function within<T>(work: Promise<T>, limit: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new TwinergyError('CLUSTER_TIMEOUT', `${what} took more than ${limit / 1_000} s.`, { value: limit })),
      limit,
    );
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
