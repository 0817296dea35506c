import type { Storage } from '../../src/storage/contract.js';
import { pgliteStorage } from '../../src/storage/pglite/index.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { sqliteStorage } from '../../src/storage/sqlite/index.js';
import { nodeFile, sqlJsStorage } from '../../src/storage/sqljs/index.js';

/** Where a store is: a file or folder, or for PostgreSQL a server and a schema. */
export type Place =
  | { readonly adapter: 'sqlite' | 'sqljs' | 'pglite'; readonly path: string }
  | { readonly adapter: 'postgres'; readonly url: string; readonly schema: string };

/** Opens the store that writers and their judge share. */
export function openStore(place: Place): Promise<Storage> {
  if (place.adapter === 'postgres')
    return postgresStorage({ connectionString: place.url, schema: place.schema, connections: 2 });
  if (place.adapter === 'sqlite') return sqliteStorage(place.path);
  if (place.adapter === 'pglite') return pgliteStorage({ dataDir: place.path });
  return sqlJsStorage({ file: nodeFile(place.path) });
}

/** Loads what opening the store loads, without opening it. */
export async function loadAdapter({ adapter }: Place): Promise<void> {
  if (adapter === 'pglite') await import('@electric-sql/pglite');
  if (adapter === 'sqljs') await import('sql.js');
  if (adapter === 'postgres') await import('pg');
}

/** Readings of one batch. */
const batchSize = 20;

/** Batch `n`: readings, an anomaly, a message and the checkpoint. */
export function batchOf(n: number) {
  return {
    readings: Array.from({ length: batchSize }, (_, i) => ({
      assetId: 'a',
      time: n * 1_000 + i,
      values: { voltage: n, current: i },
    })),
    put: {
      anomalies: [{ id: `${n}`, time: n, score: n }],
      outbox: [{ id: `${n}`, time: n, topic: 'alert', payload: n }],
    },
    checkpoint: { id: 'writer', time: n, position: n },
  };
}

/** What a campaign counts; all but `trials` must be 0. */
export interface Tally {
  /** Kills, cuts, stops or fillings. */
  trials: number;
  /** Acknowledged batches that are not there. */
  lost: number;
  /** Batches of which something is there more often than it was written. */
  duplicates: number;
  /** Batches that are there in part. */
  torn: number;
}

export function emptyTally(): Tally {
  return { trials: 0, lost: 0, duplicates: 0, torn: 0 };
}

/** Adds what was counted of a store, but for the trials. */
export function addTally(to: Tally, found: Tally): void {
  to.lost += found.lost;
  to.duplicates += found.duplicates;
  to.torn += found.torn;
}

/** Looks at what is in a store after batches up to `acknowledged` were acknowledged; returns the next batch to write. */
export async function judge(storage: Storage, acknowledged: number, tally: Tally): Promise<number> {
  const frame = await storage.read({ assetId: 'a', channels: ['voltage', 'current'] });
  const [voltage, current] = [frame.column('voltage'), frame.column('current')];
  const counts = new Map<number, number>();
  for (let i = 0; i < frame.length; i++) {
    const n = voltage[i] as number;
    counts.set(n, (counts.get(n) ?? 0) + 1);
    // Each value must be the one that was written for that time.
    if (frame.time[i] !== n * 1_000 + (current[i] as number)) tally.torn++;
  }
  const anomalies = await idsOf(storage, 'anomalies');
  const messages = await idsOf(storage, 'outbox');
  const position = ((await storage.get('checkpoints', 'writer'))?.position as number | undefined) ?? -1;
  for (let n = 0; n <= acknowledged; n++) if (!counts.has(n)) tally.lost++;
  for (const [n, count] of counts) {
    if (count > batchSize) tally.duplicates++;
    if (count < batchSize || !anomalies.has(`${n}`) || !messages.has(`${n}`) || n > position) tally.torn++;
  }
  for (const id of [...anomalies, ...messages]) if (!counts.has(Number(id))) tally.torn++;
  if (position >= 0 && !counts.has(position)) tally.torn++;
  return position + 1;
}

async function idsOf(storage: Storage, table: 'anomalies' | 'outbox'): Promise<Set<string>> {
  const ids = new Set<string>();
  let after: string | undefined;
  do {
    const page = await storage.list(table, { limit: 10_000, after });
    for (const { id } of page.rows) ids.add(id);
    after = page.next;
  } while (after !== undefined);
  return ids;
}
