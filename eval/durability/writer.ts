/**
 * A writer that is killed. It starts, waits for the number of the last batch that was acknowledged, opens the store, judges
 * what the writer before it left there, and writes batches without end; it says on stdout what it found (JSON) and then which
 * batches were acknowledged.
 */
import { createInterface } from 'node:readline';
import { batchOf, emptyTally, judge, loadAdapter, openStore, type Place } from './store.js';

const place = JSON.parse(process.argv[2] as string) as Place;
await loadAdapter(place);
const turn = await new Promise<string>((resolve) => createInterface({ input: process.stdin }).once('line', resolve));
const storage = await openStore(place);
const tally = emptyTally();
let n = await judge(storage, Number(turn), tally);
process.stdout.write(`${JSON.stringify(tally)}\n`);
for (; ; n++) {
  await storage.commit(batchOf(n));
  process.stdout.write(`${n}\n`);
}
