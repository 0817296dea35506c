/** A writer that is killed: writes batches without end and says on stdout which were acknowledged. */
import { batchOf, openStore, type Place } from './store.js';

const [place, first] = process.argv.slice(2);
const storage = await openStore(JSON.parse(place as string) as Place);
process.stdout.write('ready\n');
for (let n = Number(first); ; n++) {
  await storage.commit(batchOf(n));
  process.stdout.write(`${n}\n`);
}
