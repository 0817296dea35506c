import { beforeAll, describe, expect, it } from 'vitest';
import { outputsOf } from '../../eval/cluster-faults/outputs.js';
import { ManualClock, type Reading } from '../core/index.js';
import { memoryStorage, type Storage } from '../storage/index.js';
import { DigitalTwin, examplePlant } from '../twin/index.js';
import type { AssetState } from './asset-state.js';
import { localJobs, Monitor, modelShelf, monitorJobs, trainKinds, trialReport } from './index.js';
import { detectorCost, rowWithTestFaults } from './learning/judge.js';
import { loadPrior, type SavedPrior } from './prior-models.js';
import { ModelRegistry } from './registry/index.js';

const START = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const [rough, fine] = [
  { soundDays: 3, fleet: 0 },
  { soundDays: 30, fleet: 0 },
];
const clock = () => new ManualClock(START + 30 * DAY);
const assets = [examplePlant('home', 'a'), examplePlant('home', 'b')];
const readings: Reading[] = assets.flatMap(({ id }, i) => {
  const { telemetry } = new DigitalTwin(examplePlant('home')).simulate({
    from: START,
    days: 1.5,
    step: '10m',
    seed: 3 + i,
  });
  return [...telemetry.rows()].map(({ time, values }) => ({
    assetId: id,
    time,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
  }));
});

/** A store with models in use, and others beside them where they are given. */
async function store(current: object, shadow?: object): Promise<Storage> {
  const storage = await memoryStorage();
  const jobs = localJobs({ handlers: monitorJobs });
  for (const models of shadow === undefined ? [current] : [current, shadow])
    await trainKinds(storage, { jobs, assets, models, clock: clock() });
  return storage;
}

async function monitorOf(storage: Storage): Promise<Monitor> {
  const monitor = new Monitor({ assets, storage, clock: clock(), watermark: '30d' });
  await monitor.train();
  return monitor;
}

/** What monitors wrote to a store, but for what is remembered of the comparison. */
async function written(storage: Storage): Promise<string[]> {
  const ids = assets.map(({ id }) => id);
  const { rows } = await storage.list('checkpoints', { limit: 100 });
  const states = rows.map(({ id, state }) => {
    const { shadow: _shadow, ...rest } = state as AssetState;
    return JSON.stringify([id, rest]);
  });
  return [...(await outputsOf(storage, ids)), ...states];
}

describe('a shadow', () => {
  let tried: Storage;
  let better: Monitor;
  beforeAll(async () => {
    tried = await store(rough, fine);
    better = await monitorOf(tried);
    await better.ingest(readings);
  }, 60_000);

  it('is found better where it notices more, and worse where it notices less', async () => {
    const [trial] = better.shadows();
    expect(trial).toMatchObject({ current: 1, version: 2, assets: 2 });
    const report = trialReport({ sums: trial?.sums as NonNullable<typeof trial>['sums'] });
    expect(report.cases).toBeGreaterThan(100);
    expect(report.difference + report.halfWidth).toBeLessThan(0);
    // Too few cases to decide anything.
    expect(report.verdict).toBe('wait');
    const worse = await monitorOf(await store(fine, rough));
    await worse.ingest(readings);
    const [other] = worse.shadows();
    expect(other?.sums.cases).toBe(trial?.sums.cases);
    expect(other?.sums.shadow).toBe(trial?.sums.current);
    expect(other?.sums.current).toBe(trial?.sums.shadow);
  }, 60_000);

  it('changes nothing of what is stored but its own sums', async () => {
    const without = await store(rough);
    const monitor = await monitorOf(without);
    await monitor.ingest(readings);
    expect(monitor.shadows()).toEqual([]);
    const lines = await written(tried);
    expect(lines).toEqual(await written(without));
    expect(lines.length).toBeGreaterThan(readings.length);
  }, 60_000);

  it('goes on after a restart with the sums that were stored, and begins anew with other versions', async () => {
    const storage = await store(rough, fine);
    const middle = START + 0.6 * DAY;
    const first = await monitorOf(storage);
    await first.ingest(readings.filter(({ time }) => time < middle));
    await first.close();
    const second = await monitorOf(storage);
    expect(second.shadows()).toEqual(first.shadows());
    await second.ingest(readings.filter(({ time }) => time >= middle));
    expect(second.shadows()).toEqual(better.shadows());
    const registry = new ModelRegistry(storage);
    const [{ name, version } = { name: '', version: 0 }] = second.shadows();
    await registry.promote(name, version);
    await second.useModels(modelShelf(storage));
    expect(second.shadows()).toEqual([]);
    await registry.setShadow(name, 1);
    await second.useModels(modelShelf(storage));
    await second.ingest(readings.map((reading) => ({ ...reading, time: reading.time + 2 * DAY })));
    expect(second.shadows()).toMatchObject([{ current: 2, version: 1, assets: 2 }]);
  }, 60_000);

  it('costs nothing where nothing stands out, and what a false alarm weighs where it raises a sound row', async () => {
    const saved = (await new ModelRegistry(tried).load((better.shadows()[0]?.name ?? '') as string))
      ?.data as SavedPrior;
    const { detector } = loadPrior(saved);
    const { stages } = new DigitalTwin(assets[0] as (typeof assets)[0]).model;
    const row = (value: number) => Object.fromEntries(stages.slice(0, 4).map((stage) => [stage, value]));
    const rows = rowWithTestFaults(row(0.02), stages);
    expect(rows.length).toBe(9);
    expect(Array.from(rows.column(stages[0] as string).slice(0, 4))).toEqual([0.02, -0.13, 0.16999999999999998, 0.02]);
    const sound = detectorCost(detector, rows, 5e-4);
    expect(sound).toBeGreaterThan(0);
    expect(sound).toBeLessThan(1);
    const all = Object.fromEntries(stages.map((stage) => [stage, 5]));
    const raised = rowWithTestFaults(all, stages);
    expect(detector.score(raised).anomalous[0]).toBe(1);
    expect(detectorCost(detector, raised, 5e-4) - detectorCost(detector, raised, 1e-2)).toBeCloseTo(19, 9);
    expect(detectorCost(detector, rowWithTestFaults({}, stages), 5e-4)).toBeNaN();
  });
});
