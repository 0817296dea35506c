import type { Cluster } from './cluster.js';
import { batchOf, emptyTally, judge, openStore, type Tally } from './store.js';

/**
 * Dumps the database while batches are written and restores the dump elsewhere: all that was acknowledged before the dump is in
 * it, nothing in part, and the copy can be written on.
 */
export async function dumpWhileWriting(cluster: Cluster, schema: string): Promise<Tally> {
  const tally = { ...emptyTally(), trials: 1 };
  const storage = await openStore({ adapter: 'postgres', url: cluster.url, schema });
  let acknowledged = -1;
  let dumping = true;
  const write = async () => {
    await storage.commit(batchOf(acknowledged + 1));
    acknowledged++;
  };
  for (let n = 0; n < 20; n++) await write();
  const before = acknowledged;
  const [url] = await Promise.all([
    cluster.dumpInto(schema).finally(() => {
      dumping = false;
    }),
    (async () => {
      while (dumping) await write();
    })(),
  ]);
  await storage.close();
  const copy = await openStore({ adapter: 'postgres', url, schema });
  const next = await judge(copy, before, tally);
  await copy.commit(batchOf(next));
  await judge(copy, next, tally);
  await copy.close();
  return tally;
}
