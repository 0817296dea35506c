import { type Column, Frame, quote, Random, TwinergyError, type Work, type WorkOptions } from '../core/index.js';
import { type AssetModel, CRITERION_DAYS, type EndOfLife } from './asset-model.js';
import { DailyMean } from './daily.js';
import {
  drawnLaw,
  type FaultRequest,
  faultDefinition,
  type LawChoice,
  type ProgressionKind,
  readTime,
} from './faults/index.js';
import { Simulator } from './simulator.js';
import { dailyWear, wearMeterOf } from './wear/index.js';

/** Options of `runToFailure`. */
export interface RunToFailureOptions extends WorkOptions {
  /** How many assets. */
  readonly fleet: number;
  /** Faults that they may fail of. Default: all that lead to a criterion of the end of life. */
  readonly faults?: readonly string[] | undefined;
  /** Measured weather for all of them. Default: each under the generator's, in its own years. */
  readonly weather?: Frame | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Earliest start: ISO text or ms since the epoch; each asset starts within a year of it. Default 2020-01-01. */
  readonly from?: string | number | undefined;
  /** Shortest and longest time from onset to full severity, days. Default 120 and 500. */
  readonly days?: readonly [shortest: number, longest: number] | undefined;
  /**
   * By which laws the faults grow. `catalogue`: each by the one that the catalogue names for it. A list: by one of these, drawn
   * for each asset. Default `mixed`: half by the catalogue's own, half by one drawn of linear, exponential, gamma and wiener.
   */
  readonly laws?: LawChoice | undefined;
}

