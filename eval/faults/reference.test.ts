import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CaseResult, runCase } from './case.js';
import { referenceCase, referencePlants, referenceVocabulary } from './reference.js';
import { scorePlant } from './score.js';

const FOLDER = fileURLToPath(new URL('../../../shared/reference/pv-faults', import.meta.url));
const present = existsSync(FOLDER);

/** The first plant of a kind, watched as the evaluation watches it. */
function watched(kind: string): CaseResult {
  for (const folder of referencePlants(FOLDER)) {
    const found = referenceCase(folder);
    if (found.truth.kind === kind) return runCase(found, referenceVocabulary);
  }
  throw new Error(`There is no plant of kind ${kind}.`);
}

describe('diagnosis of plants that another program made', () => {
  it.runIf(!present)('are not there: skipped here, an error where checks must be complete', () => {
    expect(process.env.CI, 'the reference plants are missing').toBeUndefined();
  });

  it.runIf(present)('names an open string within days and what it costs', () => {
    const score = scorePlant(watched('string-open'));
    expect(score.daysToDetect).toBeLessThan(4);
    expect(score.rank).toBe(1);
    expect(score.lostError).toBeLessThan(0.2);
    expect(score.falseAlarms).toBe(0);
  });

  it.runIf(present)('takes curtailment for no fault', () => {
    const score = scorePlant(watched('curtailment'));
    expect(score.soundDays).toBeGreaterThan(60);
    expect(score.falseAlarms).toBe(0);
  });
});
