import type { Tensor, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs';
import { AbortedError, TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import type { WorkOptions } from '../../core/work.js';
import { throwIfAborted } from '../../core/work.js';
import type { EngineSpec } from '../forecasters/engine.js';
import { isActive } from '../forecasters/features.js';
import { deviation } from '../forecasters/moments.js';
import type { Series } from '../forecasters/series.js';
import type { Tf } from './tensorflow.js';
import { featuresOf, type WindowReader } from './windows.js';

/** Options of training; all have defaults. */
export interface TrainingOptions {
  /** Most epochs. Default 30. */
  readonly epochs?: number;
  /** Windows a step. Default: lstm 32, transformer 128. */
  readonly batch?: number;
  /** Step size of Adam. Default: lstm 0.001, transformer 0.0002. */
  readonly learningRate?: number;
  /** Epochs without a better error on the held-out part after which it ends. Default: lstm 4, transformer 5. */
  readonly patience?: number;
  /** Most steps an epoch: where there are more examples, an epoch is a random part of them. Default: lstm 150, transformer 60. */
  readonly stepsPerEpoch?: number;
  /** Told after each epoch; `weights` can be given to `initial` to go on later. */
  readonly onEpoch?: (epoch: EpochReport) => void;
}

/** How training stands after an epoch. */
export interface EpochReport {
  readonly epoch: number;
  /** Mean square error over the examples of the epoch, in units of the series' variance. */
  readonly loss: number;
  /** The same on the held-out part. */
  readonly heldOutLoss: number;
  /** Whether it is the best so far. */
  readonly best: boolean;
  /** The weights as they are now. */
  readonly weights: readonly Float32Array[];
}

/** A network that TensorFlow.js can train. */
export interface Trainable {
  readonly variables: readonly Variable[];
  /** Outputs (batch × horizon) for windows (batch × steps × features). While training, parts are dropped at random. */
  forward(windows: Tensor3D, training: boolean): Tensor2D;
  /** What is added to the loss while training, to keep weights small. */
  penalty?(): Tensor;
  /** Frees what it holds beside its variables. */
  dispose?(): void;
}

interface Example {
  readonly series: Series;
  readonly origin: number;
  /** Standard deviation of the series. */
  readonly unit: number;
}

/** Arrays of one batch. */
interface Batch {
  readonly windows: Float32Array;
  readonly base: Float32Array;
  readonly gain: Float32Array;
  /** Measured values; weight 0 where there is none. */
  readonly target: Float32Array;
  readonly weight: Float32Array;
}

/** Trains on the windows before the hold-out and stops where the error on the held-out ones no longer falls. */
export class Trainer {
  readonly #tf: Tf;
  readonly #network: Trainable;
  readonly #reader: WindowReader;
  readonly #spec: EngineSpec;
  readonly #options: TrainingOptions;
  readonly #learn: Example[];
  readonly #check: Example[];

  constructor(
    tf: Tf,
    network: Trainable,
    reader: WindowReader,
    pool: readonly Series[],
    spec: EngineSpec,
    options: TrainingOptions,
  ) {
    this.#tf = tf;
    this.#network = network;
    this.#reader = reader;
    this.#spec = spec;
    this.#options = options;
    this.#learn = examples(pool, spec, reader.shape.steps, 'learn');
    const check = examples(pool, spec, reader.shape.steps, 'check');
    const every = Math.max(1, Math.floor(check.length / 1500)) | 1;
    this.#check = check.filter((_, i) => i % every === 0);
    if (this.#learn.length === 0) {
      throw new TwinergyError('FORECAST_HISTORY_TOO_SHORT', 'No window of the history can be learned from.');
    }
  }

  /** Runs one step on the first examples, for timing a backend. */
  async trial(): Promise<void> {
    const optimizer = this.#tf.train.adam(0);
    const batch = this.#batch(this.#learn.slice(0, this.#options.batch ?? 32));
    await this.#step(optimizer, batch);
    optimizer.dispose();
  }

  /** Trains to the end and leaves the best weights in the network's variables. */
  async run({ signal, onProgress }: WorkOptions): Promise<void> {
    const { epochs = 30, batch: size = 32, learningRate = 1e-3, patience = 4 } = this.#options;
    const tf = this.#tf;
    const optimizer = tf.train.adam(learningRate);
    const random = new Random(this.#spec.seed).split('batches');
    const order = Uint32Array.from(this.#learn, (_, i) => i);
    const steps = Math.min(Math.ceil(order.length / size), this.#options.stepsPerEpoch ?? Number.POSITIVE_INFINITY);
    let best = { loss: Number.POSITIVE_INFINITY, epoch: 0, weights: await this.weights() };
    try {
      for (let epoch = 1; epoch <= epochs && epoch - best.epoch <= patience; epoch++) {
        random.shuffle(order);
        let loss = 0;
        for (let step = 0; step < steps; step++) {
          throwIfAborted(signal);
          const chosen = order.subarray(step * size, (step + 1) * size);
          const list = Array.from(chosen, (i) => this.#learn[i] as Example);
          const value = await this.#step(optimizer, this.#batch(list));
          if (!Number.isFinite(value))
            throw new TwinergyError('NEURAL_DIVERGED', 'Training ran away.', { hint: 'Take a smaller learningRate.' });
          loss += value / steps;
          onProgress?.({
            phase: `epoch ${epoch}, loss ${value.toFixed(4)}`,
            done: (epoch - 1) * steps + step + 1,
            total: epochs * steps,
          });
          // The event loop gets its turn, so that a page can show the progress and stop the training.
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
        const heldOutLoss = this.#check.length > 0 ? await this.#heldOutLoss() : loss;
        const weights = await this.weights();
        const better = heldOutLoss < best.loss;
        if (better) best = { loss: heldOutLoss, epoch, weights };
        this.#options.onEpoch?.({ epoch, loss, heldOutLoss, best: better, weights });
      }
    } catch (error) {
      throw error instanceof AbortedError || signal?.aborted ? new AbortedError(signal?.reason) : error;
    } finally {
      optimizer.dispose();
      assignWeights(tf, this.#network, best.weights);
    }
  }

  /** The weights of the network. */
  async weights(): Promise<Float32Array[]> {
    return Promise.all(this.#network.variables.map(async (variable) => Float32Array.from(await variable.data())));
  }

  async #step(optimizer: ReturnType<Tf['train']['adam']>, batch: Batch): Promise<number> {
    const cost = optimizer.minimize(() => this.#loss(batch, true).asScalar(), true, [...this.#network.variables]);
    const value = (await cost?.data())?.[0] ?? Number.NaN;
    cost?.dispose();
    return value;
  }

  async #heldOutLoss(): Promise<number> {
    let sum = 0;
    const size = 128;
    for (let from = 0; from < this.#check.length; from += size) {
      const list = this.#check.slice(from, from + size);
      const loss = this.#tf.tidy(() => this.#loss(this.#batch(list), false));
      sum += ((await loss.data())[0] as number) * list.length;
      loss.dispose();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return sum / this.#check.length;
  }

  #loss({ windows, base, gain, target, weight }: Batch, training: boolean): Tensor {
    const tf = this.#tf;
    const { horizon } = this.#spec;
    const { steps } = this.#reader.shape;
    const size = target.length / horizon;
    const input = tf.tensor3d(windows, [size, steps, featuresOf(this.#reader.shape)]);
    const output = this.#network.forward(input, training);
    const plane = (data: Float32Array) => tf.tensor2d(data, [size, horizon]);
    const error = output.mul(plane(gain)).add(plane(base)).sub(plane(target)).mul(plane(weight));
    let count = 0;
    for (const w of weight) if (w > 0) count++;
    const loss = error.square().sum().div(Math.max(1, count));
    const penalty = training ? this.#network.penalty?.() : undefined;
    return penalty === undefined ? loss : loss.add(penalty);
  }

  #batch(list: readonly Example[]): Batch {
    const { horizon } = this.#spec;
    const { steps } = this.#reader.shape;
    const stride = steps * featuresOf(this.#reader.shape);
    const windows = new Float32Array(list.length * stride);
    const plane = () => new Float32Array(list.length * horizon);
    const [base, gain, target, weight] = [plane(), plane(), plane(), plane()];
    list.forEach(({ series, origin, unit }, i) => {
      this.#reader.read(series, origin, windows, i * stride);
      for (let h = 0; h < horizon; h++) {
        const step = origin + 1 + h;
        const measured = step < series.length ? (series.target[step] as number) : Number.NaN;
        const at = i * horizon + h;
        const scale = this.#reader.scaleAt(series, Math.min(step, series.length - 1));
        base[at] = scale.base / unit;
        gain[at] = scale.gain / unit;
        if (!Number.isFinite(measured) || !isActive(series, step)) continue;
        target[at] = measured / unit;
        weight[at] = 1;
      }
    });
    return { windows, base, gain, target, weight };
  }
}

/** Puts weights into a network's variables. @throws TwinergyError `NEURAL_BAD_WEIGHTS` */
export function assignWeights(tf: Tf, network: Trainable, weights: readonly Float32Array[]): void {
  network.variables.forEach((variable, i) => {
    const data = weights[i];
    if (data?.length !== variable.size) {
      throw new TwinergyError(
        'NEURAL_BAD_WEIGHTS',
        `Weights ${i} have ${data?.length} numbers, the network ${variable.size}.`,
      );
    }
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
  });
}

function examples(pool: readonly Series[], spec: EngineSpec, steps: number, part: 'learn' | 'check'): Example[] {
  const list: Example[] = [];
  pool.forEach((series, p) => {
    const cut = spec.holdout[p] as number;
    const from = part === 'learn' ? Math.min(steps, Math.floor(cut / 3)) : cut;
    const to = part === 'learn' ? cut : series.length;
    const unit = deviation(series, cut);
    for (let origin = from - 1; origin + spec.horizon < to; origin++) {
      if (origin >= 0 && isActive(series, origin)) list.push({ series, origin, unit });
    }
  });
  return list;
}
