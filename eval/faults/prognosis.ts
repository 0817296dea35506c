import { Random, type Reading } from '../../src/core/index.js';
import {
  DigitalTwin,
  type EndOfLife,
  examplePlant,
  type PlantDescription,
  type ProgressionKind,
} from '../../src/twin/index.js';
import { Simulator } from '../../src/twin/simulator.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** A plant that has not failed by then is drawn anew. */
const LONGEST = 700;
const LAWS: readonly ProgressionKind[] = ['linear', 'exponential', 'gamma', 'wiener'];
/** Places: mid-latitude with winter, dry and sunny, by the sea, near the equator. */
const SITES: readonly PlantDescription['site'][] = [
  { latitude: 48.1, longitude: 11.6, altitude: 520 },
  { latitude: 33.3, longitude: -112.4, altitude: 300 },
  { latitude: 39.5, longitude: -0.4, altitude: 15 },
  { latitude: -1.3, longitude: 36.8, altitude: 1700 },
];

/** Options of `prognosisFigures`. */
export interface PrognosisFigureOptions {
  /** How many plants. Default 200. */
  readonly plants?: number;
  readonly seed?: number;
  readonly say?: (text: string) => void;
}

/** A plant that ran to failure: what its instruments showed by the hour, and when it failed. */
interface Failure {
  readonly plant: PlantDescription;
  readonly readings: readonly Reading[];
  readonly criterion: EndOfLife;
  readonly fault: string;
  readonly law: ProgressionKind;
  readonly onset: number;
  readonly failed: number;
}

/**
 * How good the twin's prognosis is on plants that were run to failure: each a fault of the catalogue that leads to a
 * criterion of the end of life, growing at a rate of its own, in half of the plants by the catalogue's own law for the
 * fault and in the others by one of four laws; read by the hour from a sound start. At half of its life (between onset and
 * failure) the twin, which knows the plant's description and nothing of the fault, is asked when the criterion will be met.
 * `prognosis_coverage80` is the share of true times inside the 80 % interval,
 * `alpha_lambda` that of medians within 20 % of the true remaining life. Both are given by law too: of a process that
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
  const scores: { law: ProgressionKind; fault: string; covered: boolean; near: boolean }[] = [];
  for (let attempt = 0; scores.length < plants && attempt < 5 * plants; attempt++) {
    const failure = runToFailure(random.split(attempt));
    if (failure === undefined) continue;
    const { plant, readings, criterion, fault, law, onset, failed } = failure;
    const half = onset + 0.5 * (failed - onset);
    const twin = new DigitalTwin(plant);
    for (const reading of readings) if (reading.time <= half) twin.assimilate(reading);
    const { median, intervals, time } = await twin.prognose({
      event: criterion.name,
      horizon: '500d',
      samples: 200,
      seed: attempt,
    });
    // It was met in the course of the day that its mean is of.
    const truth = (failed - time) / DAY - 0.5;
    const [, eighty] = intervals;
    const covered = eighty !== undefined && truth >= eighty.lower && truth <= eighty.upper;
    const near = median !== null && Math.abs(median - truth) <= 0.2 * truth;
    scores.push({ law, fault, covered, near });
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
  for (const law of LAWS) {
    const own = scores.filter((score) => score.law === law);
    if (own.length === 0) continue;
    figures[`coverage80_${law}`] = share(own, 'covered');
    figures[`alpha_lambda_${law}`] = share(own, 'near');
  }
  return figures;
}

/** Runs a plant by the hour until the daily mean of its criterion fails; undefined where that takes too long. */
function runToFailure(random: Random): Failure | undefined {
  const kind = random.next() < 0.6 ? 'home' : 'roof';
  const example = examplePlant(kind);
  const site = SITES[random.int(SITES.length)] as PlantDescription['site'];
  const plant: PlantDescription = { ...example, site: { ...site, timeZone: 'UTC' } };
  const { model } = new DigitalTwin(plant);
  const choices = model.endOfLife.flatMap((criterion) => criterion.faults.map((fault) => ({ criterion, fault })));
  const { criterion, fault } = choices[random.int(choices.length)] as (typeof choices)[number];
  const own = model.faults.find(({ id }) => id === fault)?.progression ?? 'linear';
  const law = random.next() < 0.5 ? own : (LAWS[random.int(LAWS.length)] as ProgressionKind);
  const start = Date.parse('2021-01-01') + random.int(365) * DAY;
  const onset = start + random.uniform(15, 60) * DAY;
  const days = random.uniform(120, 500);
  const faults = [{ id: fault, severity: 1, from: onset, days, progression: law }];
  const seed = random.uint32();
  const simulator = new Simulator(model, { seed, weatherSeed: seed, start, faults, weather: undefined });
  const watched = [...model.channels, ...model.states].findIndex(({ name }) => name === criterion.channel);
  const readings: Reading[] = [];
  for (let day = 0; day < LONGEST; day++) {
    let [sum, count] = [0, 0];
    for (let hour = 0; hour < 24; hour++) {
      const time = start + day * DAY + hour * HOUR;
      simulator.advance(time, 3600);
      const values: Record<string, number> = {};
      model.channels.forEach(({ name }, c) => {
        values[name] = simulator.measured[c] as number;
      });
      readings.push({ assetId: plant.id, time, values });
      const value = simulator.truth[watched] as number;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    const mean = sum / count;
    if (count > 0 && (criterion.when === 'below' ? mean < criterion.limit : mean > criterion.limit)) {
      const failed = start + (day + 1) * DAY;
      // Too short a life leaves nothing to learn from; and a fault that has come to its end does not grow to the criterion.
      return failed - onset < 20 * DAY || failed > onset + days * DAY
        ? undefined
        : { plant, readings, criterion, fault, law, onset, failed };
    }
  }
  return undefined;
}