/** The history of one asset up to its failure. */
export interface RunToFailure {
  readonly assetId: string;
  /**
   * One row a day up to the failure: daily means of the channels, and the figures of wear of the asset's model, for a solar
   * plant `yieldRatio`, `dcRatio`, `conversionRatio`, … (see `wearMeterOf`). Rows are stamped with the start of the day (24 h
   * from the asset's start).
   */
  readonly frame: Frame;
  /**
   * When the criterion was first met by the mean over a week, so that one dull day is no end of a life: the end of that week's
   * last day, ms since the epoch.
   */
  readonly failureTime: number;
  /** What it failed of. */
  readonly fault: string;
  /** The law by which it grew. */
  readonly law: ProgressionKind;
  /** The criterion that was met. */
  readonly criterion: string;
  /** Onset of the fault, ms since the epoch. */
  readonly onset: number;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** An asset that has not failed after this many days is drawn anew with the next stream. */
const LONGEST = 1500;
/** So many days after a fault has grown to its end, what has held will hold. */
const GROWN = 30;

/** Runs one asset after the other to its failure, by the hour. */
export function* runToFailureWork(model: AssetModel, options: RunToFailureOptions): Work<RunToFailure[]> {
  if (!(Number.isInteger(options.fleet) && options.fleet >= 1)) {
    throw new TwinergyError('TWIN_BAD_FLEET', `fleet must be a whole number from 1, got ${quote(options.fleet)}.`, {
      path: 'fleet',
      value: options.fleet,
    });
  }
  if (Array.isArray(options.laws) && options.laws.length === 0) {
    throw new TwinergyError('TWIN_BAD_FLEET', 'laws must name at least one law.', {
      path: 'laws',
      value: options.laws,
    });
  }
  const choices = model.endOfLife.flatMap((criterion) =>
    criterion.faults
      .filter((fault) => options.faults === undefined || options.faults.includes(fault))
      .map((fault) => ({ fault, criterion })),
  );
  if (choices.length === 0) {
    throw new TwinergyError('TWIN_UNKNOWN_FAULT', 'None of these faults leads to the end of life of this asset.', {
      path: 'faults',
      value: options.faults,
      hint: `Those that do: ${model.endOfLife.flatMap(({ faults }) => faults).join(', ')}.`,
    });
  }
  const random = new Random(options.seed ?? 0).split('run to failure');
  const earliest = readTime(options.from ?? '2020-01-01', 'from');
  const histories: RunToFailure[] = [];
  for (let attempt = 0; histories.length < options.fleet; attempt++) {
    if (attempt > 20 * options.fleet) {
      throw new TwinergyError('TWIN_NEVER_FAILS', 'These assets do not fail within four years.', {
        hint: 'Give faults that grow faster or do more harm.',
      });
    }
    const stream = random.split(attempt);
    const choice = choices[stream.int(choices.length)] as (typeof choices)[number];
    const start = earliest + stream.int(365) * DAY;
    const history = yield* runOne(model, choice, start, stream, options, histories.length);
    if (history !== undefined) histories.push(history);
    yield { phase: 'running to failure', done: histories.length, total: options.fleet };
  }
  return histories;
}

function* runOne(
  model: AssetModel,
  { fault, criterion }: { fault: string; criterion: EndOfLife },
  start: number,
  random: Random,
  options: RunToFailureOptions,
  done: number,
): Work<RunToFailure | undefined> {
  const [shortest, longest] = options.days ?? [120, 500];
  const onset = start + random.uniform(5, 60) * DAY;
  const severity = random.uniform(0.85, 1);
  const days = random.uniform(shortest, longest);
  const { law } = drawnLaw(random, faultDefinition(model.faults, fault).progression, options.laws);
  const request: FaultRequest = { id: fault, severity, from: onset, days, progression: law };
  const seed = random.uint32();
  // Gamma and Wiener processes go on after their days; the others have grown to their end by then.
  const span = days * (law === 'gamma' || law === 'wiener' ? 2 : 1);
  const lastDay = Math.min(LONGEST, Math.ceil((onset - start) / DAY + span + GROWN));
  const simulator = new Simulator(model, {
    seed,
    weatherSeed: seed,
    start,
    faults: [request],
    weather: options.weather,
  });
  const names = [...model.channels, ...model.states].map(({ name }) => name);
  const watched = names.indexOf(criterion.channel);
  const kept = model.channels.flatMap((channel, c) => (channel.aliasOf === undefined ? [c] : []));
  const rows = kept.map(() => [] as number[]);
  const hours = kept.map(() => [] as number[]);
  const hourTimes: number[] = [];
  const means = kept.map(() => new DailyMean());
  const time: number[] = [];
  const state = new DailyMean();
  const week: number[] = [];
  const failed = (mean: number) => (criterion.when === 'below' ? mean < criterion.limit : mean > criterion.limit);

  for (let day = 0; day < lastDay; day++) {
    const midnight = start + day * DAY;
    for (let hour = 0; hour < 24; hour++) {
      simulator.advance(midnight + hour * HOUR, 3600);
      hourTimes.push(midnight + hour * HOUR);
      kept.forEach((c, k) => {
        means[k]?.add(simulator.measured[c] as number);
        hours[k]?.push(simulator.measured[c] as number);
      });
      state.add(simulator.truth[watched] as number);
    }
    // A step of a page's work: twenty simulated days take some milliseconds.
    if (day % 20 === 19) yield { phase: 'running to failure', done, total: options.fleet };
    time.push(midnight);
    means.forEach((mean, k) => {
      rows[k]?.push(mean.take());
    });
    const today = state.take();
    if (!Number.isNaN(today)) week.push(today);
    if (week.length > CRITERION_DAYS) week.shift();
    if (week.length === CRITERION_DAYS && failed(week.reduce((sum, mean) => sum + mean, 0) / CRITERION_DAYS)) {
      // What meets the criterion while it is well does not wear out: it is no life to learn from.
      if (midnight < onset) return undefined;
      const columns: Record<string, Column> = {};
      kept.forEach((c, k) => {
        const channel = model.channels[c];
        if (channel !== undefined)
          columns[channel.name] = { data: Float64Array.from(rows[k] ?? []), unit: channel.unit };
      });
      const telemetry = new Frame(
        Float64Array.from(hourTimes),
        new Map(
          kept.map((c, k) => [
            model.channels[c]?.name ?? '',
            { data: Float64Array.from(hours[k] ?? []), unit: model.channels[c]?.unit ?? '1' },
          ]),
        ),
      );
      const wear = dailyWear(model, telemetry, DAY);
      wearMeterOf(model).channels.forEach(({ name, unit }, k) => {
        columns[name] = { data: Float64Array.from(wear, (row) => row[k] as number), unit };
      });
      return {
        assetId: `${model.id}-${done + 1}`,
        frame: new Frame(Float64Array.from(time), columns),
        failureTime: midnight + DAY,
        fault,
        law,
        criterion: criterion.name,
        onset,
      };
    }
  }
  return undefined;
}
