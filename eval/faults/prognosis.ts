import { Random } from '../../src/core/index.js';
import { WEAR_LAWS } from '../../src/twin/faults/index.js';
import { DigitalTwin, type ProgressionKind } from '../../src/twin/index.js';
import { runToFailure } from './life.js';

const DAY = 86_400_000;

/** Options of `prognosisFigures`. */
export interface PrognosisFigureOptions {
  /** How many plants. Default 200. */
  readonly plants?: number;
  readonly seed?: number;
  readonly say?: (text: string) => void;
}

/**
 * How good the twin's prognosis is on plants that were run to failure: each a fault of the catalogue that leads to a
 * criterion of the end of life, growing at a rate of its own, in half of the plants by the catalogue's own law for the
 * fault and in the others by one of four laws; read by the hour from a sound start. At half of its life (between onset and
 * failure) the twin, which knows the plant's description and nothing of the fault, is asked when the criterion will be met.
 * `prognosis_coverage80` is the share of true times inside the 80 % interval,
 * `alpha_lambda` that of medians within 20 % of the true remaining life. Both are given for the two halves (`catalogue`, `drawn`) and
 * by law too: of a process that
 * moves by chance no method can foretell more than its drift (who knew the very law, its parameters and the present wear
 * would come within 20 % in some 42 % of Gamma processes and 27 % of Wiener processes like these).
 * Source of the measures: A. Saxena et al.: Metrics for offline evaluation of prognostic performance, IJPHM 1, 2010.
 */
export async function prognosisFigures({
  plants = 200,
  seed = 0,
  say = () => {},
}: PrognosisFigureOptions = {}): Promise<Record<string, number>> {
  const random = new Random(seed).split('prognosis');
  const scores: { law: ProgressionKind; usual: boolean; fault: string; covered: boolean; near: boolean }[] = [];
  for (let attempt = 0; scores.length < plants && attempt < 5 * plants; attempt++) {
    const failure = runToFailure(random.split(attempt));
    if (failure === undefined) continue;
    const { plant, readings, criterion, fault, usual, law, onset, failed } = failure;
    const half = onset + 0.5 * (failed - onset);
    const twin = new DigitalTwin(plant);
    for (const reading of readings) if (reading.time <= half) twin.assimilate(reading);
    const { median, intervals, time } = await twin.prognose({
      event: criterion.name,
      horizon: '500d',
      samples: 200,
      seed: attempt,
    });
    // It was met in the course of the last day of the week that its mean is of.
    const truth = (failed - time) / DAY - 0.5;
    const [, eighty] = intervals;
    const covered = eighty !== undefined && truth >= eighty.lower && truth <= eighty.upper;
    const near = median !== null && Math.abs(median - truth) <= 0.2 * truth;
    scores.push({ law, usual, fault, covered, near });
    say(
      `${scores.length} ${fault} ${law}: ${truth.toFixed(0)} d left, foretold ${median?.toFixed(0) ?? 'never'} (${eighty?.lower.toFixed(0)}…${eighty?.upper.toFixed(0)})`,
    );
  }
  const share = (list: typeof scores, key: 'covered' | 'near') =>
    list.filter((score) => score[key]).length / list.length;
  const figures: Record<string, number> = {
    prognosis_plants: scores.length,
    prognosis_coverage80: share(scores, 'covered'),
    alpha_lambda: share(scores, 'near'),
  };
  const put = (name: string, own: typeof scores) => {
    if (own.length === 0) return;
    figures[`plants_${name}`] = own.length;
    figures[`coverage80_${name}`] = share(own, 'covered');
    figures[`alpha_lambda_${name}`] = share(own, 'near');
  };
  put(
    'catalogue',
    scores.filter(({ usual }) => usual),
  );
  put(
    'drawn',
    scores.filter(({ usual }) => !usual),
  );
  for (const law of WEAR_LAWS) {
    put(
      law,
      scores.filter((score) => score.law === law),
    );
  }
  return figures;
}
