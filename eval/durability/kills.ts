import type { Random } from '../../src/core/random.js';
import { type Script, startScript } from '../processes.js';
import { addTally, emptyTally, judge, openStore, type Place, type Tally } from './store.js';

/** V8 need not optimise the code of a process that lives for a second; for PGlite that is half of its work. */
const shortLived = ['--liftoff-only', '--single-threaded-gc'];

/**
 * Kills a writer `kills` times with SIGKILL at random points: while it opens the store, between batches, in the middle of one.
 * The next writer, which waits ready, judges what it left.
 */
export async function killWriters(
  place: Place,
  kills: number,
  random: Random,
  onKill: (tally: Tally) => void = () => undefined,
): Promise<Tally> {
  const tally = emptyTally();
  let acknowledged = -1;
  let waiting: Script | undefined = await startWriter(place);
  try {
    while (tally.trials < kills && waiting !== undefined) {
      const writer: Script = waiting;
      waiting = tally.trials + 1 < kills ? await startWriter(place) : undefined;
      acknowledged = await runAndKill(writer, acknowledged, random, tally);
      tally.trials++;
      onKill(tally);
    }
  } finally {
    waiting?.kill();
  }
  const storage = await openStore(place);
  await judge(storage, acknowledged, tally);
  await storage.close();
  return tally;
}

function startWriter(place: Place): Promise<Script> {
  return startScript('durability/writer.ts', [JSON.stringify(place)], shortLived);
}

/** Gives a writer its turn and kills it; the number of the last batch that was acknowledged. */
async function runAndKill(writer: Script, before: number, random: Random, tally: Tally): Promise<number> {
  let acknowledged = before;
  // One in ten while it opens the store. The others after some acknowledged batches, so that slow machines are killed in the
  // middle of work too, and then at any moment.
  const whileOpening = random.next() < 0.1 && before >= 0;
  let left = Math.floor(random.next() * 12);
  const delay = random.next() * (whileOpening ? 400 : 60);
  let timer = whileOpening ? setTimeout(writer.kill, delay) : undefined;
  writer.tell(String(before));
  await writer.listen((line) => {
    if (line.startsWith('{')) addTally(tally, JSON.parse(line) as Tally);
    else acknowledged = Math.max(acknowledged, Number(line));
    if (left-- <= 0) timer ??= setTimeout(writer.kill, delay);
  });
  // A writer that ended by itself was not killed: that is an error of the writer, not a trial.
  if (timer === undefined) throw new Error('A writer ended by itself.');
  clearTimeout(timer);
  return acknowledged;
}
