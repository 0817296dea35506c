// Loaded when a visitor asks for it: the page pays for TensorFlow.js only then.
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { Forecaster, type Frame } from 'twinergy';
import { type EpochReport, lstm } from 'twinergy/models/neural';

/** What a training tells on its way. */
export interface TrainingNews {
  readonly onEpoch: (report: EpochReport) => void;
  readonly onPhase: (phase: string) => void;
  readonly onBackend: (backend: string) => void;
  readonly signal: AbortSignal;
}

const wasmPaths = {
  'tfjs-backend-wasm.wasm': new URL(wasm, location.href).href,
  'tfjs-backend-wasm-simd.wasm': new URL(wasmSimd, location.href).href,
  'tfjs-backend-wasm-threaded-simd.wasm': new URL(wasmThreads, location.href).href,
};

/** Trains the default LSTM on a year of hourly power in a worker of its own; gives the next day. */
export async function trainLstm(year: Frame, max: number, news: TrainingNews): Promise<Frame> {
  const worker = new Worker(new URL('./worker/neural.ts', import.meta.url), { type: 'module', name: 'neural' });
  try {
    const engine = lstm({
      worker,
      wasmPaths,
      epochs: 12,
      stepsPerEpoch: 60,
      onEpoch: news.onEpoch,
      onBackend: news.onBackend,
    });
    const forecaster = await new Forecaster({ engine, levels: [80], seed: 1 }).fitAsync(year, {
      target: 'acPower',
      horizon: '24h',
      clearSky: 'clearSky',
      max,
      signal: news.signal,
      onProgress: ({ phase, done, total }) => news.onPhase(`${phase}, ${Math.round((100 * done) / total)} %`),
    });
    return forecaster.predict();
  } finally {
    worker.terminate();
  }
}
