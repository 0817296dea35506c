import { describe, expect, it } from 'vitest';
import { ManualClock, type Reading } from '../core/index.js';
import { memoryStorage } from '../storage/index.js';
import { DigitalTwin, examplePlant } from '../twin/index.js';
import type { AssetOutcome } from './asset-state.js';
import { Monitor } from './monitor.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const { telemetry } = new DigitalTwin(plant).simulate({ from: START, days: 6.5, step: '15m', seed: 5 });
const readings: Reading[] = [...telemetry.rows()].map(({ time, values }) => ({
  assetId: plant.id,
  time,
  values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
}));

describe('what a monitor says of now', () => {
  it('keeps what was worked out from the newest reading, also over a restart', async () => {
    const storage = await memoryStorage();
    const clock = new ManualClock(START + 30 * DAY);
    const make = () => new Monitor({ assets: [plant], storage, clock, models: { soundDays: 4, fleet: 0 } });
    const monitor = make();
    expect(monitor.latest(plant.id)).toBeUndefined();
    await monitor.train();
    const told: AssetOutcome[] = [];
    monitor.on('reading', (outcome) => told.push(outcome));
    await monitor.ingest(readings);
    const latest = monitor.latest(plant.id) as AssetOutcome;
    expect(latest).toEqual(told.at(-1));
    expect(latest.anomaly?.score).toBeGreaterThanOrEqual(0);
    await monitor.close();
    const again = make();
    await again.open();
    await again.train();
    expect(again.latest(plant.id)).toEqual({ ...latest, life: undefined });
    expect(() => again.latest('nowhere')).toThrow(expect.objectContaining({ code: 'MONITOR_UNKNOWN_ASSET' }));
  });

  it('measures itself: by stage, model and statement, and how forecasts came true', async () => {
    const clock = new ManualClock(START + 30 * DAY);
    const monitor = new Monitor({ assets: [plant], clock, models: { soundDays: 4, fleet: 0 } });
    await monitor.train();
    await monitor.ingest(readings.filter(({ time }) => time < START + 3.5 * DAY));
    expect(await monitor.fitForecaster(plant.id)).toBe(false);
    await monitor.ingest(readings.filter(({ time }) => time < START + 5 * DAY));
    expect(monitor.metrics().forecasts).toEqual({ count: 0, error: null, coverage80: null });
    expect(await monitor.fitForecaster(plant.id)).toBe(true);
    await monitor.ingest(readings);
    const { inference, queries, stages, ingest, commit, forecasts, jobs, lag, health, queueDepth } = monitor.metrics();
    expect(Object.keys(inference).sort()).toEqual(['detector', 'forecaster']);
    expect(Object.keys(stages)).toEqual(expect.arrayContaining(['expectation', 'anomaly', 'health', 'alerts']));
    expect(Object.keys(queries)).toEqual(expect.arrayContaining(['commit', 'list checkpoints', 'read']));
    for (const { p50, p99 } of [ingest, commit, ...Object.values(queries), ...Object.values(inference)])
      expect(p99 as number).toBeGreaterThanOrEqual(p50 as number);
    expect(forecasts.count).toBeGreaterThan(50);
    expect(forecasts.error).toBeLessThan(0.5);
    expect(forecasts.coverage80).toBeGreaterThan(0.5);
    expect(jobs).toEqual({ waiting: 0, running: 0, done: 1, failed: 0 });
    expect(lag).toBe(clock.now() - (readings.at(-1) as Reading).time);
    expect(health).toBeGreaterThan(50);
    expect(queueDepth).toBe(0);
  });
});
