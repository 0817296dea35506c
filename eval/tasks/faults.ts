import type { Figures, RunInput } from '../../bench/harness.js';
import { type CaseResult, runCase } from '../faults/case.js';
import { referenceCase, referencePlants, referenceVocabulary } from '../faults/reference.js';
import { scoreAll, scorePlant, tableByKind } from '../faults/score.js';

/**
 * Detection and diagnosis. With `--data` on plants whose faults are known (format of `reference/pv-faults`); without on
 * plants that the twin makes. `--plants N` takes only the first N.
 */
export default async function faults({ data, options, say }: RunInput): Promise<Figures> {
  const most = typeof options.plants === 'string' ? Number(options.plants) : Number.POSITIVE_INFINITY;
  const results: CaseResult[] = [];
  if (data !== undefined) {
    for (const folder of referencePlants(data).slice(0, most))
      results.push(runCase(referenceCase(folder), referenceVocabulary));
  }
  const scores = results.map(scorePlant);
  for (const line of tableByKind(scores)) say(line);
  return scoreAll(scores);
}
