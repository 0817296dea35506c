import type { WorkOptions } from '../../core/work.js';
import { requestWork, type WorkerPort } from '../../core/worker-port.js';
import type { EngineSpec, FittedEngine, ForecastEngine } from '../forecasters/engine.js';
import { badOption } from '../forecasters/options.js';
import type { Series } from '../forecasters/series.js';
import { packFloats32, unpackFloats32 } from './pack.js';
import { availableBackends, type BackendName, type BackendOptions, loadTensorFlow, type Tf } from './tensorflow.js';
import { assignWeights, type Trainable, Trainer, type TrainingOptions } from './trainer.js';
import { featuresOf, WindowReader, type WindowShape } from './windows.js';
import type { NeuralFits, TrainingNote } from './worker-tasks.js';

/** What makes one neural engine differ from another. */
export interface Architecture<Sizes> {
  readonly name: keyof NeuralFits;
  /** How it sees a series. */
  shape(pool: readonly Series[], spec: EngineSpec): WindowShape;
  /** The sizes of the network for what it sees. */
  sizes(shape: WindowShape, horizon: number): Sizes;
  /** The network as TensorFlow.js trains it. */
  trainable(tf: Tf, sizes: Sizes, pool: readonly Series[], spec: EngineSpec): Trainable;
  /** The trained network as our own kernels run it. */
  network(
    sizes: Sizes,
    steps: number,
    weights: readonly Float32Array[],
  ): { predict(window: Float32Array, out: Float32Array): Float32Array };
}

/** Options of a neural engine; all have defaults. */
export interface NeuralOptions extends TrainingOptions, BackendOptions {
  /** Weights to begin with, for instance of `onEpoch`, where a training was interrupted. Default: random ones. */
  readonly initial?: readonly Float32Array[];
  /** Told which backend trains. */
  readonly onBackend?: (backend: BackendName, stepMs: Readonly<Partial<Record<BackendName, number>>>) => void;
  /** Where to train, see `serveNeuralFits`. Default: in this thread. */
  readonly worker?: WorkerPort;
}

/** A forecast engine that is fitted with `fitAsync` and can be loaded again. */
export type NeuralEngine = ForecastEngine & Required<Pick<ForecastEngine, 'fitAsync' | 'fromJSON'>>;

/** A trained network as JSON data. */
export interface SavedNetwork {
  readonly shape: WindowShape;
  readonly weights: readonly string[];
}

/** A forecast engine around a network: TensorFlow.js trains it, our own kernels answer. */
export function neuralEngine<Sizes>(architecture: Architecture<Sizes>, options: NeuralOptions): NeuralEngine {
  const fitted = (shape: WindowShape, weights: readonly Float32Array[], { horizon }: EngineSpec): FittedEngine => {
    const reader = new WindowReader(shape);
    const sizes = architecture.sizes(shape, horizon);
    const network = architecture.network(sizes, shape.steps, weights);
    const window = new Float32Array(shape.steps * featuresOf(shape));
    const answer = new Float32Array(horizon);
    return {
      lookback: shape.steps,
      predictInto(series, origin, out) {
        reader.read(series, origin, window, 0);
        network.predict(window, answer);
        for (let h = 0; h < out.length; h++) {
          const { base, gain } = reader.scaleAt(series, origin + 1 + h);
          out[h] = base + gain * (answer[h] as number);
        }
      },
      toJSON: (): SavedNetwork => ({ shape, weights: weights.map(packFloats32) }),
    };
  };
  return {
    name: architecture.name,
    minimumHistory: ({ season, horizon }) => 7 * season + horizon,
    fit() {
      throw badOption('engine', architecture.name, 'It can only be fitted with fitAsync().');
    },
    async fitAsync(pool, spec, work: WorkOptions) {
      const { worker, onEpoch, onBackend, ...plain } = options;
      if (worker !== undefined) {
        const onNote = (note: unknown) => {
          const told = note as TrainingNote;
          if (told.kind === 'epoch') onEpoch?.(told.report);
          else onBackend?.(told.backend, told.stepMs);
        };
        const input = { options: plain, pool, spec };
        const saved = await requestWork<NeuralFits, keyof NeuralFits>(worker, architecture.name, input, {
          ...work,
          onNote,
        });
        return fitted(saved.shape, saved.weights.map(unpackFloats32), spec);
      }
      const tf = await loadTensorFlow();
      const shape = architecture.shape(pool, spec);
      const sizes = architecture.sizes(shape, spec.horizon);
      const reader = new WindowReader(shape);
      const build = () => {
        const network = architecture.trainable(tf, sizes, pool, spec);
        return { network, trainer: new Trainer(tf, network, reader, pool, spec, options) };
      };
      await pickBackend(tf, options, build);
      const { network, trainer } = build();
      try {
        if (options.initial !== undefined) assignWeights(tf, network, options.initial);
        await trainer.run(work);
        return fitted(shape, await trainer.weights(), spec);
      } finally {
        release(network);
      }
    },
    fromJSON(state, spec) {
      const { shape, weights } = state as SavedNetwork;
      return fitted(shape, weights.map(unpackFloats32), spec);
    },
  };
}

function release(network: Trainable): void {
  for (const variable of network.variables) variable.dispose();
  network.dispose?.();
}

/** Sets the backend: the one asked for, or the one that does a step of this very training fastest. */
async function pickBackend(
  tf: Tf,
  options: NeuralOptions,
  build: () => { network: Trainable; trainer: Trainer },
): Promise<void> {
  const backends = await availableBackends(tf, options);
  const times: Partial<Record<BackendName, number>> = {};
  if (backends.length > 1) {
    for (const backend of backends) {
      await tf.setBackend(backend);
      const { network, trainer } = build();
      // The first step compiles what the backend needs.
      await trainer.trial();
      const start = performance.now();
      await trainer.trial();
      times[backend] = performance.now() - start;
      release(network);
    }
  }
  const best = [...backends].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0))[0] as BackendName;
  await tf.setBackend(best);
  options.onBackend?.(best, times);
}
