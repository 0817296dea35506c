import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { throwIfAborted, type WorkOptions } from '../../core/work.js';
import type { Course, TrainingLife } from '../rul/course.js';
import {
  type FittedLifeEngine,
  type LifeEngine,
  type LifeEngineSpec,
  rowsOf,
  stageWeights,
  strideOf,
} from '../rul/engine.js';
import { LstmNetwork } from './lstm-network.js';
import { lstmWeights, trainableLstm } from './lstm-training.js';
import { packFloats32, unpackFloats32 } from './pack.js';
import { TcnNetwork } from './tcn-network.js';
import { trainableTcn } from './tcn-training.js';
import { availableBackends, type BackendOptions, loadTensorFlow, type Tf } from './tensorflow.js';
import type { Trainable } from './trainer.js';

/** Options of a network for remaining life; all have defaults. */
export interface NeuralLifeOptions extends BackendOptions {
  /** Cells of the LSTM, or filters of the TCN. Default 32. */
  readonly units?: number;
  /** Passes over the examples. Default 12. */
  readonly epochs?: number;
  /** Examples a step. Default 128. */
  readonly batch?: number;
  /** Step size of Adam. Default 0.004. */
  readonly learningRate?: number;
  /** Most examples; more are thinned out. Default 6000. */
  readonly examples?: number;
}

/** Outputs: the mean, and the quantiles 0.1 and 0.9. */
const OUTPUTS = 3;
const NORMAL_80 = 2.563;
/** Standardised values beyond it say no more. */
const FARTHEST = 5;

interface Saved {
  readonly units: number;
  readonly scale: number;
  readonly weights: readonly string[];
}

/**
 * A network over the last `window` rows as an engine of `RULPredictor`: `lstm` (Hochreiter & Schmidhuber 1997; for remaining
 * life, Zheng et al. 2017) or `tcn`. TensorFlow.js trains it, our own kernels answer.
 */
export function neuralLife(
  kind: 'lstm' | 'tcn',
  options: NeuralLifeOptions = {},
): LifeEngine & Required<Pick<LifeEngine, 'fitAsync' | 'fromJSON'>> {
  return {
    name: kind,
    costly: true,
    fit() {
      throw new TwinergyError('RUL_NEEDS_ASYNC', `The engine "${kind}" cannot be fitted in one go.`, {
        hint: 'Use: await predictor.fitAsync(histories).',
      });
    },
    async fitAsync(lives, spec, work) {
      const tf = await loadTensorFlow();
      const [backend] = await availableBackends(tf, options);
      if (backend !== undefined) await tf.setBackend(backend);
      const { units = 32 } = options;
      const inputs = inputsOf(spec);
      const network =
        kind === 'lstm'
          ? trainableLstm(tf, { inputs, units: [units], outputs: OUTPUTS }, spec.seed)
          : trainableTcn(tf, { inputs, filters: units, layers: layersOf(spec), outputs: OUTPUTS }, spec.seed);
      try {
        const scale = scaleOf(lives, spec);
        const weights = await train(tf, network, lives, spec, scale, options, work);
        return fitted(kind, { units, scale, weights }, spec);
      } finally {
        for (const variable of network.variables) variable.dispose();
        network.dispose?.();
      }
    },
    fromJSON(state, spec) {
      const { weights, ...rest } = state as Saved;
      return fitted(kind, { ...rest, weights: weights.map(unpackFloats32) }, spec);
    },
  };
}

/** Layers with which the last step sees the whole window. */
function layersOf({ window }: LifeEngineSpec): number {
  return Math.max(2, Math.ceil(Math.log2(window / 2 + 1)));
}

/** Numbers of a step: the channels, the wear, and the age. */
function inputsOf({ channels, age }: LifeEngineSpec): number {
  return channels.length + 1 + (age ? 1 : 0);
}

/** What outputs are parts of, in units. */
function scaleOf(lives: readonly TrainingLife[], { cap }: LifeEngineSpec): number {
  if (Number.isFinite(cap)) return cap;
  const lengths = lives.map(({ remaining }) => remaining[0] as number).sort((a, b) => a - b);
  return Math.max(1e-9, lengths[lengths.length >> 1] ?? 1);
}

/** Writes the window that ends with `row`; before the first row stands the first. */
function readWindow(
  course: Course,
  row: number,
  spec: LifeEngineSpec,
  scale: number,
  out: Float32Array,
  at: number,
): void {
  const { window, age } = spec;
  let place = at;
  for (let step = row + 1 - window; step <= row; step++) {
    const from = Math.max(0, step);
    for (const values of course.channels) {
      const value = values[from] as number;
      out[place++] = Number.isFinite(value) ? Math.max(-FARTHEST, Math.min(FARTHEST, value)) : 0;
    }
    // Smoothed, so that the network need not learn to.
    out[place++] = 2 * (course.sums[course.channels.length]?.mean(Math.max(0, from - 4), from + 1) ?? 0);
    if (age) out[place++] = (course.age[from] as number) / scale - 1;
  }
}

interface Example {
  readonly life: TrainingLife;
  readonly row: number;
  readonly target: number;
  readonly weight: number;
}

