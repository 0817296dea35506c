import { setTimeout as wait } from 'node:timers/promises';
import { Monitor } from '../../src/monitor/index.js';
import { memoryStorage, type Storage } from '../../src/storage/index.js';
import type { Load } from './load.js';
import { outputsOf } from './outputs.js';
import { fleetOf, idsOf, monitorOptions } from './place.js';

/** What one monitor writes to which the same readings come, one beat after another. */
export async function runAlone(load: Load, assets: number): Promise<Storage> {
  const storage = await memoryStorage();
  const monitor = new Monitor({ ...monitorOptions(), assets: fleetOf(assets), storage });
  await monitor.train();
  for (const beat of load.sent) if (beat.length > 0) await monitor.ingest(beat);
  await monitor.close();
  return storage;
}

/** What is written when nothing more comes: as much as is expected, or what is there after two minutes. */
export async function settled(storage: Storage, lines: number, assets: number): Promise<string[]> {
  let written: string[] = [];
  for (let i = 0; i < 60; i++) {
    written = await outputsOf(storage, idsOf(assets));
    if (written.length >= lines) break;
    await wait(2_000);
  }
  return written;
}

/** Lines of the one that the other does not have, each as often as it is there. */
export function difference(
  expected: readonly string[],
  written: readonly string[],
): { missing: string[]; extra: string[] } {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  const extra: string[] = [];
  for (const line of written) {
    const left = counts.get(line) ?? 0;
    if (left === 0) extra.push(line);
    else counts.set(line, left - 1);
  }
  const missing = [...counts].flatMap(([line, count]) => new Array<string>(count).fill(line));
  return { missing, extra };
}
