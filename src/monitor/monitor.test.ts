import { describe, expect, it } from 'vitest';
import { ManualClock, type Reading } from '../core/index.js';
import { memoryStorage, type Storage } from '../storage/index.js';
import { DigitalTwin, examplePlant } from '../twin/index.js';
import type { MonitorOptions } from './contract.js';
import { Monitor } from './monitor.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

function readingsOf(days: number, faults: { id: string; severity: number; from: number }[] = []): Reading[] {
  const { telemetry } = new DigitalTwin(plant).simulate({ from: START, days, step: '15m', seed: 5, faults });
  return [...telemetry.rows()].map(({ time, values }) => ({
    assetId: plant.id,
    time,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
  }));
}

async function monitorWith(storage: Storage, options: Partial<MonitorOptions> = {}): Promise<Monitor> {
  const monitor = new Monitor({
    assets: [plant],
    storage,
    models: false,
    clock: new ManualClock(START + 30 * DAY),
    ...options,
  });
  await monitor.open();
  return monitor;
}

/** Everything that is stored, to compare two stores. */
async function everything(storage: Storage): Promise<unknown> {
  const telemetry = await storage.read({ assetId: plant.id });
  const tables = ['alerts', 'anomalies', 'healthMetrics', 'predictions', 'quarantine'] as const;
  const records = await Promise.all(tables.map(async (table) => (await storage.list(table, { limit: 100_000 })).rows));
  return { csv: telemetry.toCsv(), records };
}

