import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer } from '../test/running.js';

/** Slope of a least-squares line and its standard error. */
function slope(xs: readonly number[], ys: readonly number[]): { slope: number; error: number } {
  const n = xs.length;
  const mx = xs.reduce((a, b) => a + b, 0) / n;
  const my = ys.reduce((a, b) => a + b, 0) / n;
  const sxx = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
  const sxy = xs.reduce((sum, x, i) => sum + (x - mx) * ((ys[i] as number) - my), 0);
  const b = sxy / sxx;
  const rest = xs.reduce((sum, x, i) => sum + ((ys[i] as number) - my - b * (x - mx)) ** 2, 0);
  return { slope: b, error: Math.sqrt(rest / Math.max(1, n - 2) / sxx) };
}

/**
 * The whole server on an SQLite file under a steady load for so many minutes: ingest at a given rate (`--rate` readings/s),
 * people who look, live listeners. Every reading must be there at the end, memory must not climb.
 */
async function soak(options: Readonly<Record<string, unknown>>, say: (text: string) => void) {
  const minutes = Number(options.minutes ?? 30);
  const rate = Number(options.rate ?? 1000);
  const folder = mkdtempSync(join(tmpdir(), 'twinergy-soak-'));
  const unhandled: unknown[] = [];
  const hear = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', hear);
  const server = await startTestServer(['--db', join(folder, 'soak.db'), '--interval', '0'], {
    TWINERGY_STRICT: 'off',
  });
  const { call } = server;
  const ids = ['solar-1', 'solar-2', 'solar-3'];
  const begin = Date.now() - 80_000_000;
  const end = Date.now() + minutes * 60_000;
  const sent = new Map(ids.map((id) => [id, 0]));
  const memory: [minute: number, mb: number][] = [];
  let refused = 0;
  let looks = 0;
  const controller = new AbortController();
  const listener = fetch(`${server.url}/api/v1/events`, {
    headers: { authorization: `Bearer ${server.tokens.platform}` },
    signal: controller.signal,
  }).then(async ({ body }) => {
    for await (const _ of body as unknown as AsyncIterable<Uint8Array>) void _;
  });
  listener.catch(() => undefined);
  const started = Date.now();
  let nextSample = 0;
  let owed = 0;
  let last = Date.now();
  while (Date.now() < end) {
    owed += ((Date.now() - last) / 1000) * rate;
    last = Date.now();
    const batch = [];
    for (; owed >= 1 && batch.length < 1000; owed--) {
      const id = ids[batch.length % ids.length] as string;
      const n = sent.get(id) as number;
      sent.set(id, n + 1);
      batch.push({ asset_id: id, time: begin + n * 40, values: { solar_power: n % 5000, temperature: 20 + (n % 7) } });
    }
    if (batch.length > 0) {
      const { status, body } = await call('POST', '/api/v1/telemetry', { body: batch });
      if (status !== 201) refused += batch.length;
      else refused += (body as { rejected_count: number }).rejected_count;
    }
    const paths = ['/api/v1/summary', '/api/v1/assets/solar-1/series?width=300', '/api/v1/alerts', '/api/v1/latest'];
    await call('GET', paths[looks++ % paths.length] as string);
    if (Date.now() - started >= nextSample) {
      nextSample += Math.max(1000, (minutes * 60_000) / 60);
      globalThis.gc?.();
      memory.push([(Date.now() - started) / 60_000, process.memoryUsage().rss / 2 ** 20]);
      say(
        `${((Date.now() - started) / 60_000).toFixed(1)} min: ${[...sent.values()].reduce((a, b) => a + b, 0)} readings, ${memory.at(-1)?.[1].toFixed(0)} MB`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  controller.abort();
  const tenant = await server.server.fleet.find('default');
  if (tenant === undefined) throw new Error('another server keeps the tenant');
  let lost = 0;
  for (const [id, n] of sent) {
    let found = 0;
    for await (const frame of tenant.storage.stream({ assetId: id, channels: ['solarPower'] })) {
      frame.time.forEach((time, row) => {
        const k = (time - begin) / 40;
        if (Number.isInteger(k) && k >= 0 && frame.column('solarPower')[row] === k % 5000) found++;
      });
    }
    lost += n - found;
  }
  await server.server.close();
  rmSync(folder, { recursive: true, force: true });
  process.off('unhandledRejection', hear);
  // The first third warms caches up.
  const steady = memory.slice(Math.floor(memory.length / 3));
  const { slope: climb, error } = slope(
    steady.map(([x]) => x),
    steady.map(([, y]) => y),
  );
  return {
    minutes,
    readings: [...sent.values()].reduce((a, b) => a + b, 0),
    lost,
    refused,
    looks,
    unhandled_rejections: unhandled.length,
    memory_mb: steady.at(-1)?.[1] ?? 0,
    memory_slope_mb_per_min: climb,
    memory_slope_error: error,
  };
}

console.log(JSON.stringify(await soak(JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>, console.log)));
process.exit(0);