function examplesFor(lives: readonly TrainingLife[], { cap }: LifeEngineSpec, most: number): Example[] {
  const stride = strideOf(lives, most);
  const list = lives.flatMap((life, l) =>
    Array.from(rowsOf(life, stride), (row) => ({ life, l, row, left: life.remaining[row] as number })),
  );
  const weights = stageWeights(
    Float64Array.from(list, ({ left }) => left),
    Uint32Array.from(list, ({ l }) => l),
    cap,
  );
  return list
    .map(({ life, row, left }, i) => ({ life, row, left, target: Math.min(cap, left), weight: weights[i] as number }))
    .filter(({ life, left }) => life.failed || left >= cap);
}

/** Trains, and gives the mean of the weights over the last third of the epochs (Izmailov et al. 2018). */
async function train(
  tf: Tf,
  network: Trainable,
  lives: readonly TrainingLife[],
  spec: LifeEngineSpec,
  scale: number,
  { epochs = 12, batch = 128, learningRate = 0.004, examples: most = 6000 }: NeuralLifeOptions,
  { signal, onProgress }: WorkOptions,
): Promise<Float32Array[]> {
  const examples = examplesFor(lives, spec, most);
  const optimizer = tf.train.adam(learningRate);
  const random = new Random(spec.seed).split('batches');
  const order = Uint32Array.from(examples, (_, i) => i);
  const steps = Math.ceil(order.length / batch);
  const total = epochs * steps;
  let mean: Float32Array[] | undefined;
  let counted = 0;
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      random.shuffle(order);
      for (let step = 0; step < steps; step++) {
        throwIfAborted(signal);
        const chosen = Array.from(order.subarray(step * batch, (step + 1) * batch), (i) => examples[i] as Example);
        const cost = optimizer.minimize(() => lossOf(tf, network, chosen, spec, scale), true, [...network.variables]);
        const value = (await cost?.data())?.[0] ?? Number.NaN;
        cost?.dispose();
        if (!Number.isFinite(value))
          throw new TwinergyError('NEURAL_DIVERGED', 'Training ran away.', { hint: 'Take a smaller learningRate.' });
        onProgress?.({ phase: `training, epoch ${epoch + 1}`, done: epoch * steps + step + 1, total });
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      if (epoch < Math.floor((2 * epochs) / 3)) continue;
      const now = await Promise.all(
        network.variables.map(async (variable) => Float32Array.from(await variable.data())),
      );
      counted++;
      const before: Float32Array[] = mean ?? now;
      mean = before.map((values, v) => values.map((x, i) => x + ((now[v]?.[i] as number) - x) / counted));
    }
  } finally {
    optimizer.dispose();
  }
  return mean ?? [];
}

/** Square error of the mean, and the pinball loss of the quantiles (Koenker & Bassett 1978). */
function lossOf(tf: Tf, network: Trainable, list: readonly Example[], spec: LifeEngineSpec, scale: number) {
  const stride = spec.window * inputsOf(spec);
  const windows = new Float32Array(list.length * stride);
  list.forEach(({ life, row }, i) => {
    readWindow(life, row, spec, scale, windows, i * stride);
  });
  const column = (of: (example: Example) => number) => tf.tensor2d(Float32Array.from(list, of), [list.length, 1]);
  const input: Tensor3D = tf.tensor3d(windows, [list.length, spec.window, inputsOf(spec)]);
  const [center, low, high] = tf.split(network.forward(input, true), OUTPUTS, 1) as [Tensor2D, Tensor2D, Tensor2D];
  const target = column(({ target: y }) => y / scale);
  const pinball = (answer: Tensor, p: number) => {
    const error = target.sub(answer);
    return tf.maximum(error.mul(p), error.mul(p - 1));
  };
  const loss = center.sub(target).square().mul(4).add(pinball(low, 0.1)).add(pinball(high, 0.9));
  return loss
    .mul(column(({ weight }) => weight))
    .mean()
    .asScalar();
}

function fitted(
  kind: 'lstm' | 'tcn',
  { units, scale, weights }: { units: number; scale: number; weights: readonly Float32Array[] },
  spec: LifeEngineSpec,
): FittedLifeEngine {
  const inputs = inputsOf(spec);
  const network =
    kind === 'lstm'
      ? new LstmNetwork(lstmWeights(weights), spec.window)
      : new TcnNetwork({ inputs, filters: units, layers: layersOf(spec), outputs: OUTPUTS }, spec.window, weights);
  const window = new Float32Array(spec.window * inputs);
  const answer = new Float32Array(OUTPUTS);
  return {
    outlook(course, rows) {
      const center = new Float64Array(rows.length);
      const spread = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) {
        readWindow(course, rows[i] as number, spec, scale, window, 0);
        network.predict(window, answer);
        const [mean = 0, low = 0, high = 0] = answer;
        center[i] = Math.max(0, Math.min(spec.cap, scale * mean));
        spread[i] = (scale * Math.max(0, high - low)) / NORMAL_80;
      }
      return { center, spread };
    },
    toJSON: (): Saved => ({ units, scale, weights: weights.map(packFloats32) }),
  };
}
