import type { Figures, RunInput } from '../../bench/harness.js';
import { type CaseResult, runCase } from '../faults/case.js';
import { prognosisFigures } from '../faults/prognosis.js';
import { referenceCase, referencePlants, referenceVocabulary } from '../faults/reference.js';
import { scoreAll, scorePlant, tableByKind } from '../faults/score.js';

/**
 * Detection and diagnosis. With `--data` on plants whose faults are known (format of `reference/pv-faults`); without on
 * plants that the twin makes, and prognosis on plants that it runs to failure. `--plants N` takes only the first N,
 * `--prognosis N` runs N to failure (default 200).
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
  const figures = scoreAll(scores);
  if (data !== undefined) return figures;
  const plants = typeof options.prognosis === 'string' ? Number(options.prognosis) : 200;
  return { ...figures, ...(await prognosisFigures({ plants, say })) };
}
