import { type ServedWork, serveWork, type WorkerPort } from '../../core/worker-port.js';
import type { EngineSpec } from '../forecasters/engine.js';
import type { Series } from '../forecasters/series.js';
import type { NeuralEngine, NeuralOptions, SavedNetwork } from './engine.js';
import { lstm } from './lstm.js';
import { transformer } from './transformer.js';
import type { NeuralFits, TrainingNote } from './worker-tasks.js';

/**
 * Makes this worker train the networks of `lstm({ worker })` and `transformer({ worker })` of another thread, so that a page
 * stays responsive. A worker's file is two lines:
 *
 * ```ts
 * import { serveNeuralFits } from 'twinergy/models/neural';
 * serveNeuralFits(self); // in Node: serveNeuralFits(parentPort) with parentPort from node:worker_threads
 * ```
 *
 * @param port this thread's end of the channel
 * @returns what stops it
 */
export function serveNeuralFits(port: WorkerPort): () => void {
  return serveWork<NeuralFits>(port, {
    lstm: ({ options, pool, spec }, work) => train(lstm({ ...options, ...notes(work) }), pool, spec, work),
    transformer: ({ options, pool, spec }, work) =>
      train(transformer({ ...options, ...notes(work) }), pool, spec, work),
  });
}

/** The callbacks of a training, told to the other end. */
function notes({ onNote }: ServedWork): Pick<Required<NeuralOptions>, 'onEpoch' | 'onBackend'> {
  const note = (told: TrainingNote) => onNote(told);
  return {
    onEpoch: (report) => note({ kind: 'epoch', report }),
    onBackend: (backend, stepMs) => note({ kind: 'backend', backend, stepMs }),
  };
}

async function train(
  engine: NeuralEngine,
  pool: readonly Series[],
  spec: EngineSpec,
  work: ServedWork,
): Promise<SavedNetwork> {
  return (await engine.fitAsync(pool, spec, work)).toJSON() as SavedNetwork;
}