describe('Monitor', () => {
  it('stores readings, health and alerts, and tells of them', async () => {
    const storage = await memoryStorage();
    const monitor = await monitorWith(storage);
    const raised: string[] = [];
    monitor.on('alert', (alert) => raised.push(`${alert.severity} ${alert.rule}`));
    const [first] = readingsOf(1);
    const hot = { ...(first as Reading), values: { ...(first as Reading).values, temperature: 72 } };
    expect(await monitor.ingest(hot)).toEqual({ accepted: 1, late: 0, duplicates: 0, rejected: [] });
    expect(raised).toContain('CRITICAL critical-temperature');
    expect((await storage.latest())[0]?.values.temperature).toBe(72);
    expect((await storage.list('alerts')).rows.map(({ rule }) => rule)).toContain('critical-temperature');
    expect((await storage.list('healthMetrics')).rows[0]?.score).toBeLessThan(100);
  });

  it('holds at night what the day said: half the power at noon is no health at midnight', async () => {
    const at = async (faults: Parameters<typeof readingsOf>[1]) => {
      const storage = await memoryStorage();
      const monitor = await monitorWith(storage);
      await monitor.ingest(readingsOf(1.9, faults));
      const rows = (await storage.list('healthMetrics', { limit: 1000 })).rows;
      const night = rows.filter(({ time }) => time > START + 1.85 * DAY);
      expect(night.length).toBeGreaterThan(2);
      return night.map(({ score }) => score ?? Number.NaN);
    };
    const sound = await at([]);
    const faulty = await at([{ id: 'string-open', severity: 1, from: START }]);
    expect(Math.max(...faulty)).toBeLessThan(Math.min(...sound) - 5);
  });

  it('changes nothing when a reading comes twice', async () => {
    const [once, twice] = [await memoryStorage(), await memoryStorage()];
    const readings = readingsOf(2);
    const a = await monitorWith(once);
    await a.ingest(readings);
    const b = await monitorWith(twice);
    for (let i = 0; i < readings.length; i += 20) {
      await b.ingest(readings.slice(i, i + 20));
      await b.ingest(readings.slice(Math.max(0, i - 10), i + 20));
    }
    expect(await everything(twice)).toEqual(await everything(once));
  });

  it('goes on after a restart at any point as if it had not stopped', async () => {
    const [whole, broken] = [await memoryStorage(), await memoryStorage()];
    const readings = readingsOf(3, [{ id: 'inverter-efficiency', severity: 1, from: START + DAY }]);
    const expected = await monitorWith(whole);
    let actual = await monitorWith(broken);
    for (let i = 0; i < readings.length; i += 16) {
      await expected.ingest(readings.slice(i, i + 16));
      await actual.ingest(readings.slice(i, i + 16));
      await actual.close();
      actual = await monitorWith(broken);
    }
    expect(await everything(broken)).toEqual(await everything(whole));
    expect(actual.openAlerts()).toEqual(expected.openAlerts());
  });

  it('puts what it cannot take aside, with the reason, and takes the rest', async () => {
    const storage = await memoryStorage();
    const monitor = await monitorWith(storage);
    const good = readingsOf(1)[40] as Reading;
    const bad = (change: Partial<Reading>) => ({ ...good, ...change });
    const { accepted, rejected } = await monitor.ingest([
      good,
      bad({ assetId: 'nowhere' }),
      bad({ time: Number.NaN }),
      bad({ time: START + 400 * DAY }),
      bad({ values: { temperature: Number.NaN } }),
      bad({ values: { temperature: 4000 } }),
      bad({ values: { colour: 1 } }),
      bad({ values: {} }),
    ]);
    expect(accepted).toBe(1);
    expect(rejected.map(({ code }) => code)).toEqual([
      'UNKNOWN_ASSET',
      'BAD_TIME',
      'FUTURE',
      'NOT_A_NUMBER',
      'OUT_OF_RANGE',
      'UNKNOWN_CHANNEL',
      'NO_VALUES',
    ]);
    expect((await storage.list('quarantine')).rows).toHaveLength(7);
  });

  it('takes a channel under either of its names', async () => {
    const storage = await memoryStorage();
    const monitor = await monitorWith(storage);
    await monitor.ingest({ assetId: plant.id, time: START, values: { solarPower: 900 } });
    await monitor.ingest({ assetId: plant.id, time: START + 1, values: { acPower: 800 } });
    const frame = await storage.read({ assetId: plant.id, channels: ['solarPower', 'acPower'] });
    expect([...frame.column('solarPower')]).toEqual([900, 800]);
    expect([...frame.column('acPower')]).toEqual([900, 800]);
  });

  it('stores late readings within the watermark and sets older ones aside', async () => {
    const storage = await memoryStorage();
    const monitor = await monitorWith(storage, { watermark: '6h' });
    const readings = readingsOf(1);
    const last = readings.at(-1) as Reading;
    await monitor.ingest(last);
    const within = readings.find(({ time }) => time > last.time - DAY / 4) as Reading;
    expect(await monitor.ingest(within)).toMatchObject({ accepted: 1, late: 1 });
    expect(await monitor.ingest(readings[0] as Reading)).toMatchObject({
      accepted: 0,
      rejected: [{ code: 'TOO_LATE' }],
    });
    expect((await storage.read({ assetId: plant.id })).length).toBe(2);
  });

  it('has done nothing when storage fails, and takes the same readings again', async () => {
    const storage = await memoryStorage();
    let broken = true;
    const flaky: Storage = new Proxy(storage, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name === 'commit' && broken) return () => Promise.reject(new Error('disk full'));
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const monitor = await monitorWith(flaky);
    const told: string[] = [];
    monitor.on('alert', ({ rule }) => told.push(rule));
    const [first] = readingsOf(1);
    const hot = { ...(first as Reading), values: { ...(first as Reading).values, temperature: 72 } };
    await expect(monitor.ingest(hot)).rejects.toThrow('disk full');
    expect(told).toEqual([]);
    expect(monitor.openAlerts()).toEqual([]);
    broken = false;
    expect(await monitor.ingest(hot)).toMatchObject({ accepted: 1 });
    expect(told).toContain('critical-temperature');
  });

  it('lets people acknowledge and resolve, and keeps who did', async () => {
    const storage = await memoryStorage();
    const monitor = await monitorWith(storage);
    const [first] = readingsOf(1);
    await monitor.ingest({ ...(first as Reading), values: { temperature: 80 } });
    const [alert] = monitor.openAlerts();
    await monitor.acknowledge(alert?.id as string, 'Ada');
    expect((await storage.get('alerts', alert?.id as string))?.state).toBe('acknowledged');
    await monitor.resolve(alert?.id as string, 'Ada');
    expect(await storage.get('alerts', alert?.id as string)).toMatchObject({
      state: 'resolved',
      acknowledgedBy: 'Ada',
    });
    await expect(monitor.resolve('nothing', 'Ada')).rejects.toMatchObject({ code: 'ALERT_UNKNOWN' });
  });

  it('finds a fault with models that the twin made, explains it, and is quiet before', async () => {
    const storage = await memoryStorage();
    const monitor = await monitorWith(storage, { models: { soundDays: 12, fleet: 0, falseAlarmRate: 2e-4 } });
    await monitor.train();
    const onset = START + 4 * DAY;
    const anomalies: { time: number; why: string | undefined; channels: string[] }[] = [];
    monitor.on('anomaly', ({ reading, anomaly }) => {
      const channels = anomaly?.contributions.slice(0, 3).map(({ channel }) => channel) ?? [];
      anomalies.push({ time: reading.time, why: anomaly?.why, channels });
    });
    await monitor.ingest(readingsOf(6, [{ id: 'string-open', severity: 1, from: onset }]));
    const early = anomalies.filter(({ time }) => time < onset);
    expect(early.length).toBeLessThanOrEqual(2);
    expect(anomalies.length - early.length).toBeGreaterThan(20);
    const found = anomalies.filter(({ time }) => time >= onset);
    expect(
      found.filter(({ channels }) => channels.some((channel) => channel.startsWith('string'))).length,
    ).toBeGreaterThan(found.length / 2);
    expect(found.at(-1)?.why).toMatch(/ \d+ % below what the twin expects/);
    expect((await storage.list('anomalies', { limit: 5 })).rows[0]?.pValue).toBeLessThan(0.01);
    expect(await monitor.fitForecaster(plant.id)).toBe(true);
  });

  it('refuses two assets of one name', () => {
    expect(() => new Monitor({ assets: [plant, plant] })).toThrow(
      expect.objectContaining({ code: 'MONITOR_DUPLICATE_ASSET' }),
    );
  });
});
