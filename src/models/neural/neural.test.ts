import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import { Forecaster } from '../forecaster.js';
import {
  LstmNetwork,
  lstm,
  readTfjsLstm,
  serveNeuralFits,
  TransformerNetwork,
  tensorFlowServing,
  transformer,
} from './index.js';
import { lstmWeights, trainableLstm } from './lstm-training.js';
import { trainableTransformer } from './transformer-training.js';

const random = new Random(3);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const HOUR = 36e5;

/** A daily wave with noise. */
function wave(days: number): Frame {
  const n = days * 24;
  const time = Float64Array.from({ length: n }, (_, i) => i * HOUR);
  const data = time.map((_, i) => 10 + 3 * Math.sin((2 * Math.PI * i) / 24) + 0.3 * random.normal());
  return new Frame(time, { load: { data, unit: 'kW' } });
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));
}

describe('inference kernels', () => {
  it.each(['wasm', 'js'] as const)('%s: the LSTM is equal to that of TensorFlow.js', async (kind) => {
    await tf.setBackend('cpu');
    for (const gates of ['sigmoid', 'hardSigmoid'] as const) {
      const model = tf.sequential({
        layers: [
          tf.layers.lstm({
            units: 7,
            returnSequences: true,
            inputShape: [12, 3],
            recurrentActivation: gates,
            recurrentInitializer: 'zeros',
          }),
          tf.layers.lstm({ units: 13, recurrentActivation: gates, recurrentInitializer: 'zeros' }),
          tf.layers.dense({ units: 5 }),
        ],
      });
      model.setWeights(
        model.getWeights().map((weight) =>
          tf.tensor(
            normals(weight.size).map((x) => x / 3),
            weight.shape,
          ),
        ),
      );
      const flat = model.getWeights().map((weight) => weight.dataSync() as Float32Array);
      const network = new LstmNetwork({ ...lstmWeights(flat), gates }, 12, kind);
      expect(network.kind).toBe(kind);
      const window = normals(36);
      const expected = (model.predict(tf.tensor3d(window, [1, 12, 3])) as tf.Tensor).dataSync();
      expect(difference(network.predict(window), expected)).toBeLessThan(1e-5);
      // Reading by reading, the state carries what the window carries.
      network.reset();
      let last = new Float32Array(5);
      for (let t = 0; t < 12; t++) last = network.push(window.subarray(3 * t, 3 * t + 3)) as Float32Array<ArrayBuffer>;
      expect(difference(last, expected)).toBeLessThan(1e-5);
    }
  });

  it.each(['wasm', 'js'] as const)('%s: the Transformer is equal to that of TensorFlow.js', async (kind) => {
    await tf.setBackend('cpu');
    for (const steps of [96, 100]) {
      const sizes = { steps, patch: 16, stride: 8, width: 12, heads: 3, hidden: 20, layers: 2, outputs: 24 };
      const trained = trainableTransformer(tf, sizes, 1, { dropout: 0.3, decay: 0, start: null });
      for (const variable of trained.variables) {
        variable.assign(
          tf.tensor(
            normals(variable.size).map((x) => x / 5),
            variable.shape,
          ),
        );
      }
      const weights = trained.variables.map((variable) => variable.dataSync() as Float32Array);
      const window = normals(steps);
      const expected = trained.forward(tf.tensor3d(window, [1, steps, 1]), false).dataSync();
      expect(difference(new TransformerNetwork(sizes, weights, kind).predict(window), expected)).toBeLessThan(1e-5);
    }
  });

  it('is what training computes', async () => {
    await tf.setBackend('cpu');
    const sizes = { inputs: 3, units: [6, 9], outputs: 4 };
    const trained = trainableLstm(tf, sizes, 5);
    const window = normals(30);
    const expected = trained.forward(tf.tensor3d(window, [1, 10, 3]), false).dataSync();
    const weights = trained.variables.map((variable) => variable.dataSync() as Float32Array);
    expect(difference(new LstmNetwork(lstmWeights(weights), 10).predict(window), expected)).toBeLessThan(1e-5);
  });

  it('refuses weights that do not fit', () => {
    expect(
      () => new LstmNetwork(lstmWeights([normals(24), normals(7), normals(8), normals(2), normals(1)]), 4),
    ).toThrow(/recurrent weights/);
    expect(
      () =>
        new TransformerNetwork(
          { steps: 8, patch: 4, stride: 4, width: 4, heads: 2, hidden: 4, layers: 1, outputs: 2 },
          [],
        ),
    ).toThrow(/Weights 0/);
  });
});

