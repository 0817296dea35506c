import type { Random, Reading } from '../../src/core/index.js';
import { CRITERION_DAYS } from '../../src/twin/asset-model.js';
import { drawnLaw } from '../../src/twin/faults/index.js';
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
/** Places: mid-latitude with winter, dry and sunny, by the sea, near the equator. */
const SITES: readonly PlantDescription['site'][] = [
  { latitude: 48.1, longitude: 11.6, altitude: 520 },
  { latitude: 33.3, longitude: -112.4, altitude: 300 },
  { latitude: 39.5, longitude: -0.4, altitude: 15 },
  { latitude: -1.3, longitude: 36.8, altitude: 1700 },
];

/** A plant that ran to failure: what its instruments showed by the hour, and when it failed. */
export interface Failure {
  readonly plant: PlantDescription;
  readonly readings: readonly Reading[];
  readonly criterion: EndOfLife;
  readonly fault: string;
  /** Whether it grows by the catalogue's law, or by one drawn. */
  readonly usual: boolean;
  readonly law: ProgressionKind;
  readonly onset: number;
  readonly failed: number;
}

/**
 * Runs a plant by the hour until the mean of its criterion over a week fails, as `twin.runToFailure` judges it; undefined
 * where that takes too long.
 */
export function runToFailure(random: Random): Failure | undefined {
  const kind = random.next() < 0.6 ? 'home' : 'roof';
  const example = examplePlant(kind);
  const site = SITES[random.int(SITES.length)] as PlantDescription['site'];
  const plant: PlantDescription = { ...example, site: { ...site, timeZone: 'UTC' } };
  const { model } = new DigitalTwin(plant);
  const choices = model.endOfLife.flatMap((criterion) => criterion.faults.map((fault) => ({ criterion, fault })));
  const { criterion, fault } = choices[random.int(choices.length)] as (typeof choices)[number];
  const own = model.faults.find(({ id }) => id === fault)?.progression ?? 'linear';
  const { law, usual } = drawnLaw(random, own);
  const start = Date.parse('2021-01-01') + random.int(365) * DAY;
  const onset = start + random.uniform(15, 60) * DAY;
  const days = random.uniform(120, 500);
  const faults = [{ id: fault, severity: 1, from: onset, days, progression: law }];
  const seed = random.uint32();
  const simulator = new Simulator(model, { seed, weatherSeed: seed, start, faults, weather: undefined });
  const watched = [...model.channels, ...model.states].findIndex(({ name }) => name === criterion.channel);
  const readings: Reading[] = [];
  const week: number[] = [];
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
    if (count > 0) week.push(sum / count);
    if (week.length > CRITERION_DAYS) week.shift();
    const mean = week.reduce((total, value) => total + value, 0) / CRITERION_DAYS;
    if (
      week.length === CRITERION_DAYS &&
      (criterion.when === 'below' ? mean < criterion.limit : mean > criterion.limit)
    ) {
      const failed = start + (day + 1) * DAY;
      // Too short a life leaves nothing to learn from; and a fault that has come to its end does not grow to the criterion.
      return failed - onset < 20 * DAY || failed > onset + days * DAY
        ? undefined
        : { plant, readings, criterion, fault, usual, law, onset, failed };
    }
  }
  return undefined;
}
