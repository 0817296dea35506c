import { describe, expect, it, vi } from 'vitest';
import { ManualClock, type Reading } from '../../core/index.js';
import { memoryStorage } from '../../storage/index.js';
import { DigitalTwin, examplePlant, type PlantDescription } from '../../twin/index.js';
import { Monitor } from '../monitor.js';
import { trainPrior } from '../prior-models.js';
import { ModelRegistry } from '../registry/index.js';
import { textName } from '../text-name.js';
import { modelShelf } from '../training.js';
import { goodDays } from './good-days.js';
import { betterDetector, betterTwin } from './judge.js';
import type { TriedModel } from './learner.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 5, 1);
const plant = examplePlant('home');

/** The plant with so many modules in each string: what a user may have written down wrongly. */
function described(modulesPerString: number): PlantDescription {
  return { ...plant, arrays: plant.arrays.map((array) => ({ ...array, modulesPerString })) };
}

function readingsOf(description: PlantDescription, days: number): Reading[] {
  const { telemetry } = new DigitalTwin(description).simulate({ from: START, days, step: '30m', seed: 5 });
  return [...telemetry.rows()].map(({ time, values }) => ({
    assetId: plant.id,
    time,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
  }));
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('learning', () => {
  it('waits for enough good days, promotes a twin that errs less on days it has not seen, and goes on with it after a restart', async () => {
    const storage = await memoryStorage();
    const clock = new ManualClock(START + 9 * DAY);
    const make = () =>
      new Monitor({
        assets: [described(10)],
        storage,
        clock,
        rules: [],
        models: false,
        learning: { goodDays: 8 },
        watermark: '30d',
      });
    const monitor = make();
    const tried: TriedModel[] = [];
    monitor.on('model', (model) => tried.push(model));
    const readings = readingsOf(described(13), 9);
    const noon = readings.find(({ time }) => time === START + DAY / 2) as Reading;
    await monitor.ingest(readings.filter(({ time }) => time < START + 4 * DAY));
    await monitor.tick();
    await soon();
    expect(tried).toEqual([]);
    expect(monitor.metrics().jobs).toMatchObject({ done: 0, running: 0 });
    await monitor.ingest(readings);
    const before = Math.abs((monitor.expected(noon).acPower as number) - (noon.values.acPower as number));
    clock.advance(2 * DAY);
    await monitor.tick();
    await vi.waitFor(() => expect(tried).toHaveLength(2), { timeout: 60_000, interval: 20 });
    expect(tried.map(({ kind, better, version }) => ({ kind, better, version }))).toMatchObject([
      { kind: 'twin', better: true, version: 1 },
      { kind: 'detector', version: 1 },
    ]);
    const [twin] = tried;
    expect(twin?.metrics.error).toBeLessThan((twin?.metrics.oldError as number) / 2);
    const after = Math.abs((monitor.expected(noon).acPower as number) - (noon.values.acPower as number));
    expect(after).toBeLessThan(before / 2);
    // Not again before its time.
    await monitor.tick();
    await soon();
    expect(monitor.metrics().jobs).toMatchObject({ done: 1, running: 0 });
    const expected = monitor.expected(noon);
    await monitor.close();
    const again = make();
    await again.train();
    expect(again.expected(noon)).toEqual(expected);
    await again.close();
    // A plant that its user has described anew is not given parameters that were learned for the other.
    const other = new Monitor({
      assets: [described(12)],
      storage,
      clock,
      models: false,
      learning: {},
    });
    await other.train();
    expect(other.twin(plant.id).plant?.arrays[0]?.modulesPerString).toBe(12);
    await other.close();
  });

  it('keeps what an asset has learned when the models of its kind are exchanged', async () => {
    const storage = await memoryStorage();
    const clock = new ManualClock(START);
    const models = { soundDays: 3, fleet: 0 };
    const twin = new DigitalTwin(plant);
    const own = (await trainPrior(twin, { soundDays: 3, fleet: 0, falseAlarmRate: 0.2, seed: 7 })).detector;
    const origin = textName(JSON.stringify(twin.toJSON().description));
    const registry = new ModelRegistry(storage, { clock });
    await registry.register(`asset:${plant.id}:detector`, {
      kind: 'AnomalyDetector',
      data: { origin, model: own.toJSON() },
      place: 'current',
    });
    const monitor = new Monitor({ assets: [plant], storage, clock, rules: [], models, learning: {} });
    await monitor.train();
    const reading = readingsOf(plant, 1)[24] as Reading;
    const before = monitor.judge(reading).anomaly;
    const plain = new Monitor({ assets: [plant], storage, clock, rules: [], models });
    await plain.train();
    expect(plain.judge(reading).anomaly).not.toEqual(before);
    await monitor.useModels(modelShelf(storage, models));
    expect(monitor.judge(reading).anomaly).toEqual(before);
    await Promise.all([monitor.close(), plain.close()]);
  });

  it('takes days for good that have their readings and nothing wrong', () => {
    const time = Float64Array.from({ length: 5 * 24 }, (_, i) => START + i * 3_600_000).filter(
      (t) => t < START + DAY || t >= START + 1.8 * DAY,
    );
    const days = (anomalies: number[], alerts: Parameters<typeof goodDays>[2]) =>
      goodDays(
        time,
        anomalies.map((hour) => ({ time: START + hour * 3_600_000 })),
        alerts,
      ).map((day) => (day - START) / DAY);
    expect(days([], [])).toEqual([0, 2, 3, 4]);
    expect(days([2, 3], [])).toEqual([2, 3, 4]);
    const alert = { time: START + 2.5 * DAY, severity: 'HIGH', resolvedAt: START + 3.1 * DAY };
    expect(days([], [alert])).toEqual([0, 4]);
    expect(days([], [{ ...alert, severity: 'LOW' }])).toEqual([0, 2, 3, 4]);
    expect(days([], [{ time: START + 3.5 * DAY, severity: 'CRITICAL' }])).toEqual([0, 2]);
  });

  it('changes nothing for a draw', () => {
    expect([betterTwin(0.05, 0.1), betterTwin(0.099, 0.1), betterTwin(Number.NaN, 0.1)]).toEqual([true, false, false]);
    const old = { falseShare: 0.001, found: 0.6 };
    expect(betterDetector({ falseShare: 0.001, found: 0.605 }, old, 5e-4)).toBe(false);
    expect(betterDetector({ falseShare: 0.001, found: 0.7 }, old, 5e-4)).toBe(true);
    expect(betterDetector({ falseShare: 0.05, found: 0.9 }, old, 5e-4)).toBe(false);
    expect(betterDetector({ falseShare: 0, found: 0.6 }, { falseShare: 0.05, found: 0.6 }, 5e-4)).toBe(true);
    expect(betterDetector({ falseShare: 0, found: 0.005 }, undefined, 5e-4)).toBe(false);
    expect(betterDetector({ falseShare: 0, found: 0.3 }, undefined, 5e-4)).toBe(true);
    expect(betterDetector({ falseShare: 0, found: 0.3 }, { falseShare: 0.05, found: 0.6 }, 5e-4)).toBe(false);
  });

  it('refuses options that cannot decide anything', async () => {
    const monitor = new Monitor({ assets: [plant], learning: { goodDays: 2 } });
    await expect(monitor.tick()).rejects.toMatchObject({ code: 'MONITOR_BAD_LEARNING' });
  });
});
