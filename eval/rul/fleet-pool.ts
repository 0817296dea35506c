import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Frame } from '../../src/core/index.js';
import type { RunToFailure } from '../../src/twin/index.js';
import type { FleetJob, PlainHistory } from './fleet-job.js';
import type { FleetDraw } from './fleets.js';

/** Fleets of drawn plants that ran to failure: one plant at a time on each of a few workers, in the order of the plants. */
export async function drawnFleet(
  draw: FleetDraw,
  say: (text: string) => void = () => undefined,
): Promise<RunToFailure[]> {
  const fleets: RunToFailure[][] = [];
  let next = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./fleet-worker.mjs', import.meta.url));
      let place = -1;
      const give = () => {
        place = next++;
        worker.postMessage(place < draw.plants ? ({ draw, place } satisfies FleetJob) : null);
      };
      worker.on('message', (histories: PlainHistory[]) => {
        fleets[place] = histories.map(({ time, columns, ...rest }) => ({ ...rest, frame: new Frame(time, columns) }));
        say(
          `plant ${place}: ${histories.map(({ fault, law, time }) => `${fault} ${law} ${time.length} d`).join(', ')}`,
        );
        give();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}.`))));
      give();
    });
  await Promise.all(Array.from({ length: Math.min(draw.plants, availableParallelism()) }, work));
  return fleets.flat();
}
