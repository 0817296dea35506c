import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figures, RunInput } from '../../bench/harness.js';
import { adbenchFiles, evaluateAdbench } from '../anomaly/adbench-run.js';
import { falseAlarmRatioIid, falseAlarmRatioPlants } from '../anomaly/false-alarms.js';
import { readNab } from '../anomaly/nab.js';
import { evaluateNab } from '../anomaly/nab-run.js';
import { readNormalPlants } from '../anomaly/plants.js';
import { readSkab } from '../anomaly/skab.js';
import { evaluateSkab } from '../anomaly/skab-run.js';

/**
 * Anomaly detection on the public benchmarks found below `--data` (default ../shared/data), each recognised by its
 * content, and the false-alarm rates against what was stated.
 */
export default function anomaly({ data, say }: RunInput): Figures {
  const folder = data ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}; give one with --data.`);
  const figures: Figures = {};
  const within = (name: string) => (existsSync(join(folder, name)) ? join(folder, name) : folder);
  const tables = adbenchFiles(within('adbench'));
  if (tables.length > 0) Object.assign(figures, evaluateAdbench(tables, say));
  const runs = readSkab(within('skab'));
  if (runs.length > 0) Object.assign(figures, evaluateSkab(runs, say));
  const series = readNab(within('nab'));
  if (series.length > 0) Object.assign(figures, evaluateNab(series, say));
  figures.false_alarm_ratio_iid = falseAlarmRatioIid(say);
  const plants = readNormalPlants(folder);
  if (plants.length > 0) figures.false_alarm_ratio_plants = falseAlarmRatioPlants(plants, say);
  return figures;
}
