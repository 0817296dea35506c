import { describe, expect, it } from 'vitest';
import { ManualClock, type Reading } from '../core/index.js';
import { memoryStorage } from '../storage/index.js';
import { DigitalTwin, examplePlant } from '../twin/index.js';
import type { MonitorOptions } from './contract.js';
import { Monitor } from './monitor.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const week: Reading[] = (() => {
  const { telemetry } = new DigitalTwin(plant).simulate({ from: START, days: 5, step: '30m', seed: 5 });
  return [...telemetry.rows()].map(({ time, values }) => ({
    assetId: plant.id,
    time,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
  }));
})();
const between = (from: number, to: number) => week.filter(({ time }) => time >= START + from && time < START + to);

async function setUp(options: Partial<MonitorOptions> = {}) {
  const clock = new ManualClock(START);
  const storage = await memoryStorage();
  const monitor = new Monitor({ assets: [plant], storage, models: false, clock, ...options });
  await monitor.open();
  /** Takes readings in as they come, the clock with them. */
  const live = async (readings: readonly Reading[]) => {
    for (const reading of readings) {
      clock.advance(Math.max(0, reading.time - clock.now()));
      await monitor.ingest(reading);
    }
  };
  return { clock, storage, monitor, live };
}

describe('troubles of a source', () => {
  it('a clock that jumps ahead is set aside, one that jumps back is late or too late, and both go on when it is right', async () => {
    const { clock, storage, monitor, live } = await setUp({ watermark: '6h' });
    await live(between(0, 12 * HOUR));
    const jumped = (by: number) => ({ assetId: plant.id, time: clock.now() + by, values: { temperature: 25 } });
    expect(await monitor.ingest(jumped(HOUR))).toMatchObject({ accepted: 0, rejected: [{ code: 'FUTURE' }] });
    expect(await monitor.ingest(jumped(60_000))).toMatchObject({ accepted: 1, late: 0 });
    expect(await monitor.ingest(jumped(-3.25 * HOUR))).toMatchObject({ accepted: 1, late: 1 });
    expect(await monitor.ingest(jumped(-9 * HOUR))).toMatchObject({ rejected: [{ code: 'TOO_LATE' }] });
    await live(between(12 * HOUR, 13 * HOUR));
    expect(monitor.latest(plant.id)?.reading.time).toBe(START + 12.5 * HOUR);
    const quarantine = (await storage.list('quarantine')).rows.map(({ reason }) => reason.split(':')[0]);
    expect(quarantine.sort()).toEqual(['FUTURE', 'TOO_LATE']);
  });

  it('a gap of a day leaves a gap: no day is made up, and the days after it are whole', async () => {
    const [gap, whole] = [await setUp(), await setUp()];
    await gap.live([...between(0, 1.5 * DAY), ...between(2.5 * DAY, 5 * DAY)]);
    await whole.live(between(0, 5 * DAY));
    const days = async ({ storage }: typeof gap) => {
      const state = (await storage.get('checkpoints', `monitor:daily:${plant.id}`))?.state as {
        daily: { days: { time: number; row: (number | null)[] }[] };
      };
      return state.daily.days.map(({ time, row }) => [(time - START) / DAY, row.slice(0, -1)] as const);
    };
    const [a, b] = [await days(gap), await days(whole)];
    expect(a.map(([day]) => day)).toEqual([0, 1, 2, 3]);
    expect(b.map(([day]) => day)).toEqual([0, 1, 2, 3]);
    for (const day of [0, 3]) expect(a[day]).toEqual(b[day]);
    expect(gap.monitor.metrics()).toMatchObject({ accepted: 192, duplicates: 0, rejected: 0 });
  });

  it('a source that stops is told without a reading, its lag grows, and the alert ends when it is back', async () => {
    const { clock, monitor, live } = await setUp({
      rules: [{ id: 'silent', title: 'No data', when: { type: 'no-data', after: '1h', severity: 'HIGH' } }],
    });
    await live(between(0, 6 * HOUR));
    await monitor.tick();
    expect(monitor.openAlerts()).toEqual([]);
    clock.advance(2 * HOUR);
    await monitor.tick();
    expect(monitor.openAlerts().map(({ rule }) => rule)).toEqual(['silent']);
    expect(monitor.metrics().lag).toBe(2 * HOUR);
    await live(between(8 * HOUR, 9 * HOUR));
    await monitor.tick();
    expect(monitor.openAlerts()).toEqual([]);
  });

  it('a reading that is corrected later changes what was said of its time', async () => {
    const storage = await memoryStorage();
    const { monitor } = await setUp({ storage, clock: new ManualClock(START + 30 * DAY), watermark: '7d' });
    await monitor.ingest(between(0, 2 * DAY));
    const noon = between(0.5 * DAY, DAY)[0] as Reading;
    const wear = async () => {
      const state = (await storage.get('checkpoints', `monitor:daily:${plant.id}`))?.state as {
        daily: { days: { row: (number | null)[] }[] };
      };
      return state.daily.days[0]?.row[0];
    };
    const before = await wear();
    const corrected = { ...noon, values: { ...noon.values, meterPower: (noon.values.meterPower as number) / 2 } };
    expect(await monitor.ingest(corrected)).toMatchObject({ accepted: 1, late: 1 });
    expect(await wear()).toBeLessThan(before as number);
    const stored = await storage.readings({ assetId: plant.id, from: noon.time, to: noon.time + 1 });
    expect(stored.rows[0]?.values.meterPower).toBe(corrected.values.meterPower);
  });
});
