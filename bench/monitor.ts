import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ManualClock, type Reading } from '../src/core/index.js';
import { Monitor } from '../src/monitor/index.js';
import { memoryStorage, type Storage } from '../src/storage/index.js';
import { sqliteStorage } from '../src/storage/sqlite/index.js';
import { DigitalTwin, examplePlant } from '../src/twin/index.js';
import { type Figures, median, type RunInput } from './harness.js';

const START = Date.UTC(2026, 5, 1, 6);
const DAY = 86_400_000;
/** Time between two looks of the source at the clock, ms. */
const BEAT = 0.05;
/** Readings of one `ingest`: a beat of the source over many assets. */
const BATCH = 1000;

/** Telemetry of one plant under weather of its own. */
function telemetryOf(step: string, days: number, from: number, seed: number): Reading[] {
  const { telemetry } = new DigitalTwin(examplePlant('home')).simulate({ from, days, step, seed });
  return [...telemetry.rows()].map(({ time, values }) => ({
    assetId: 'home',
    time,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
  }));
}

/** So many courses of telemetry the fleet's assets share: were it one, each event would come to all of them in one instant. */
const COURSES = 16;

/** Each course's readings; asset `i` takes course `i % COURSES`. */
function coursesOf(step: string, days: number, from = START): Reading[][] {
  return Array.from({ length: COURSES }, (_, i) => telemetryOf(step, days, from, 5 + i));
}

/** The reading of asset `i` at step `k`, under its own name. */
function readingOf(courses: readonly Reading[][], ids: readonly string[], i: number, k: number): Reading {
  return { ...(courses[i % COURSES]?.[k] as Reading), assetId: ids[i] as string };
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
function* beats(ids: readonly string[], courses: readonly Reading[][], rows: number): Generator<Reading[]> {
  let batch: Reading[] = [];
  for (let k = 0; k < rows; k++) {
    for (let i = 0; i < ids.length; i++) {
      batch.push(readingOf(courses, ids, i, k));
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

/** Throughput over so many steps of 15 minutes of each asset, the first quarter of which warms up. */
async function run(
  assets: number,
  storage: Storage,
  steps: number,
): Promise<{ rate: number; monitor: Monitor; ids: string[] }> {
  const { monitor, ids } = await fleet(assets, storage);
  const batches = [...beats(ids, coursesOf('15m', 1), steps)];
  const warm = Math.max(1, Math.floor(batches.length / 4));
  for (const batch of batches.slice(0, warm)) await monitor.ingest(batch);
  return { rate: await throughput(monitor, batches.slice(warm), 3), monitor, ids };
}

/**
 * Latency of single readings, sent by the clock. Before it the fleet goes into a new day, in which each asset's remaining life is
 * judged anew: once a day, not once in these few seconds; how long that takes is told apart.
 */
async function latency(
  monitor: Monitor,
  ids: readonly string[],
  rate: number,
  seconds: number,
): Promise<{ readonly p50: number; readonly p99: number; readonly newDay: number }> {
  const courses = coursesOf('5m', 2, START + 2 * DAY);
  const midnight = performance.now();
  await monitor.ingest(ids.map((_, i) => readingOf(courses, ids, i, 0)));
  const newDay = performance.now() - midnight;
  // Room made beforehand, no promise kept, and sleep between two looks at the clock: what the measurement leaves behind, the
  // garbage collector would clear away at the readings' expense.
  const waits = new Float64Array(Math.ceil(rate * seconds));
  const began = performance.now();
  const sleep = new Int32Array(new SharedArrayBuffer(4));
  let sent = 0;
  let answered = 0;
  while (sent < waits.length) {
    // What is due by now, as single readings: a source does not wait for the answer to the one before. A reading waits from when
    // it was due, so that one that could not even be sent in time counts too.
    const due = Math.min(waits.length, Math.floor(((performance.now() - began) / 1000) * rate));
    while (sent < due) {
      const dueAt = began + (sent * 1000) / rate;
      void monitor.ingest(readingOf(courses, ids, sent % ids.length, 1 + Math.floor(sent / ids.length))).then(() => {
        waits[answered++] = performance.now() - dueAt;
      });
      sent++;
    }
    await setImmediate();
    if (answered === sent) Atomics.wait(sleep, 0, 0, BEAT);
  }
  while (answered < sent) await setImmediate();
  const sorted = waits.sort();
  return { p50: sorted[sorted.length >> 1] as number, p99: sorted[Math.floor(sorted.length * 0.99)] as number, newDay };
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
  const year = telemetryOf('5m', 365, Date.UTC(2025, 5, 1), 5);
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
  const memory = await run(1000, await memoryStorage(), quick ? 12 : 60);
  say(`memory store: ${Math.round(memory.rate)} readings/s`);
  const { p50, p99, newDay } = await latency(
    memory.monitor,
    memory.ids,
    Math.min(10_000, memory.rate / 2),
    quick ? 1 : 5,
  );
  const stages = memory.monitor.metrics().stages;
  for (const [name, { p50 }] of Object.entries(stages)) say(`  ${name}: ${((p50 ?? 0) * 1000).toFixed(1)} µs`);
  await memory.monitor.close();
  const folder = mkdtempSync(join(tmpdir(), 'twinergy-bench-'));
  const file = await sqliteStorage(join(folder, 'bench.db'));
  const sqlite = await run(1000, file, quick ? 8 : 40);
  await sqlite.monitor.close();
  await file.close();
  rmSync(folder, { recursive: true, force: true });
  say(`SQLite file: ${Math.round(sqlite.rate)} readings/s`);
  // The same hours of each asset, for a reading of noon is more work than one of the night.
  const small = await run(1000, await memoryStorage(), quick ? 4 : 24);
  await small.monitor.close();
  const large = await run(10_000, await memoryStorage(), quick ? 4 : 24);
  await large.monitor.close();
  return {
    readings_per_s: Math.round(memory.rate),
    readings_per_s_sqlite: Math.round(sqlite.rate),
    p50_ms: p50,
    p99_ms: p99,
    new_day_ms: newDay,
    bytes_per_asset: Math.round(await bytesPerAsset(quick ? 500 : 2000)),
    growth_10x: small.rate / large.rate,
    year_replay_s: await yearReplay(),
  };
}
