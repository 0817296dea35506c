import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { chromiumPath, inChromium } from './chromium.mjs';

/** What the page reports of the training. */
interface Training {
  readonly error?: string;
  readonly mean?: number[];
  readonly longest: number;
  readonly steps: number;
  readonly backend: string;
  readonly epochs: number[];
}

/** The worker: two lines, as the guide says. */
const worker = `
import { serveNeuralFits } from './src/models/neural/index.ts';
serveNeuralFits(self);
`;

/** In the page: trains the default LSTM on a year of hourly power and watches how long the main thread is ever kept busy. */
const page = `
import { Frame, Forecaster } from './src/index.ts';
import { lstm } from './src/models/neural/index.ts';
window.result = (async () => {
  let longest = 0, steps = 0, backend = '';
  const epochs = [];
  const hours = 8760;
  const time = Float64Array.from({ length: hours }, (_, i) => Date.UTC(2025, 0, 1) + i * 36e5);
  const clear = (t) => Math.max(0, 5000 * Math.sin(Math.PI * (((t / 36e5) % 24) - 6) / 12));
  const power = time.map((t, i) => clear(t) * (0.6 + 0.3 * Math.sin(i / 40)));
  const frame = new Frame(time, { acPower: { data: power, unit: 'W' } });
  // From here on: what the page does before is its own.
  await new Promise((resolve) => setTimeout(resolve, 200));
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longest = Math.max(longest, duration); })
    .observe({ type: 'longtask' });
  const engine = lstm({
    epochs: 1,
    stepsPerEpoch: 8,
    wasmPaths: '/',
    worker: new Worker('/worker.js'),
    onBackend: (name) => { backend = name; },
    onEpoch: ({ heldOutLoss }) => epochs.push(heldOutLoss),
  });
  const forecaster = await new Forecaster({ engine }).fitAsync(frame, {
    target: 'acPower', horizon: '6h', clearSky: clear,
    onProgress: ({ phase }) => { if (phase.startsWith('epoch')) steps++; },
  });
  return { mean: [...forecaster.predict().column('mean')], longest, steps, backend, epochs };
})().catch((error) => ({ error: String(error) }));
`;

it.skipIf(chromiumPath === undefined && process.env.CI === undefined)(
  'the default LSTM trains on a year of hourly data in a worker, and the page stays responsive',
  { timeout: 180_000, retry: 1 },
  async () => {
    const root = process.cwd();
    const bundle = async (contents: string) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: root, loader: 'ts' },
        bundle: true,
        format: 'iife',
        write: false,
        logLevel: 'silent',
        external: ['ml-random-forest', 'mathjs', 'nodemailer', 'mqtt'],
        // The browser builds of the peers, without the parts for Node.
        platform: 'browser',
        mainFields: ['browser', 'module', 'main'],
      });
      return outputFiles[0]?.contents ?? '';
    };
    const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
    const files = new Map<string, [type: string, body: Uint8Array | string]>([
      ['/', ['text/html', '<!doctype html><script src="/page.js"></script>']],
      ['/page.js', ['text/javascript', await bundle(page)]],
      ['/worker.js', ['text/javascript', await bundle(worker)]],
    ]);
    const serve = (url: string): readonly [string, Uint8Array | string] | undefined => {
      const name = /^\/(tfjs-backend-wasm[\w-]*\.wasm)$/.exec(url)?.[1];
      return name === undefined ? files.get(url) : ['application/wasm', readFileSync(join(wasm, 'dist', name))];
    };
    const result = await inChromium(serve, (tab) => tab.evaluate<Training>('window.result'));
    expect(result.error).toBeUndefined();
    expect(result.steps).toBe(8);
    expect(result.epochs).toEqual([expect.any(Number)]);
    expect(result.mean?.every(Number.isFinite)).toBe(true);
    expect(result.longest).toBeLessThanOrEqual(100);
    expect(['wasm', 'webgl', 'webgpu', 'cpu']).toContain(result.backend);
  },
);
