/** One of several processes that write the same rows at once, each its own channel. */
import { openStore, type Place } from './store.js';
import { sharedRows } from './together.js';

const [place, number] = process.argv.slice(2);
const storage = await openStore(JSON.parse(place as string) as Place);
const name = `own${number}`;
await storage.registerChannels([{ name, unit: 'V' }]);
for (let i = 0; i < sharedRows; i++) {
  await storage.commit({
    readings: [{ assetId: 'shared', time: i, values: { [name]: Number(number) * 1_000 + i } }],
    put: { outbox: [{ id: `${number} ${i}`, time: i, topic: 't' }] },
  });
}
await storage.close();
