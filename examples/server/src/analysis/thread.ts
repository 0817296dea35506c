import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type JobHandler, monitorJobs, workerHandler } from 'twinergy/monitor';

const BEGIN = fileURLToPath(new URL('./thread-main.mjs', import.meta.url));

/**
 * One of the monitor's jobs in a thread of its own, so that no reading waits for it. A server that was bundled into one file
 * has no second one for a thread to begin with: there it is done in this thread.
 */
export function inThread(kind: keyof typeof monitorJobs): JobHandler {
  if (!existsSync(BEGIN)) return monitorJobs[kind];
  return workerHandler(kind, () => new Worker(BEGIN));
}
