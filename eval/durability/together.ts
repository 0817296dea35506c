import { startScript } from '../processes.js';
import { openStore, type Place } from './store.js';

/** What a group of writers left. */
export interface Together {
  readonly writers: number;
  /** Values that one writer wrote and another took away, or that are not there. */
  readonly lostUpdates: number;
  /** Writers that ended with an error. */
  readonly errors: number;
}

/** Rows that every writer of a group writes its own channel to. */
export const sharedRows = 40;

/**
 * `writers` processes write at once: each its own channel of the same rows, and its own messages. All of them open (and so
 * migrate) the same new store first.
 */
export async function writeTogether(place: Place, writers: number): Promise<Together> {
  const codes = await Promise.all(
    Array.from({ length: writers }, async (_, w) => {
      const member = await startScript('durability/member.ts', [JSON.stringify(place), String(w)]);
      return member.listen(() => undefined);
    }),
  );
  const storage = await openStore(place);
  const channels = Array.from({ length: writers }, (_, w) => `own${w}`);
  const frame = await storage.read({ assetId: 'shared', channels });
  let lostUpdates = (sharedRows - frame.length) * writers;
  channels.forEach((name, w) => {
    for (let i = 0; i < frame.length; i++) if (frame.column(name)[i] !== w * 1_000 + i) lostUpdates++;
  });
  const messages = (await storage.list('outbox', { limit: 100_000 })).rows.length;
  lostUpdates += writers * sharedRows - messages;
  await storage.close();
  return { writers, lostUpdates, errors: codes.filter((code) => code !== 0).length };
}
