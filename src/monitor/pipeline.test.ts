import { describe, expect, it } from 'vitest';
import { ManualClock, type Reading } from '../core/index.js';
import { memoryStorage, type Storage } from '../storage/index.js';
import { DigitalTwin, examplePlant } from '../twin/index.js';
import type { MonitorOptions } from './contract.js';
import { Monitor } from './monitor.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

const day: Reading[] = (() => {
  const { telemetry } = new DigitalTwin(plant).simulate({ from: START, days: 3, step: '30m', seed: 5 });
  return [...telemetry.rows()].map(({ time, values }) => ({
    assetId: plant.id,
    time,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
  }));
})();

function monitorOf(storage: Storage, options: Partial<MonitorOptions> = {}): Monitor {
  return new Monitor({ assets: [plant], storage, models: false, clock: new ManualClock(START + 30 * DAY), ...options });
}

async function everything(storage: Storage): Promise<unknown> {
  const tables = ['alerts', 'anomalies', 'healthMetrics', 'predictions'] as const;
  const records = await Promise.all(tables.map(async (table) => (await storage.list(table, { limit: 100_000 })).rows));
  return { csv: (await storage.read({ assetId: plant.id })).toCsv(), records };
}

describe('the pipeline', () => {
  it('gives the same to the bit, one reading at a time and all at once', async () => {
    const [slow, fast] = [await memoryStorage(), await memoryStorage()];
    const live = monitorOf(slow);
    for (const reading of day) await live.ingest(reading);
    await monitorOf(fast).ingest(day);
    expect(await everything(fast)).toEqual(await everything(slow));
  });

  it('leaves stages out, replaces and adds them; what one of your own remembers outlives a restart', async () => {
    const storage = await memoryStorage();
    const options: Partial<MonitorOptions> = {
      stages: (stages) => [
        ...stages.filter(({ name }) => name !== 'health'),
        {
          name: 'counter',
          process(outcome, asset) {
            const memory = asset.memory('counter');
            memory.count = Number(memory.count ?? 0) + 1;
            outcome.signals = { readingCount: Number(memory.count) };
          },
        },
      ],
      alerts: { channels: [{ name: 'readingCount', restName: 'reading_count', unit: '1', title: 'Readings' }] },
      rules: [
        {
          id: 'tenth',
          title: 'Ten readings',
          when: { type: 'threshold', channel: 'readingCount', direction: 'above', limits: { LOW: 10 } },
        },
      ],
    };
    await monitorOf(storage, options).ingest(day.slice(0, 6));
    const after = monitorOf(storage, options);
    await after.ingest(day.slice(6, 9));
    expect(after.openAlerts()).toEqual([]);
    await after.ingest(day.slice(9, 10));
    expect(after.openAlerts().map(({ rule }) => rule)).toEqual(['tenth']);
    expect((await storage.list('healthMetrics')).rows).toEqual([]);
  });

  it('puts the daily means right that a late reading belongs to, and judges it at its own time', async () => {
    const [late, ordered] = [await memoryStorage(), await memoryStorage()];
    const missing = day.filter(({ time }) => time === START + DAY / 2);
    const rest = day.filter((reading) => !missing.includes(reading));
    const a = monitorOf(late, { watermark: '7d' });
    await a.ingest(rest);
    expect(await a.ingest(missing)).toMatchObject({ accepted: 1, late: 1 });
    await monitorOf(ordered).ingest(day);
    const daily = async (storage: Storage) => {
      const record = await storage.get('checkpoints', `monitor:daily:${plant.id}`);
      return (record?.state as { daily: { days: { row: (number | null)[] }[] } } | undefined)?.daily.days[0]?.row;
    };
    expect((await daily(ordered))?.length).toBeGreaterThan(3);
    // All but the capacity of the battery, which is counted on over the days.
    expect((await daily(late))?.slice(0, -1)).toEqual((await daily(ordered))?.slice(0, -1));
  });

  it('sheds in the stated order when more comes than can be worked on, never alerts, and refuses beyond', async () => {
    const storage = await memoryStorage();
    const monitor = monitorOf(storage, { overload: { shedFrom: 40, refuseFrom: 130 } });
    const told: (readonly string[])[] = [];
    monitor.on('overload', ({ shed }) => told.push(shed));
    await monitor.open();
    const hot = { ...(day[60] as Reading), values: { temperature: 90 } };
    const waiting = [monitor.ingest(day.slice(0, 60)), monitor.ingest([hot]), monitor.ingest(day.slice(61, 121))];
    await expect(monitor.ingest(day.slice(121, 144))).rejects.toMatchObject({ code: 'MONITOR_OVERLOADED' });
    await Promise.all(waiting);
    expect(told).toEqual([['forecast'], ['forecast', 'life', 'anomaly'], ['forecast'], []]);
    expect((await storage.list('alerts')).rows.map(({ rule }) => rule)).toContain('critical-temperature');
    expect(monitor.metrics()).toMatchObject({ accepted: 121, queueDepth: 0, shed: [], assets: 1 });
    expect(monitor.metrics().shedReadings).toBeGreaterThan(0);
  });

  it('stores calls that come together in one transaction, each with its own answer; one that fails takes no other down', async () => {
    const storage = await memoryStorage();
    let commits = 0;
    const counting: Storage = new Proxy(storage, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name === 'commit') commits++;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const stage = {
      name: 'strict',
      process: ({ reading }: { reading: Reading }) => {
        if (reading.values.temperature === 61) throw new Error('I do not like it');
      },
    };
    const monitor = monitorOf(counting, { stages: (stages) => [...stages, stage] });
    await monitor.open();
    const calls = day.slice(0, 50).map((reading) => monitor.ingest(reading));
    const twice = monitor.ingest(day[49] as Reading);
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ accepted: 1, late: 0, duplicates: 0, rejected: [] })));
    expect(await twice).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(commits).toBeLessThan(4);
    const [good, bad, after] = await Promise.allSettled([
      monitor.ingest(day[50] as Reading),
      monitor.ingest({ ...(day[51] as Reading), values: { temperature: 61 } }),
      monitor.ingest(day[52] as Reading),
    ]);
    expect([good?.status, bad?.status, after?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await storage.read({ assetId: plant.id })).length).toBe(52);
    const closing = monitor.close();
    const late = [monitor.ingest(day[53] as Reading), monitor.ingest(day[54] as Reading)];
    await closing;
    for (const call of late) await expect(call).rejects.toMatchObject({ code: 'MONITOR_CLOSED' });
  });

  it('takes assets, rules and descriptions that come and go while it runs', async () => {
    const storage = await memoryStorage();
    const monitor = monitorOf(storage, { rules: [] });
    await monitor.ingest(day.slice(0, 10));
    await monitor.addAsset(examplePlant('home', 'second'));
    const hot = { assetId: 'second', time: START, values: { temperature: 90 } };
    await monitor.ingest(hot);
    expect(monitor.openAlerts()).toEqual([]);
    await monitor.setRules([
      {
        id: 'hot',
        title: 'Hot',
        when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
      },
    ]);
    await monitor.ingest({ ...hot, time: START + 1 });
    expect(monitor.openAlerts('second')).toHaveLength(1);
    await monitor.updateAsset({ ...examplePlant('home', 'second'), name: 'Another name' });
    expect((await storage.get('assets', 'second'))?.name).toBe('Another name');
    expect(monitor.openAlerts('second')).toHaveLength(1);
    await monitor.removeAsset('second');
    expect(monitor.openAlerts()).toEqual([]);
    expect(await monitor.ingest({ ...hot, time: START + 2 })).toMatchObject({ rejected: [{ code: 'UNKNOWN_ASSET' }] });
    await expect(monitor.addAsset(plant)).rejects.toMatchObject({ code: 'MONITOR_DUPLICATE_ASSET' });
  });
});
