import { Worker } from 'node:worker_threads';
import type { CaseResult } from './case.js';
import type { MadeRequest } from './made.js';

/** What a worker is told to do. */
export type Job = { readonly made: MadeRequest } | { readonly folder: string };

/**
 * Runs jobs on a few workers, one case at a time each, and keeps their order.
 * @param onDone told after each
 */
export async function runJobs(
  jobs: readonly Job[],
  workers: number,
  onDone: (done: number) => void,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  let next = 0;
  let done = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.mjs', import.meta.url));
      let current = -1;
      const give = () => {
        if (next >= jobs.length) {
          worker.postMessage(null);
          return;
        }
        current = next++;
        worker.postMessage(jobs[current]);
      };
      worker.on('message', (result: CaseResult) => {
        results[current] = result;
        onDone(++done);
        give();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}.`))));
      give();
    });
  await Promise.all(Array.from({ length: Math.max(1, Math.min(workers, jobs.length)) }, work));
  return results;
}