describe('models from elsewhere', () => {
  it('takes over an LSTM in the tfjs format', async () => {
    await tf.setBackend('cpu');
    const model = tf.sequential({
      layers: [
        tf.layers.lstm({ units: 5, returnSequences: true, inputShape: [6, 2], recurrentInitializer: 'zeros' }),
        tf.layers.lstm({ units: 4, recurrentInitializer: 'zeros' }),
        tf.layers.dense({ units: 3 }),
      ],
    });
    model.setWeights(model.getWeights().map((weight) => tf.tensor(normals(weight.size), weight.shape)));
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } };
      }),
    );
    const json = {
      modelTopology: saved?.modelTopology,
      weightsManifest: [{ paths: ['weights.bin'], weights: saved?.weightSpecs }],
    };
    const weights = readTfjsLstm(JSON.parse(JSON.stringify(json)), saved?.weightData as ArrayBuffer);
    const window = normals(12);
    const expected = (model.predict(tf.tensor3d(window, [1, 6, 2])) as tf.Tensor).dataSync();
    expect(difference(new LstmNetwork(weights, 6).predict(window), expected)).toBeLessThan(1e-5);
    expect(() => readTfjsLstm({ ...json, modelTopology: {} }, new ArrayBuffer(0))).toThrow(/no layers/);
    expect(() => readTfjsLstm(JSON.parse(JSON.stringify(json)), new ArrayBuffer(8))).toThrow(/weight data end/);
    expect(() => readTfjsLstm('model', new ArrayBuffer(8))).toThrow(/no model.json/);
  });

  it('asks TensorFlow Serving, and says what went wrong there', async () => {
    const asked: string[] = [];
    let status = 200;
    const engine = tensorFlowServing({
      url: 'http://127.0.0.1:8501/',
      model: 'load',
      version: 3,
      window: 24,
      fetch: async (url, init) => {
        asked.push(url);
        const { instances } = JSON.parse(init.body as string) as { instances: number[][][] };
        // A day back, as a seasonal naive model would say.
        const predictions = instances.map((window) => window.slice(0, 6).flat());
        return { ok: status === 200, status, json: async () => ({ predictions }), text: async () => 'busy' };
      },
    });
    const forecaster = await new Forecaster({ engine }).fitAsync(wave(20), { target: 'load', horizon: '6h' });
    const frame = await forecaster.predictAsync();
    expect(frame.column('upper95')[0]).toBeGreaterThan(frame.column('mean')[0] as number);
    expect(asked[0]).toBe('http://127.0.0.1:8501/v1/models/load/versions/3:predict');
    expect(() => forecaster.predict()).toThrow(/predictAsync/);
    status = 503;
    await expect(forecaster.predictAsync()).rejects.toThrow(/503.*busy/);
  });
});

describe('neural engines', () => {
  const task = { target: 'load', horizon: '6h' } as const;

  it.each([
    ['lstm', lstm],
    ['transformer', transformer],
  ] as const)('%s: learns, reports, goes on from weights, and survives JSON', async (name, make) => {
    const frame = wave(40);
    const losses: number[] = [];
    let weights: readonly Float32Array[] = [];
    const engine = make({
      backend: 'cpu',
      epochs: 2,
      stepsPerEpoch: 8,
      batch: 16,
      learningRate: 0.01,
      onEpoch: (epoch) => {
        losses.push(epoch.heldOutLoss);
        weights = epoch.weights;
      },
      ...{ units: [8], window: 12 },
    });
    const steps: string[] = [];
    const forecaster = await new Forecaster({ engine }).fitAsync(frame, {
      ...task,
      onProgress: ({ phase }) => steps.push(phase),
    });
    // The Transformer begins as a good linear model, so its first epochs may make it worse.
    if (name === 'lstm') expect(losses[1]).toBeLessThan(losses[0] as number);
    else expect(losses[0]).toBeLessThan(0.2);
    expect(steps.filter((phase) => phase.startsWith('epoch')).length).toBe(16);
    const forecast = forecaster.predict();
    expect(forecast.column('mean').every(Number.isFinite)).toBe(true);
    const copy = Forecaster.fromJSON(JSON.parse(JSON.stringify(forecaster)), { engine });
    expect([...copy.predict().rows()]).toEqual([...forecast.rows()]);
    const again: number[] = [];
    const resumed = make({
      backend: 'cpu',
      epochs: 1,
      stepsPerEpoch: 1,
      learningRate: 1e-6,
      initial: weights,
      onEpoch: ({ heldOutLoss }) => again.push(heldOutLoss),
      ...{ units: [8], window: 12 },
    });
    await new Forecaster({ engine: resumed }).fitAsync(frame, task);
    expect(again[0]).toBeCloseTo(losses[losses.length - 1] as number, 2);
  });

  it('trains on another thread to the same weights, and tells of it here', async () => {
    const { port1, port2 } = new MessageChannel();
    const stop = serveNeuralFits(port2);
    try {
      const frame = wave(30);
      const options = { backend: 'cpu', units: [4], window: 12, epochs: 2, stepsPerEpoch: 3 } as const;
      const epochs: number[] = [];
      const backends: string[] = [];
      const engine = lstm({
        ...options,
        worker: port1,
        onEpoch: ({ epoch }) => epochs.push(epoch),
        onBackend: (backend) => backends.push(backend),
      });
      const there = await new Forecaster({ engine }).fitAsync(frame, task);
      const here = await new Forecaster({ engine: lstm(options) }).fitAsync(frame, task);
      expect([...there.predict().rows()]).toEqual([...here.predict().rows()]);
      expect(epochs).toEqual([1, 2]);
      expect(backends).toEqual(['cpu']);
    } finally {
      stop();
      port1.close();
    }
  });

  it('can be aborted in the middle', async () => {
    const abort = new AbortController();
    const engine = lstm({ backend: 'cpu', units: [4], epochs: 50 });
    const work = new Forecaster({ engine }).fitAsync(wave(30), {
      ...task,
      signal: abort.signal,
      onProgress: ({ done }) => done > 2 && abort.abort(),
    });
    await expect(work).rejects.toThrow(/aborted/);
  });
});
