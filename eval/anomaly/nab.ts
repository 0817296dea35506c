import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseTime, readTable } from './csv.js';

/** A series of the Numenta Anomaly Benchmark with its windows. */
export interface NabFile {
  readonly name: string;
  readonly time: Float64Array;
  readonly values: Float64Array;
  readonly windows: readonly (readonly [first: number, last: number])[];
}

type Windows = Readonly<Record<string, readonly (readonly [string, string])[]>>;

/** All files below `folder` whose name ends in `ext`. */
export function filesBelow(folder: string, ext: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, ext);
      return entry.name.toLowerCase().endsWith(ext) ? [path] : [];
    })
    .sort();
}

/**
 * The series below `folder`: recognised by a JSON that maps relative paths of CSV files to lists of [start, end] times.
 * Files it names and that are not there are left out, as are files it does not name.
 */
export function readNab(folder: string): NabFile[] {
  const csvs = filesBelow(folder, '.csv');
  for (const path of filesBelow(folder, '.json')) {
    const windows = asWindows(path);
    if (windows === undefined) continue;
    const files = Object.entries(windows).flatMap(([key, spans]) => {
      const csv = csvs.find((candidate) => samePath(candidate, key, folder, path));
      return csv === undefined ? [] : [readSeries(csv, key, spans)];
    });
    if (files.length > 0) return files;
  }
  return [];
}

function samePath(csv: string, key: string, folder: string, json: string): boolean {
  const normal = `/${relative(folder, csv).replaceAll('\\', '/')}`;
  return normal.endsWith(`/${key}`) || (existsSync(join(dirname(json), key)) && join(dirname(json), key) === csv);
}

function asWindows(path: string): Windows | undefined {
  if (statSync(path).size > 5_000_000) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const lists = Object.values(parsed);
  const spans = lists.flat();
  const good = (span: unknown) => Array.isArray(span) && span.length === 2 && span.every((t) => typeof t === 'string');
  return lists.length > 0 && lists.every(Array.isArray) && spans.length > 0 && spans.every(good)
    ? (parsed as Windows)
    : undefined;
}

function readSeries(csv: string, name: string, spans: readonly (readonly [string, string])[]): NabFile {
  const { rows } = readTable(csv);
  const time = Float64Array.from(rows, (row) => parseTime(row[0] as string));
  const values = Float64Array.from(rows, (row) => Number(row[1]));
  const windows = spans
    .map(([start, end]): [number, number] => {
      const first = time.findIndex((t) => t >= parseTime(start));
      const last = time.findLastIndex((t) => t <= parseTime(end));
      return [first, last];
    })
    .filter(([first, last]) => first >= 0 && last >= first)
    .sort((a, b) => a[0] - b[0]);
  return { name, time, values, windows };
}
