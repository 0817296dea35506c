import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Frame } from '../../src/core/frame.js';
import { parseTime, readTable } from './csv.js';
import { filesBelow } from './nab.js';

/** A stretch of normal operation of a real plant. */
export interface NormalPlant {
  readonly name: string;
  readonly frame: Frame;
  /** Whether the plant follows the day: then the time of day is a feature. */
  readonly daily: boolean;
}

/** Channels without which a table is no plant: power, voltage, irradiance. */
const plantColumns = /^(ac_power|meas_val_f|voltage|poa|irradiance)/i;

/**
 * Unlabelled telemetry of plants below `folder`: tables of at least 5000 rows with a time and an electrical channel, and
 * no column `anomaly`. Columns that are no numbers are left out; rows out of order are dropped.
 */
export function readNormalPlants(folder: string): NormalPlant[] {
  return filesBelow(folder, '.csv').flatMap((path) => {
    if (statSync(path).size > 20_000_000 || !looksLikePlant(path)) return [];
    const { header, rows } = readTable(path);
    if (rows.length < 5000) return [];
    const timeAt = header.findIndex((_, c) => rows.slice(0, 20).every((row) => isTime(row[c] ?? '')));
    if (timeAt < 0) return [];
    const kept: number[] = [];
    let last = Number.NEGATIVE_INFINITY;
    const times = rows.map((row) => parseTime(row[timeAt] as string));
    times.forEach((time, i) => {
      if (!(time > last)) return;
      kept.push(i);
      last = time;
    });
    const columns: Record<string, { data: Float64Array; unit: string }> = {};
    header.forEach((name, c) => {
      const numeric = rows.slice(0, 200).every((row) => row[c] === '' || Number.isFinite(Number(row[c])));
      if (c === timeAt || !numeric) return;
      columns[name] = { data: Float64Array.from(kept, (i) => numberOf(rows[i]?.[c])), unit: '1' };
    });
    const time = Float64Array.from(kept, (i) => times[i] as number);
    const daily = (time[time.length - 1] as number) - (time[0] as number) > 7 * 86_400_000;
    return [{ name: basename(path), frame: new Frame(time, columns), daily }];
  });
}

function looksLikePlant(path: string): boolean {
  const header =
    readFileSync(path, 'utf8')
      .slice(0, 2000)
      .split('\n')[0]
      ?.split(/[,;\t]/) ?? [];
  const names = header.map((name) => name.trim());
  return names.some((name) => plantColumns.test(name)) && !names.includes('anomaly');
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text);
}

function numberOf(text: string | undefined): number {
  return text === undefined || text === '' ? Number.NaN : Number(text);
}
