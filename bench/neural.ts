import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { Random } from '../src/core/random.js';
import { LstmNetwork, TransformerNetwork } from '../src/models/neural/index.js';
import { lstmWeights, trainableLstm } from '../src/models/neural/lstm-training.js';
import { patchCount } from '../src/models/neural/transformer-network.js';
import { type Figures, interleaved, type RunInput } from './harness.js';
import { onnxLstm } from './neural/onnx.js';

const STEPS = 24;
const INPUTS = 3;
const OUTPUTS = 6;
const UNITS = 50;
const BATCH = 32;

/**
 * One prediction of the default LSTM (2 × 50 cells, 24 steps of 3 inputs) and of the default Transformer with our kernels,
 * and the same LSTM with what a user would take else: TensorFlow.js as is, and onnxruntime-web. Times in ms.
 */
export default async function neural({ say }: RunInput): Promise<Figures> {
  const tf = await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-wasm');
  const ort = await import('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  await tf.setBackend('cpu');

  const random = new Random(1);
  const normals = (length: number, scale: number) => Float32Array.from({ length }, () => scale * random.normal());
  const flat = [
    [INPUTS, 4 * UNITS],
    [UNITS, 4 * UNITS],
    [4 * UNITS],
    [UNITS, 4 * UNITS],
    [UNITS, 4 * UNITS],
    [4 * UNITS],
    [UNITS, OUTPUTS],
    [OUTPUTS],
  ].map((shape) => ({
    shape,
    data: normals(
      shape.reduce((a, b) => a * b, 1),
      0.15,
    ),
  }));
  const weights = lstmWeights(flat.map(({ data }) => data));
  const window = normals(STEPS * INPUTS, 1);

  const layer = (returnSequences: boolean) =>
    tf.layers.lstm({
      units: UNITS,
      returnSequences,
      recurrentActivation: 'sigmoid',
      recurrentInitializer: 'zeros',
      inputShape: [STEPS, INPUTS],
    });
  const model = tf.sequential({ layers: [layer(true), layer(false), tf.layers.dense({ units: OUTPUTS })] });
  model.setWeights(flat.map(({ shape, data }) => tf.tensor(data, shape)));
  const framework = async () => {
    const input = tf.tensor3d(window, [1, STEPS, INPUTS]);
    const output = model.predict(input) as ReturnType<typeof tf.tensor>;
    const values = await output.data();
    input.dispose();
    output.dispose();
    return values;
  };
  const session = await ort.InferenceSession.create(onnxLstm(weights, STEPS), { executionProviders: ['wasm'] });
  const peer = async () => {
    const { y } = await session.run({ x: new ort.Tensor('float32', window, [STEPS, 1, INPUTS]) });
    return y?.data as Float32Array;
  };

  const own = new LstmNetwork(weights, STEPS);
  const scalar = new LstmNetwork(weights, STEPS, 'js');
  const expected = await framework();
  const difference = (values: ArrayLike<number>) =>
    Math.max(...Array.from(values, (value, i) => Math.abs(value - (expected[i] as number))));
  const diffs = [difference(own.predict(window)), difference(scalar.predict(window))];
  const peerDifference = difference(await peer());
  say(`kernels: ${own.kind}; onnxruntime-web differs from TensorFlow.js by ${peerDifference.toExponential(1)}`);

  const sizes = { steps: 336, patch: 16, stride: 8, width: 16, heads: 4, hidden: 32, layers: 2, outputs: 96 };
  const transformer = new TransformerNetwork(sizes, transformerWeights(sizes, normals));
  const day = normals(sizes.steps, 1);
  const out = new Float32Array(OUTPUTS);
  const ahead = new Float32Array(sizes.outputs);
  const repeat = (count: number, work: () => unknown) => async () => {
    for (let i = 0; i < count; i++) await work();
  };
  const batch = (count: number, work: () => unknown) => () => {
    for (let i = 0; i < count; i++) work();
  };
  const backends = ['cpu', 'wasm'] as const;
  const times = await interleaved({
    own: batch(1000, () => own.predict(window, out)),
    js: batch(400, () => scalar.predict(window, out)),
    push: batch(5000, () => own.push(window.subarray(0, INPUTS), out)),
    transformer: batch(100, () => transformer.predict(day, ahead)),
    ort: repeat(300, peer),
    ...Object.fromEntries(
      backends.map((backend) => [
        `tfjs_${backend}`,
        async () => {
          await tf.setBackend(backend);
          await repeat(5, framework)();
        },
      ]),
    ),
  });
  const per = (name: string, count: number) => (times[name] as number) / count;
  const tfjs = Math.min(per('tfjs_cpu', 5), per('tfjs_wasm', 5));
  const lstm = per('own', 1000);
  return {
    lstm_predict_ms: lstm,
    lstm_js_predict_ms: per('js', 400),
    lstm_push_ms: per('push', 5000),
    lstm_tfjs_ms: tfjs,
    lstm_tfjs_ratio: tfjs / lstm,
    lstm_ort_ms: per('ort', 300),
    lstm_ort_ratio: per('ort', 300) / lstm,
    transformer_predict_ms: per('transformer', 100),
    max_abs_diff: Math.max(...diffs),
    ...(await trainingSteps(tf, normals)),
    ...(await runtimeSizes()),
  };
}

type Sizes = ConstructorParameters<typeof TransformerNetwork>[0];

/** Random weights in the order in which training keeps them. */
function transformerWeights(sizes: Sizes, normals: (length: number, scale: number) => Float32Array): Float32Array[] {
  const { steps, patch, width, hidden, layers, outputs } = sizes;
  const tokens = patchCount(sizes);
  const block = [width, width, width * 3 * width, 3 * width, width * width, width, width, width];
  const ends = [width * hidden, hidden, hidden * width, width];
  const lengths = [patch * width, width, tokens * width];
  for (let i = 0; i < layers; i++) lengths.push(...block, ...ends);
  lengths.push(width, width, tokens * width * outputs, outputs, steps * outputs);
  return lengths.map((length) => normals(length, 0.1));
}

/** ms of one training step (batch of 32) of the default LSTM, by backend. */
async function trainingSteps(
  tf: typeof import('@tensorflow/tfjs'),
  normals: (length: number, scale: number) => Float32Array,
): Promise<Record<string, number>> {
  const result: Record<string, number> = {};
  for (const backend of ['cpu', 'wasm'] as const) {
    await tf.setBackend(backend);
    const network = trainableLstm(tf, { inputs: INPUTS, units: [UNITS, UNITS], outputs: OUTPUTS }, 1);
    const optimizer = tf.train.adam(1e-3);
    const windows = tf.tensor3d(normals(BATCH * STEPS * INPUTS, 1), [BATCH, STEPS, INPUTS]);
    const target = tf.tensor2d(normals(BATCH * OUTPUTS, 1), [BATCH, OUTPUTS]);
    const step = async () => {
      const cost = optimizer.minimize(
        () => network.forward(windows, true).sub(target).square().mean().asScalar(),
        true,
        [...network.variables],
      );
      await cost?.data();
      cost?.dispose();
    };
    await step();
    const times = await interleaved({
      step: async () => {
        for (let i = 0; i < 3; i++) await step();
      },
    });
    result[`lstm_train_step_ms_${backend}`] = (times.step as number) / 3;
    for (const tensor of [windows, target, ...network.variables]) tensor.dispose();
  }
  return result;
}

/** What a page loads to run the LSTM, gzipped: our kernels; onnxruntime-web's script and WebAssembly; TensorFlow.js. */
async function runtimeSizes(): Promise<Record<string, number>> {
  const bundled = await build({
    stdin: {
      contents: "export { LstmNetwork } from './src/models/neural/lstm-network.ts';",
      resolveDir: process.cwd(),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  const kb = (...parts: Uint8Array[]) => parts.reduce((sum, part) => sum + gzipSync(part).length, 0) / 1024;
  const require = createRequire(import.meta.url);
  const dist = dirname(require.resolve('onnxruntime-web'));
  const tfjs = dirname(require.resolve('@tensorflow/tfjs/package.json'));
  return {
    runtime_kb: kb(...bundled.outputFiles.map(({ contents }) => contents)),
    ort_runtime_kb: kb(
      readFileSync(join(dist, 'ort.wasm.min.js')),
      readFileSync(join(dist, 'ort-wasm-simd-threaded.wasm')),
    ),
    tfjs_runtime_kb: kb(readFileSync(join(tfjs, 'dist/tf.min.js'))),
  };
}
