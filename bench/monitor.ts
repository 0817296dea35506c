import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, type Reading } from '../src/core/index.js';
import { Monitor } from '../src/monitor/index.js';
import { memoryStorage, type Storage } from '../src/storage/index.js';
import { sqliteStorage } from '../src/storage/sqlite/index.js';
import { DigitalTwin, examplePlant } from '../src/twin/index.js';
import { type Figures, median, type RunInput } from './harness.js';

const START = Date.UTC(2026, 5, 1, 6);
const DAY = 86_400_000;
/** Readings of one `ingest`: a beat of the source over many assets. */
const BATCH = 1000;

/** A day's telemetry of one plant, which all assets of the fleet repeat under their own name. */
function dayOf(step: string, days: number, from = START): Reading[] {
  const { telemetry } = new DigitalTwin(examplePlant('home')).simulate({ from, days, step, seed: 5 });
  return [...telemetry.rows()].map(({ time, values }) => ({
    assetId: 'home',
    time,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
  }));
}

/** A fleet with its models, all of one kind. */
async function fleet(assets: number, storage: Storage): Promise<{ monitor: Monitor; ids: string[] }> {
  const ids = Array.from({ length: assets }, (_, i) => `plant-${i}`);
  const monitor = new Monitor({
    assets: ids.map((id) => examplePlant('home', id)),
    storage,
    models: { soundDays: 12, fleet: 8 },
    clock: new ManualClock(START + 400 * DAY),
  });
  await monitor.train();
  return { monitor, ids };
}

/** Beats of a fleet in the order of time, made beforehand so that making them is not measured. */
function* beats(ids: readonly string[], rows: readonly Reading[]): Generator<Reading[]> {
  let batch: Reading[] = [];
  for (const row of rows) {
    for (const assetId of ids) {
      batch.push({ ...row, assetId });
      if (batch.length === BATCH) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

/** Readings a second through all stages: rounds of so many readings, the median of them. */
async function throughput(monitor: Monitor, batches: readonly Reading[][], rounds: number): Promise<number> {
  const rates: number[] = [];
  const size = Math.floor(batches.length / rounds);
  for (let round = 0; round < rounds; round++) {
    const part = batches.slice(round * size, (round + 1) * size);
    const readings = part.reduce((sum, { length }) => sum + length, 0);
    const start = performance.now();
    for (const batch of part) await monitor.ingest(batch);
    rates.push(readings / ((performance.now() - start) / 1000));
  }
  return median(rates);
}

/** Throughput over 3 days of 15 minutes' step of so many assets, the first of which warms up: forecasts run from then on. */
async function run(
  assets: number,
  storage: Storage,
  readings: number,
): Promise<{ rate: number; monitor: Monitor; ids: string[] }> {
  const { monitor, ids } = await fleet(assets, storage);
  const rows = dayOf('15m', 1).slice(0, Math.ceil(readings / assets));
  const batches = [...beats(ids, rows)];
  const warm = Math.max(1, Math.floor(batches.length / 4));
  for (const batch of batches.slice(0, warm)) await monitor.ingest(batch);
  return { rate: await throughput(monitor, batches.slice(warm), 3), monitor, ids };
}

/** Latency of single readings at half the rate that was measured, sent by the clock. */
async function latency(monitor: Monitor, ids: readonly string[], rate: number, seconds: number): Promise<number> {
  const rows = dayOf('5m', 2, START + 2 * DAY);
  const waits: number[] = [];
  const began = performance.now();
  const pending: Promise<unknown>[] = [];
  let sent = 0;
  while (performance.now() - began < seconds * 1000) {
    // What is due by now, as single readings: a source does not wait for the answer to the one before.
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    while (sent < due) {
      const row = rows[Math.floor(sent / ids.length) % rows.length] as Reading;
      const asked = performance.now();
      pending.push(
        monitor.ingest({ ...row, assetId: ids[sent % ids.length] as string }).then(() => {
          waits.push(performance.now() - asked);
        }),
      );
      sent++;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(pending);
  waits.sort((a, b) => a - b);
  return waits[Math.floor(waits.length * 0.99)] as number;
}

/** Heap that an asset's state takes, models and store not counted. */
async function bytesPerAsset(assets: number): Promise<number> {
  const storage = await memoryStorage();
  const { monitor: small } = await fleet(1, storage);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const { monitor, ids } = await fleet(assets, await memoryStorage());
  globalThis.gc?.();
  const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  await small.close();
  if (ids.length !== monitor.assetIds.length) throw new Error('an asset is missing');
  return (after - before) / assets;
}

/** One asset for a year at 5 minutes, with forecasts. */
async function yearReplay(): Promise<number> {
  const year = dayOf('5m', 365, Date.UTC(2025, 5, 1));
  const storage = await memoryStorage();
  const monitor = new Monitor({
    assets: [examplePlant('home')],
    storage,
    models: { soundDays: 12, fleet: 8 },
    clock: new ManualClock(START + 400 * DAY),
  });
  await monitor.train();
  const start = performance.now();
  for (let i = 0; i < year.length; i += BATCH) {
    await monitor.ingest(year.slice(i, i + BATCH));
    // As a live run does: the forecaster is fitted when three days are there.
    if (i === BATCH) await monitor.fitForecaster('home');
  }
  return (performance.now() - start) / 1000;
}

/** The monitor with all stages: throughput, latency, memory, growth, a year's replay. */
export default async function bench({ say, options }: RunInput): Promise<Figures> {
  const quick = options.quick === true;
  const readings = quick ? 12_000 : 60_000;
  const memory = await run(1000, await memoryStorage(), readings);
  say(`memory store: ${Math.round(memory.rate)} readings/s`);
  const p99 = await latency(memory.monitor, memory.ids, Math.min(10_000, memory.rate / 2), quick ? 1 : 5);
  const stages = memory.monitor.metrics().stages;
  for (const [name, { p50 }] of Object.entries(stages)) say(`  ${name}: ${((p50 ?? 0) * 1000).toFixed(1)} µs`);
  await memory.monitor.close();
  const folder = mkdtempSync(join(tmpdir(), 'twinergy-bench-'));
  const file = await sqliteStorage(join(folder, 'bench.db'));
  const sqlite = await run(1000, file, quick ? 8000 : 40_000);
  await sqlite.monitor.close();
  await file.close();
  rmSync(folder, { recursive: true, force: true });
  say(`SQLite file: ${Math.round(sqlite.rate)} readings/s`);
  const large = await run(10_000, await memoryStorage(), quick ? 40_000 : 80_000);
  await large.monitor.close();
  return {
    readings_per_s: Math.round(memory.rate),
    readings_per_s_sqlite: Math.round(sqlite.rate),
    p99_ms: p99,
    bytes_per_asset: Math.round(await bytesPerAsset(quick ? 500 : 2000)),
    growth_10x: memory.rate / large.rate,
    year_replay_s: await yearReplay(),
  };
}
