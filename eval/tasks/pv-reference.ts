import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures, RunInput } from '../../bench/harness.js';
import { checkOf } from '../pv-reference/checks.js';
import { Comparison, type ReferenceFile } from '../pv-reference/compare.js';

/**
 * Compares the physics with every reference file of a folder (`--data`, default `../shared/reference/pv`). Prints for each
 * the largest error as a multiple of its tolerance, so that 1 is the limit.
 */
export default function pvReference({ data = '../shared/reference/pv', say }: RunInput): Figures {
  const figures: Record<string, number> = {};
  const skipped: string[] = [];
  const failed: string[] = [];
  const files = readdirSync(data)
    .filter((name) => name.endsWith('.json'))
    .sort();
  for (const name of files) {
    const key = name.slice(0, -5);
    const check = checkOf(key);
    if (check === undefined) {
      say(`${key.padEnd(36)} skipped: no model of ours is named so`);
      skipped.push(key);
      continue;
    }
    const result = new Comparison();
    check(JSON.parse(readFileSync(join(data, name), 'utf8')) as ReferenceFile, result);
    skipped.push(...result.skipped.map((column) => `${key}.${column}`));
    if (result.columns.size === 0) {
      say(`${key.padEnd(36)} skipped: ${result.skipped.join(', ')} are not among the models`);
      continue;
    }
    figures[key] = Number(result.worst.toPrecision(3));
    if (!(result.worst <= 1)) failed.push(key);
    const [column] = [...result.columns].sort((a, b) => b[1] - a[1])[0] ?? ['-'];
    say(`${key.padEnd(36)} ${result.worst.toPrecision(3).padStart(10)} of the tolerance (${column})`);
    if (!(result.worst <= 1))
      for (const [column, error] of result.columns) if (!(error <= 1)) say(`    ${column}: ${error.toPrecision(3)}`);
    if (result.skipped.length > 0) say(`    not among the models: ${result.skipped.join(', ')}`);
  }
  return { files: files.length, failed: failed.length, failures: failed, skipped, ...figures };
}
