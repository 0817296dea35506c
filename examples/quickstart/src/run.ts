import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Analysis, analyse } from './analyse.js';
import type { Telemetry } from './load.js';
import { numbers } from './numbers.js';
import { report } from './report.js';
import { store } from './store.js';

/** Analyses telemetry and writes `report.html`, `report.json` and `plant.db` into `folder`. */
export async function run(telemetry: Telemetry, folder: string): Promise<{ analysis: Analysis; storedRows: number }> {
  const analysis = analyse(telemetry);
  mkdirSync(folder, { recursive: true });
  const storedRows = await store(join(folder, 'plant.db'), analysis);
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(numbers(analysis), null, 2)}\n`);
  writeFileSync(join(folder, 'report.html'), report(analysis));
  return { analysis, storedRows };
}
