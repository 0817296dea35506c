import { readFileSync } from 'node:fs';

/** A text table: its header and its rows. */
export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads a table with a header line; the separator is the one of `,` `;` tab that the header has most of. */
export function readTable(path: string): TextTable {
  const lines = readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const first = lines[0] ?? '';
  const separators = [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length);
  const separator = separators[0] as string;
  const [header = [], ...rows] = lines.map((line) => line.split(separator).map((cell) => cell.trim()));
  return { header, rows };
}

/** `2014-04-10 07:15:00.000000` → ms since the epoch, read as UTC. */
export function parseTime(text: string): number {
  const iso = text
    .trim()
    .replace(' ', 'T')
    .replace(/(\.\d{3})\d+/, '$1');
  return Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`);
}
