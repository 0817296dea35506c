import { type Frame, TwinergyError } from '../../core/index.js';
import type { Plant } from '../description/plant.js';
import type { Sky } from '../plant/sky.js';
import type { EventBaseline } from './event-sign.js';
import { learnEvents } from './events.js';
import { type Expectation, learnExpectations, residualRows } from './expectation.js';
import { ordinaryStep } from './instruments.js';
import { comparable, expectedAc, statesOf } from './inverter-states.js';
import { Evidence } from './judge.js';
import { type Layout, layoutOf } from './layout.js';
import {
  dayLevel,
  dimmedByDust,
  learnNatural,
  type NaturalSoiling,
  naturalLevels,
  wetnessOf,
  withoutNatural,
} from './natural.js';
import { learnNoise, type SeriesNoise } from './noise.js';
import { medianOf } from './ridge.js';
import { signalRows } from './rows.js';
import { type Series, seriesOf } from './series.js';
import { splitDays, summarise } from './summary.js';

/** Days of rows that learning needs. */
const FEWEST_DAYS = 7;

/** What a healthy period taught of a plant. */
export interface Learned {
  readonly layout: Layout;
  readonly series: readonly Series[];
  readonly step: number;
  readonly expectations: readonly Expectation[];
  readonly noise: readonly SeriesNoise[];
  readonly natural: readonly NaturalSoiling[];
  readonly events: EventBaseline;
  readonly evidence: Evidence;
}

/** Learns from a healthy period. @throws TwinergyError `DIAGNOSIS_TOO_SHORT` */
export function learnPlant(plant: Plant, sky: Sky, frame: Frame): Learned {
  const layout = layoutOf(plant, frame.names);
  const series = seriesOf(layout);
  const step = ordinaryStep(frame.time);
  const rows = signalRows(plant, sky, layout, frame);
  const none: Expectation[] = layout.signals.map(() => null);
  // First by the states that physics alone tells, then by those that the first round tells.
  let expectations = none;
  for (let round = 0; round < 2; round++) {
    const expected = plant.inverters.map((_, i) => expectedAc(plant, layout, rows, expectations, i));
    const residuals = round === 0 ? undefined : residualRows(layout, rows, expectations);
    const states = statesOf(plant, layout, rows, expected, residuals);
    expectations = learnExpectations(layout, rows, (k, row) => comparable(layout, states, k, row));
  }
  if (expectations.every((fit) => fit === null)) {
    throw new TwinergyError(
      'DIAGNOSIS_TOO_SHORT',
      'The healthy period is too short or too dark to learn anything from.',
      {
        hint: 'Give at least two weeks with irradiance and power.',
      },
    );
  }
  const days = splitDays(plant, frame).map((part) =>
    summarise(plant, sky, { layout, series, expectations, step }, part),
  );
  if (days.length < FEWEST_DAYS) {
    throw new TwinergyError(
      'DIAGNOSIS_TOO_SHORT',
      `The healthy period has ${days.length} days; it must have ${FEWEST_DAYS} or more.`,
      {},
    );
  }
  const levels = series.map((_, j) => days.map((day) => dayLevel(day, j)));
  const natural = series.map((own, j) =>
    dimmedByDust(layout, own) ? learnNatural(levels[j] as number[]) : { rate: 0, clean: 0 },
  );
  const start = levels.map((own) => {
    const seen = own.slice(0, 7).filter(Number.isFinite);
    return seen.length > 0 ? medianOf(seen) : 0;
  });
  const wetness = days.map((_, d) => wetnessOf(days, d));
  const explained = series.map((own, j) =>
    dimmedByDust(layout, own)
      ? naturalLevels(levels[j] as number[], natural[j] as NaturalSoiling, start[j] as number, wetness)
      : days.map(() => 0),
  );
  const noise = learnNoise(
    layout,
    series,
    days.map((day, d) =>
      withoutNatural(
        layout,
        series,
        day.cells,
        explained.map((own) => own[d] as number),
      ),
    ),
  );
  const last = explained.map((own) => own[own.length - 1] ?? 0);
  const evidence = new Evidence(
    { plant, sky, layout, series, expectations, noise, natural },
    { levels: last, recent: last.map((level) => [level]), samples: [], held: [], waited: 0, doubted: [] },
  );
  return { layout, series, step, expectations, noise, natural, events: learnEvents(days), evidence };
}
