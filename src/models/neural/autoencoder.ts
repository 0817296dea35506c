import { NotFittedError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import type { CustomDetector } from '../detectors/custom.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { availableBackends, type BackendOptions, loadTensorFlow } from './tensorflow.js';

/** Options of the autoencoder. */
export interface AutoencoderOptions extends BackendOptions {
  /** Units of the layers down to the narrowest; up again they are mirrored. Default: 2/3 and 1/3 of the columns. */
  readonly units?: readonly number[];
  /** Passes over the rows. Default 40. */
  readonly epochs?: number;
  /** Rows a step. Default 64. */
  readonly batch?: number;
  /** Step size of Adam. Default 0.005. */
  readonly learningRate?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** One dense layer: out = tanh(in · kernel + bias), the last one without tanh. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: Float64Array;
  readonly bias: Float64Array;
}

/** A fitted autoencoder as JSON data. */
export interface AutoencoderState {
  readonly layers: readonly { inputs: number; outputs: number; kernel: string; bias: string }[];
}

/**
 * A dense autoencoder as an engine: `await new AnomalyDetector({ engine: autoencoder() }).fitAsync(frame)`. Rows are
 * pressed through a narrow middle and restored; the score is the mean squared error of what comes out (Hawkins, He,
 * Williams & Baxter 2002). TensorFlow.js trains, asynchronously; scoring needs no library.
 * @param state what `toJSON` gave, to go on with a stored one
 */
export function autoencoder(options: AutoencoderOptions = {}, state?: AutoencoderState): CustomDetector {
  let layers: readonly Layer[] | undefined = state?.layers.map(({ kernel, bias, ...sizes }) => {
    return { ...sizes, kernel: unpackFloats(kernel), bias: unpackFloats(bias) };
  });
  const fitted = () => {
    if (layers === undefined) throw new NotFittedError('autoencoder');
    return layers;
  };
  return {
    name: 'autoencoder',
    async fit(rows) {
      layers = await train(rows, options);
    },
    score: ({ data, rows, columns }) =>
      Float64Array.from({ length: rows }, (_, i) => {
        const errors = squaredErrors(fitted(), data.subarray(i * columns, (i + 1) * columns));
        return errors.reduce((sum, error) => sum + error, 0) / columns;
      }),
    contributions: (row) => squaredErrors(fitted(), row),
    toJSON: (): AutoencoderState => ({
      layers: fitted().map(({ kernel, bias, inputs, outputs }) => {
        return { inputs, outputs, kernel: packFloats(kernel), bias: packFloats(bias) };
      }),
    }),
  };
}

function squaredErrors(layers: readonly Layer[], row: Float64Array): Float64Array {
  let values = row;
  layers.forEach(({ inputs, outputs, kernel, bias }, depth) => {
    const next = bias.slice();
    for (let i = 0; i < inputs; i++) {
      const x = values[i] as number;
      for (let o = 0; o < outputs; o++) next[o] = (next[o] as number) + x * (kernel[i * outputs + o] as number);
    }
    values = depth === layers.length - 1 ? next : next.map(Math.tanh);
  });
  return row.map((x, j) => (x - (values[j] as number)) ** 2);
}

async function train({ data, rows, columns }: Matrix, options: AutoencoderOptions): Promise<Layer[]> {
  const { epochs = 40, batch = 64, learningRate = 0.005, seed = 0 } = options;
  const tf = await loadTensorFlow();
  const [backend] = await availableBackends(tf, options);
  if (backend !== undefined) await tf.setBackend(backend);
  const down = options.units ?? [Math.ceil((2 * columns) / 3), Math.ceil(columns / 3)];
  const widths = [columns, ...down, ...down.slice(0, -1).reverse(), columns];
  const random = new Random(seed);
  const layers = widths.slice(1).map((outputs, depth) => {
    const inputs = widths[depth] as number;
    const limit = Math.sqrt(6 / (inputs + outputs));
    const start = Float32Array.from({ length: inputs * outputs }, () => random.uniform(-limit, limit));
    return {
      inputs,
      outputs,
      kernel: tf.variable(tf.tensor2d(start, [inputs, outputs])),
      bias: tf.variable(tf.zeros<typeof tf.Rank.R1>([outputs])),
    };
  });
  const optimizer = tf.train.adam(learningRate);
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  for (let epoch = 0; epoch < epochs; epoch++) {
    random.shuffle(order);
    for (let from = 0; from < rows; from += batch) {
      const chosen = order.subarray(from, from + batch);
      const part = new Float32Array(chosen.length * columns);
      chosen.forEach((row, i) => {
        part.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
      });
      optimizer.minimize(() => {
        const input = tf.tensor2d(part, [chosen.length, columns]);
        const output = layers.reduce((values, { kernel, bias }, depth) => {
          const next = values.matMul(kernel).add(bias);
          return (depth === layers.length - 1 ? next : next.tanh()) as typeof input;
        }, input);
        return output.sub(input).square().mean().asScalar();
      });
    }
    // The event loop gets its turn between passes.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const trained = await Promise.all(
    layers.map(async ({ inputs, outputs, kernel, bias }) => ({
      inputs,
      outputs,
      kernel: Float64Array.from(await kernel.data()),
      bias: Float64Array.from(await bias.data()),
    })),
  );
  for (const { kernel, bias } of layers) {
    kernel.dispose();
    bias.dispose();
  }
  optimizer.dispose();
  return trained;
}
