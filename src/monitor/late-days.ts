import type { Reading } from '../core/index.js';
import type { TenantStorage } from '../storage/index.js';
import type { AssetMonitor } from './asset-monitor.js';
import type { SavedDaily } from './daily.js';
import type { Fleet } from './fleet.js';
import type { Step } from './step.js';

const DAY = 86_400_000;

/** The stored readings of an asset, `from` ≤ time < `to`. */
async function* storedReadings(
  storage: TenantStorage,
  assetId: string,
  from: number,
  to: number,
): AsyncGenerator<Reading> {
  let after: string | undefined;
  do {
    const page = await storage.readings({ assetId, from, to, limit: 10_000, after });
    yield* page.rows;
    after = page.next;
  } while (after !== undefined);
}

/** The sums of the day under way are not stored with every reading: they are made again from telemetry. */
export async function redoDay(storage: TenantStorage, asset: AssetMonitor, daily: SavedDaily): Promise<void> {
  if (daily.day < 0) return;
  asset.daily.restore(daily, { redoDay: true });
  for await (const { assetId, time, values } of storedReadings(storage, asset.id, daily.day, asset.time + 1))
    asset.daily.add(time, values, asset.expected({ assetId, time, values }));
}

/** The days that the late readings of a step belong to are made again with them. */
export async function correctDays(storage: TenantStorage, fleet: Fleet, step: Step): Promise<void> {
  const days = new Map<string, { asset: AssetMonitor; day: number }>();
  for (const { reading } of step.revised) {
    const asset = fleet.get(reading.assetId);
    const day = Math.floor(reading.time / DAY) * DAY;
    if (day < Math.floor(asset.time / DAY) * DAY) days.set(`${day} ${asset.id}`, { asset, day });
  }
  for (const { asset, day } of days.values()) {
    const rows = new Map<number, Readonly<Record<string, number>>>();
    for await (const { time, values } of storedReadings(storage, asset.id, day, day + DAY)) rows.set(time, values);
    // What this step brings is not stored yet.
    for (const { assetId, time, values } of step.taken) {
      if (assetId === asset.id && time >= day && time < day + DAY) rows.set(time, { ...rows.get(time), ...values });
    }
    const inOrder = [...rows]
      .sort(([a], [b]) => a - b)
      .map(([time, values]) => ({
        time,
        measured: values,
        expected: asset.expected({ assetId: asset.id, time, values }),
      }));
    if (asset.daily.correct(day, inOrder)) step.dailyChanged.add(asset);
  }
}
