import { TwinergyError } from '../../core/errors.js';
import type { WorkOptions } from '../../core/work.js';
import { GradientBoosting } from './gradient-boosting.js';
import { IsolationForest } from './isolation-forest.js';
import { RandomForest } from './random-forest.js';
import { type FitAnswer, type FitRequest, type FitWorker, isRequest, listen } from './worker-protocol.js';

type Request = Extract<FitRequest, { readonly kind: 'twinergy-fit' }>;

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
export function serveTreeFits(port: FitWorker): () => void {
  const running = new Map<number, AbortController>();
  return listen(port, (message) => {
    if (!isRequest(message)) return;
    if (message.kind === 'twinergy-abort') {
      running.get(message.id)?.abort();
      return;
    }
    const { id } = message;
    const controller = new AbortController();
    running.set(id, controller);
    const answer = (value: FitAnswer) => port.postMessage(value);
    const options: WorkOptions = {
      signal: controller.signal,
      onProgress: (progress) => answer({ kind: 'twinergy-progress', id, progress }),
    };
    fitModel(message, options)
      .then(
        (saved) => answer({ kind: 'twinergy-fitted', id, saved }),
        (error: unknown) => {
          const code = error instanceof TwinergyError ? error.code : 'TREES_WORKER_FAILED';
          answer({
            kind: 'twinergy-failed',
            id,
            code,
            message: error instanceof Error ? error.message : String(error),
          });
        },
      )
      .finally(() => running.delete(id));
  });
}

async function fitModel(
  { model, options, matrix, target = [], fit: own }: Request,
  work: WorkOptions,
): Promise<unknown> {
  switch (model) {
    case 'gradient-boosting':
      return (await new GradientBoosting(options).fitAsync(matrix, target, { ...own, ...work })).toJSON();
    case 'random-forest':
      return (await new RandomForest(options).fitAsync(matrix, target, { ...own, ...work })).toJSON();
    case 'isolation-forest':
      return (await new IsolationForest(options).fitAsync(matrix, work)).toJSON();
  }
}
