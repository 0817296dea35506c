import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';

const browser = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** In the worker: the default LSTM on a year of hourly power. */
const worker = `
import { Frame, Forecaster } from './src/index.ts';
import { lstm } from './src/models/neural/index.ts';
const hours = 8760;
const time = Float64Array.from({ length: hours }, (_, i) => Date.UTC(2025, 0, 1) + i * 36e5);
const clear = (t) => Math.max(0, 5000 * Math.sin(Math.PI * (((t / 36e5) % 24) - 6) / 12));
const power = time.map((t, i) => clear(t) * (0.6 + 0.3 * Math.sin(i / 40)));
const frame = new Frame(time, { acPower: { data: power, unit: 'W' } });
const engine = lstm({ epochs: 1, stepsPerEpoch: 8, wasmPaths: '/', onBackend: (backend) => postMessage({ backend }) });
new Forecaster({ engine })
  .fitAsync(frame, { target: 'acPower', horizon: '6h', clearSky: clear, onProgress: ({ phase, done, total }) => postMessage({ phase, done, total }) })
  .then((forecaster) => postMessage({ mean: [...forecaster.predict().column('mean')] }))
  .catch((error) => postMessage({ error: String(error) }));
`;

/** In the page: starts the worker and watches how long the main thread is ever kept from answering. */
const page = `
window.result = new Promise((resolve) => {
  let longest = 0, steps = 0, backend = '';
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longest = Math.max(longest, duration); })
    .observe({ type: 'longtask' });
  const worker = new Worker('/worker.js');
  worker.onerror = ({ message }) => resolve({ error: message });
  worker.onmessage = ({ data }) => {
    if (data.phase?.startsWith('epoch')) steps++;
    if (data.backend) backend = data.backend;
    if (data.mean || data.error) resolve({ ...data, longest, steps, backend });
  };
});
`;

it.skipIf(!existsSync(browser) && process.env.CI === undefined)(
  'the default LSTM trains on a year of hourly data in a worker, and the page stays responsive',
  { timeout: 180_000, retry: 1 },
  async () => {
    const root = process.cwd();
    const bundle = await build({
      stdin: { contents: worker, resolveDir: root, loader: 'ts' },
      bundle: true,
      format: 'iife',
      write: false,
      logLevel: 'silent',
      external: ['ml-random-forest'],
      // The browser builds of the peers, without the parts for Node.
      platform: 'browser',
      mainFields: ['browser', 'module', 'main'],
    });
    const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
    const files = new Map<string, [type: string, body: Uint8Array | string]>([
      ['/', ['text/html', '<!doctype html><script src="/page.js"></script>']],
      ['/page.js', ['text/javascript', page]],
      ['/worker.js', ['text/javascript', bundle.outputFiles[0]?.contents ?? '']],
    ]);
    const server = createServer(({ url = '/' }, response) => {
      const name = /^\/(tfjs-backend-wasm[\w-]*\.wasm)$/.exec(url)?.[1];
      const [type, body] =
        name === undefined ? (files.get(url) ?? []) : ['application/wasm', readFileSync(join(wasm, 'dist', name))];
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': type ?? 'text/plain' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const chrome = await chromium.launch({
      executablePath: browser,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const tab = await chrome.newPage();
      await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const result = await tab.evaluate<{
        error?: string;
        mean?: number[];
        longest: number;
        steps: number;
        backend: string;
      }>('window.result');
      expect(result.error).toBeUndefined();
      expect(result.steps).toBe(8);
      expect(result.mean?.every(Number.isFinite)).toBe(true);
      expect(result.longest).toBeLessThanOrEqual(100);
      expect(['wasm', 'webgl', 'webgpu', 'cpu']).toContain(result.backend);
    } finally {
      await chrome.close();
      server.close();
    }
  },
);
