import { type Column, durationMs, Frame, type Work, type WorkOptions } from '../core/index.js';
import type { AssetModel } from './asset-model.js';
import { DailyMean } from './daily.js';
import { type FaultRequest, readTime } from './faults/index.js';
import { scenarioFaults } from './simulation.js';
import { Simulator, succeed } from './simulator.js';

/** Options of `simulateFailureProgression`. */
export interface FailureForecastOptions extends WorkOptions {
  /** The scenario whose faults grow. Default: the one being played, else `degradation`. */
  readonly scenario?: string | undefined;
  /** Faults that grow instead of a scenario's. */
  readonly faults?: readonly FaultRequest[] | undefined;
  /** Start: ISO text or ms since the epoch. Default: the time of the last live step, else now. */
  readonly from?: string | number | undefined;
  /** Days until the faults have their full severity, and how far is looked ahead. Default 30. */
  readonly days?: number | undefined;
  /** Time from row to row. Default `1h`. */
  readonly step?: string | number | undefined;
}

/** A look ahead at how an asset fails. */
export interface FailureForecast {
  /** The telemetry that would be seen. */
  readonly telemetry: Frame;
  /** Severity of each fault, as `FAULT.severity`, and the power lost to it, W, as `FAULT.lostPower`. */
  readonly progress: Frame;
  /** Each criterion of the end of life that is met, with the end of the day on which it was (ms since the epoch). */
  readonly failures: readonly { readonly criterion: string; readonly title: string; readonly time: number }[];
  /** Time of the first of them; null when the asset survives. */
  readonly failureTime: number | null;
}

/** The part of the work that needs the twin's own state and seeds. */
export interface FailureForecastStart {
  readonly scenario: string;
  readonly from: string | number;
  readonly seed: number;
  readonly weatherSeed: number;
}

const DAY = 86_400_000;

/** Lets faults grow from the state of `before` and watches the criteria of the end of life by the day. */
export function* failureProgressionWork(
  model: AssetModel,
  before: Simulator | undefined,
  options: FailureForecastOptions & FailureForecastStart,
): Work<FailureForecast> {
  const start = readTime(options.from, 'from');
  const days = options.days ?? 30;
  const step = durationMs(options.step ?? '1h', 'step');
  const requests = options.faults ?? scenarioFaults(model, options.scenario, start);
  const faults = requests.map((fault): FaultRequest => {
    const own = fault.progression === 'step' ? undefined : fault.progression;
    return { ...fault, from: fault.from ?? start, days: fault.days ?? days, progression: own ?? 'linear' };
  });
  const simulatorOptions = { seed: options.seed, weatherSeed: options.weatherSeed, start, faults, weather: undefined };
  const simulator =
    before === undefined ? new Simulator(model, simulatorOptions) : succeed(model, before, simulatorOptions);

  const count = Math.max(1, Math.ceil((days * DAY) / step));
  const time = new Float64Array(count);
  const telemetry = model.channels.map(() => new Float64Array(count));
  const severity = simulator.faults.map(() => new Float64Array(count));
  const lost = simulator.faults.map(() => new Float64Array(count));
  const names = [...model.channels, ...model.states].map(({ name }) => name);
  const watched = model.endOfLife.map((criterion) => ({
    criterion,
    place: names.indexOf(criterion.channel),
    mean: new DailyMean(),
    met: Number.NaN,
  }));
  const rowsADay = Math.max(1, Math.round(DAY / step));
  for (let row = 0; row < count; row++) {
    const now = start + row * step;
    time[row] = now;
    simulator.advance(now, step / 1000);
    telemetry.forEach((data, c) => {
      data[row] = simulator.measured[c] as number;
    });
    severity.forEach((data, f) => {
      data[row] = simulator.faults[f]?.severity ?? 0;
      (lost[f] as Float64Array)[row] = simulator.lost[f] as number;
    });
    for (const watch of watched) {
      watch.mean.add(simulator.truth[watch.place] as number);
      if ((row + 1) % rowsADay === 0) {
        const mean = watch.mean.take();
        const { when, limit } = watch.criterion;
        if (Number.isNaN(watch.met) && (when === 'below' ? mean < limit : mean > limit)) watch.met = now + step;
      }
    }
    // Some ms of work: readings that come meanwhile need not wait longer.
    if (row % 32 === 31) yield { phase: 'looking ahead', done: row + 1, total: count };
  }

  const progress: Record<string, Column> = {};
  simulator.faults.forEach((fault, f) => {
    progress[`${fault.definition.id}.severity`] = { data: severity[f] as Float64Array, unit: '1' };
    progress[`${fault.definition.id}.lostPower`] = { data: lost[f] as Float64Array, unit: 'W' };
  });
  const failures = watched
    .filter(({ met }) => !Number.isNaN(met))
    .map(({ criterion, met }) => ({ criterion: criterion.name, title: criterion.title, time: met }))
    .sort((a, b) => a.time - b.time);
  return {
    telemetry: new Frame(
      time,
      Object.fromEntries(
        model.channels.map(({ name, unit }, c) => [name, { data: telemetry[c] as Float64Array, unit }]),
      ),
    ),
    progress: new Frame(time, progress),
    failures,
    failureTime: failures[0]?.time ?? null,
  };
}
