import { serveWork, type WorkerPort } from '../../core/worker-port.js';
import { GradientBoosting } from './gradient-boosting.js';
import { IsolationForest } from './isolation-forest.js';
import { RandomForest } from './random-forest.js';
import type { TreeFits } from './worker-tasks.js';

/**
 * Makes this worker fit trees for `fitAsync(..., { worker })` of another thread. A worker's file is two lines:
 *
 * ```ts
 * import { serveTreeFits } from 'twinergy/models';
 * serveTreeFits(self); // in Node: serveTreeFits(parentPort) with parentPort from node:worker_threads
 * ```
 *
 * @param port this thread's end of the channel
 * @returns what stops it
 */
export function serveTreeFits(port: WorkerPort): () => void {
  return serveWork<TreeFits>(port, {
    'gradient-boosting': async ({ options, matrix, target, fit }, work) =>
      (await new GradientBoosting(options).fitAsync(matrix, target, { ...fit, ...work })).toJSON(),
    'random-forest': async ({ options, matrix, target, fit }, work) =>
      (await new RandomForest(options).fitAsync(matrix, target, { ...fit, ...work })).toJSON(),
    'isolation-forest': async ({ options, matrix }, work) =>
      (await new IsolationForest(options).fitAsync(matrix, work)).toJSON(),
  });
}
