import { cpus } from 'node:os';
import type { Figures, RunInput } from '../../bench/harness.js';
import { madeRequests, spreadOver } from '../faults/made.js';
import { type Job, runJobs } from '../faults/pool.js';
import { prognosisFigures } from '../faults/prognosis.js';
import { referencePlants } from '../faults/reference.js';
import { scoreAll, scorePlant, tableByKind } from '../faults/score.js';

/**
 * Detection and diagnosis. With `--data` on plants whose faults are known (format of `reference/pv-faults`); without on
 * plants that the twin makes (every fault of the catalogue × 3 severities × 2 climates × 3 seeds), and prognosis on plants
 * that it runs to failure. `--plants N` takes only N of them, spread over all; `--prognosis N` runs N to failure (default
 * 200); `--seed N` (default 0) shifts the seeds of both, for plants that nobody developed on; `--workers N` threads (default:
 * up to 4).
 */
export default async function faults({ data, options, say }: RunInput): Promise<Figures> {
  const number = (name: string, otherwise: number) =>
    typeof options[name] === 'string' ? Number(options[name]) : otherwise;
  const most = number('plants', Number.POSITIVE_INFINITY);
  const jobs: Job[] =
    data === undefined
      ? spreadOver(madeRequests(number('seed', 0)), most).map((made) => ({ made }))
      : referencePlants(data)
          .slice(0, most)
          .map((folder) => ({ folder }));
  if (jobs.length === 0 && data !== undefined)
    throw new Error(`There is no plant with plant.json and truth.json below ${data}.`);
  const begun = performance.now();
  const results = await runJobs(jobs, number('workers', Math.min(4, cpus().length)), (done) => {
    if (done % 50 === 0) say(`${done} of ${jobs.length} plants, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  });
  const scores = results.map(scorePlant);
  if (scores.length > 0) for (const line of tableByKind(scores)) say(line);
  const figures = scores.length > 0 ? scoreAll(scores) : {};
  if (data !== undefined) return figures;
  const plants = typeof options.prognosis === 'string' ? Number(options.prognosis) : 200;
  return { ...figures, ...(await prognosisFigures({ plants, seed: number('seed', 0), say })) };
}
