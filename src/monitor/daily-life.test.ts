import { expect, it } from 'vitest';
import { ManualClock, type Reading } from '../core/index.js';
import { DigitalTwin, examplePlant } from '../twin/index.js';
import { Monitor } from './monitor.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 5, 1);
const ids = ['north', 'south', 'east'];
const { telemetry } = new DigitalTwin(examplePlant('roof')).simulate({ from: START, days: 4, step: '30m', seed: 5 });
const course = [...telemetry.rows()].map(({ time, values }) => ({
  time,
  values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
}));

/** When each asset's remaining life was told, by asset. */
async function toldOf(readings: readonly Reading[]): Promise<Map<string, number[]>> {
  const monitor = new Monitor({
    assets: ids.map((id) => examplePlant('roof', id)),
    clock: new ManualClock(START + 30 * DAY),
    models: { soundDays: 3 },
  });
  await monitor.train();
  const told = new Map<string, number[]>(ids.map((id) => [id, []]));
  let now = 0;
  monitor.on('life', ({ assetId }) => told.get(assetId)?.push(now));
  for (const reading of readings) {
    now = reading.time;
    await monitor.ingest(reading);
  }
  await monitor.close();
  return told;
}

const all = course.flatMap((row) => ids.map((assetId) => ({ assetId, ...row })));

it('tells remaining life once a day, each asset at a time of its own in the first hours', async () => {
  const told = await toldOf(all);
  const hours = new Set<number>();
  for (const [first, ...days] of told.values()) {
    expect(first).toBe(START);
    expect(days.map((time) => Math.floor((time - START) / DAY))).toEqual([1, 2, 3]);
    for (const time of days) expect(time % DAY).toBeLessThanOrEqual(6 * HOUR);
    expect(new Set(days.map((time) => time % DAY)).size).toBe(1);
    hours.add((days[0] as number) % DAY);
  }
  expect(hours.size).toBeGreaterThan(1);
});

it('tells it with the next day where an asset sends nothing at its time', async () => {
  const told = await toldOf(all.filter(({ time }) => time % DAY < HOUR));
  const late = [...told.values()].map((times) => times.map((time) => (time - START) / DAY));
  // Asked at the first reading; the first whole day is there on the second day, and is asked for by the third at the latest.
  for (const [first, second] of late) {
    expect(first).toBe(0);
    expect(second).toBeLessThanOrEqual(2);
  }
  expect(late.some(([, second]) => second === 2)).toBe(true);
});
