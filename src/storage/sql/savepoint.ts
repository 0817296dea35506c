import type { SqlSession } from './driver.js';

/**
 * Does work inside a transaction, in such a way that an error with one of `codes` undoes this work alone.
 * @returns whether it was done
 */
export async function attempted(
  session: SqlSession,
  codes: readonly string[],
  work: () => Promise<void>,
): Promise<boolean> {
  await session.rows('savepoint attempt', []);
  try {
    await work();
  } catch (error) {
    if (!codes.includes(String((error as { code?: unknown }).code))) throw error;
    await session.rows('rollback to savepoint attempt', []);
    return false;
  }
  await session.rows('release savepoint attempt', []);
  return true;
}
