import { TwinergyError } from '../../core/errors.js';

/**
 * Runs `work` again while the database says that another writer was in the way. The waits grow and are spread, so that
 * writers that met once do not meet again at once; in all they last about half a minute.
 * @throws TwinergyError `STORAGE_BUSY` when it stays that way
 */
export async function retrying<T>(
  dialect: { isRetryable(error: unknown): boolean },
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!dialect.isRetryable(error)) throw error;
      if (attempt >= 60) {
        throw new TwinergyError('STORAGE_BUSY', 'The database stays locked by other writers.', { cause: error });
      }
      // Spread by the time of the clock rather than by chance: it only has to differ between processes.
      const spread = 0.5 + ((performance.now() * 1000) % 1000) / 1000;
      await new Promise((resolve) => setTimeout(resolve, Math.min(500, 2 * 1.3 ** attempt) * spread));
    }
  }
}
