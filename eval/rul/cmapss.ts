import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Frame } from '../../src/core/frame.js';
import type { LifeHistory } from '../../src/models/index.js';

/** Columns of the C-MAPSS text format after unit and cycle: three operational settings, then sensors. */
export const SETTINGS = ['setting1', 'setting2', 'setting3'];

/** A set in the format of C-MAPSS (Saxena & Goebel 2008). */
export interface CmapssSet {
  /** Engines that ran to failure: the last cycle is the failure. */
  readonly train: LifeHistory[];
  /** Engines that stop some time before. */
  readonly test: Frame[];
  /** Cycles that each of them had left. */
  readonly truth: number[];
}

/** Reads `train_SET.txt`, `test_SET.txt` and `RUL_SET.txt` of a folder. */
export function readCmapss(folder: string, set: string): CmapssSet {
  const train = readUnits(join(folder, `train_${set}.txt`)).map(({ unit, frame }) => ({
    assetId: `engine-${unit}`,
    frame,
    failureTime: frame.time[frame.length - 1] as number,
  }));
  const test = readUnits(join(folder, `test_${set}.txt`)).map(({ frame }) => frame);
  const truth = numbersOf(join(folder, `RUL_${set}.txt`)).map(([left]) => left as number);
  if (truth.length !== test.length)
    throw new Error(`There are ${test.length} test engines, but ${truth.length} remaining lives.`);
  return { train, test, truth };
}

function numbersOf(path: string): number[][] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) =>
      line
        .trim()
        .split(/[\s,]+/)
        .map(Number),
    );
}

function readUnits(path: string): { unit: number; frame: Frame }[] {
  const units = new Map<number, number[][]>();
  for (const row of numbersOf(path)) {
    const unit = row[0] as number;
    const rows = units.get(unit);
    if (rows === undefined) units.set(unit, [row]);
    else rows.push(row);
  }
  return [...units].map(([unit, rows]) => {
    const sensors = (rows[0]?.length ?? 0) - 2 - SETTINGS.length;
    const names = [...SETTINGS, ...Array.from({ length: sensors }, (_, s) => `sensor${s + 1}`)];
    const time = Float64Array.from(rows, (row) => row[1] as number);
    const columns = names.map((name, c) => {
      return [name, { data: Float64Array.from(rows, (row) => row[c + 2] as number), unit: '1' }] as const;
    });
    return { unit, frame: new Frame(time, new Map(columns)) };
  });
}
