import type { Random } from '../../src/core/random.js';
import { runScript } from './processes.js';
import { emptyTally, judge, openStore, type Place, type Tally } from './store.js';

/** Kills a writer `kills` times with SIGKILL at random points and judges what it leaves each time. */
export async function killWriters(
  place: Place,
  kills: number,
  random: Random,
  onKill: (tally: Tally) => void = () => undefined,
): Promise<Tally> {
  const tally = emptyTally();
  let acknowledged = -1;
  let next = 0;
  for (; tally.trials < kills; tally.trials++) {
    // After some acknowledged batches, so that slow machines are killed in the middle of work too, and then at any moment.
    let left = Math.floor(random.next() * 12);
    const delay = random.next() * 60;
    let timer: NodeJS.Timeout | undefined;
    await runScript('writer.ts', [JSON.stringify(place), String(next)], (line, child) => {
      if (line !== 'ready') acknowledged = Math.max(acknowledged, Number(line));
      if (left-- <= 0) timer ??= setTimeout(() => child.kill('SIGKILL'), delay);
    });
    // A writer that ended by itself was not killed: that is an error of the writer, not a trial.
    if (timer === undefined) throw new Error(`The writer of ${place.adapter} did not start.`);
    clearTimeout(timer);
    const storage = await openStore(place);
    next = await judge(storage, acknowledged, tally);
    await storage.close();
    onKill(tally);
  }
  return tally;
}
