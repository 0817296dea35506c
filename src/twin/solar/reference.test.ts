import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkOf } from '../../../eval/pv-reference/checks.js';
import { Comparison, type ReferenceFile } from '../../../eval/pv-reference/compare.js';

const FOLDER = new URL('../../../../shared/reference/pv/', import.meta.url);
const present = existsSync(FOLDER);

describe('reference numbers', () => {
  it.runIf(!present)('are not there: skipped here, an error where checks must be complete', () => {
    expect(process.env.CI, 'the reference numbers are missing').toBeUndefined();
  });

  const files = present ? readdirSync(FOLDER).filter((name) => name.endsWith('.json')) : [];
  it.each(files)('%s', (name) => {
    const check = checkOf(name.slice(0, -5));
    expect(check, 'no check of this name').toBeDefined();
    const result = new Comparison();
    check?.(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as ReferenceFile, result);
    expect([...result.columns].filter(([, error]) => !(error <= 1))).toEqual([]);
  });
});
