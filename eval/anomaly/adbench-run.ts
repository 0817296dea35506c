import { basename } from 'node:path';
import { Frame } from '../../src/core/frame.js';
import { AnomalyDetector } from '../../src/models/anomaly-detector.js';
import type { AnomalyDetectorOptions } from '../../src/models/detectors/index.js';
import { averagePrecision, rocAuc } from './metrics.js';
import { filesBelow } from './nab.js';
import { readNpz } from './npz.js';

/** A table with labels. */
interface LabelledTable {
  readonly name: string;
  readonly frame: Frame;
  readonly labels: Float64Array;
}

/** The tables below `folder`, recognised as archives with a two-dimensional X and as many y. */
export function adbenchFiles(folder: string): string[] {
  return filesBelow(folder, '.npz');
}

/** Reads one table; undefined where it is none. Rows have no time: their number stands for it. */
function readAdbench(path: string): LabelledTable | undefined {
  const arrays = readNpz(path);
  const x = arrays.get('X');
  const y = arrays.get('y');
  if (x === undefined || y === undefined || x.shape.length !== 2 || y.data.length !== x.shape[0]) return undefined;
  const [rows = 0, columns = 0] = x.shape;
  const time = Float64Array.from({ length: rows }, (_, i) => i);
  const named: Record<string, { data: Float64Array; unit: string }> = {};
  for (let j = 0; j < columns; j++) {
    named[`x${j}`] = { data: Float64Array.from(time, (_, i) => x.data[i * columns + j] as number), unit: '1' };
  }
  return { name: basename(path, '.npz'), frame: new Frame(time, named), labels: y.data };
}

/** The raw scores of all rows by a detector fitted on all rows: anomalies are in its training data. */
function transductiveScores({ frame }: LabelledTable, engine: AnomalyDetectorOptions['engine'] & string): Float64Array {
  const options = { engine, calibration: 'none', seed: 1 } as const;
  return new AnomalyDetector(options).fit(frame).score(frame).raw;
}

/** Mean ROC-AUC of the isolation forest and of `auto` over the tables, and of `auto` the mean average precision. */
export function evaluateAdbench(paths: readonly string[], say: (text: string) => void): Record<string, number> {
  const forest: number[] = [];
  const auto: number[] = [];
  const precision: number[] = [];
  for (const path of paths) {
    const table = readAdbench(path);
    if (table === undefined) continue;
    const start = performance.now();
    forest.push(rocAuc(transductiveScores(table, 'isolation-forest'), table.labels));
    const scores = transductiveScores(table, 'auto');
    auto.push(rocAuc(scores, table.labels));
    precision.push(averagePrecision(scores, table.labels));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    say(
      `adbench ${table.name}: isolation forest ${forest.at(-1)?.toFixed(3)} auto ${auto.at(-1)?.toFixed(3)} (${seconds} s)`,
    );
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    sets: auto.length,
    mean_auc_isolation_forest: mean(forest),
    mean_auc_auto: mean(auto),
    mean_ap_auto: mean(precision),
  };
}
