import { type Duration, durationMs } from '../../core/duration.js';
import { quote, TwinergyError } from '../../core/errors.js';
import { Frame } from '../../core/frame.js';
import type { WorkOptions } from '../../core/work.js';
import type { ForecastEngine } from './engine.js';
import type { EngineName } from './registry.js';
import { inferStep, type SeriesSpec } from './series.js';

/** Options of `Forecaster`; all have defaults. */
export interface ForecasterOptions {
  /** A method by name, or one of your own. Default `auto`: the candidates are back-tested and the best are blended. */
  readonly engine?: EngineName | ForecastEngine;
  /** Probabilities of the intervals, in %. Default 50, 80, 95. */
  readonly levels?: readonly number[];
  /** Seed of everything random. Default 0. */
  readonly seed?: number;
  /**
   * How fast intervals widen after a miss and narrow after a hit as readings come in (`update`, `backtest`), per step that
   * was measured. 0 keeps them as calibrated. Default 0.015: with ten hours of light, a memory of about a week.
   */
  readonly adaptation?: number;
  /** Seconds after which `auto` begins no further candidate. Default 30. */
  readonly timeBudget?: number;
  /** Told what a person should know, for instance that an engine was replaced. Default `console.warn`. */
  readonly onNotice?: (text: string) => void;
}

/** A history, with what belongs to this one alone: where a pool of several is fitted together. */
export interface ForecastSource {
  readonly frame: Frame;
  /** As in `ForecastTask`. */
  readonly clearSky?: ForecastTask['clearSky'];
  /** As in `ForecastTask`. */
  readonly covariates?: ForecastTask['covariates'];
  /** Properties that do not change, such as rated power; the same names for each source of a pool. */
  readonly static?: Readonly<Record<string, number>>;
}

/** What is to be forecast from what. */
export interface ForecastTask {
  /** The column to forecast. */
  readonly target: string;
  /** How far ahead. Default `"6h"`. */
  readonly horizon?: Duration;
  /** The distance between forecast steps; finer readings are averaged. Default: the usual distance of the rows. */
  readonly step?: Duration;
  /** Columns that are measured, so not known ahead. */
  readonly past?: readonly string[];
  /** Columns known ahead of time too: give their future values as rows after the last value of the target. */
  readonly known?: readonly string[];
  /** Columns known ahead of time, as functions of the time (ms): calendars, solar geometry, a twin's prediction. */
  readonly covariates?: Readonly<Record<string, (time: number) => number>>;
  /**
   * What the target would be under a clear sky, or any curve in proportion to it (clear-sky irradiance on the array), as a
   * column or as a function of the time (ms). Engines then forecast the clearness, and night is zero.
   */
  readonly clearSky?: string | ((time: number) => number);
  /** Properties of the asset that do not change. */
  readonly static?: Readonly<Record<string, number>>;
  /** Least value the target can take. Default: 0 with a clear-sky curve, else none. */
  readonly min?: number;
  /** Greatest value the target can take, for instance the inverter's rating. Default: none. */
  readonly max?: number;
  /** Time (ms) from which the history is held out for choosing and for intervals. Default: its last quarter. */
  readonly holdoutFrom?: number;
  /** Whether weights are learned again from all of the history, the held-out part too, at the end. Default true. */
  readonly refit?: boolean;
}

/** Options of `Forecaster.fit`. */
export type ForecastFitOptions = ForecastTask & WorkOptions;

/** A task with its defaults filled in and its lengths in steps. */
export interface ResolvedTask {
  readonly target: string;
  readonly past: readonly string[];
  readonly known: readonly string[];
  readonly covariates: Readonly<Record<string, (time: number) => number>> | undefined;
  readonly clearSky: string | ((time: number) => number) | undefined;
  readonly step: number;
  readonly horizon: number;
  readonly min: number;
  readonly max: number;
  readonly holdoutFrom: number | undefined;
  readonly refit: boolean;
}

/**
 * Fills in defaults.
 * @throws TwinergyError `FORECAST_BAD_OPTION`, `BAD_DURATION`, `FRAME_UNKNOWN_COLUMN`
 */
export function resolveTask(task: ForecastTask, sources: readonly ForecastSource[]): ResolvedTask {
  const first = sources[0];
  if (first === undefined) throw badOption('frame', sources, 'Give at least one history.');
  for (const { frame } of sources) {
    for (const name of [task.target, ...(task.past ?? []), ...(task.known ?? [])]) frame.column(name);
  }
  const step = task.step === undefined ? inferStep(first.frame) : durationMs(task.step, 'step');
  const horizon = Math.round(durationMs(task.horizon ?? '6h', 'horizon') / step);
  if (horizon < 1) throw badOption('horizon', task.horizon ?? '6h', 'The horizon must be at least one step.');
  const solar = task.clearSky !== undefined || first.clearSky !== undefined;
  const min = task.min ?? (solar ? 0 : Number.NEGATIVE_INFINITY);
  const max = task.max ?? Number.POSITIVE_INFINITY;
  if (!(min < max)) throw badOption('max', max, `It must be greater than min, ${min}.`);
  return {
    target: task.target,
    past: task.past ?? [],
    known: task.known ?? [],
    covariates: task.covariates,
    clearSky: task.clearSky,
    step,
    horizon,
    min,
    max,
    holdoutFrom: task.holdoutFrom,
    refit: task.refit ?? true,
  };
}

/** How the history of `source` is read. */
export function seriesSpec(task: ResolvedTask, source: ForecastSource, fallback?: ForecastTask['static']): SeriesSpec {
  return {
    target: task.target,
    past: task.past,
    known: task.known,
    step: task.step,
    covariates: source.covariates ?? task.covariates,
    clearSky: source.clearSky ?? task.clearSky,
    static: source.static ?? fallback,
  };
}

/** A history as a source. */
export function asSource(history: Frame | ForecastSource): ForecastSource {
  return history instanceof Frame ? { frame: history } : history;
}

/** An option that cannot be, as an error with code `FORECAST_BAD_OPTION`. */
export function badOption(path: string, value: unknown, hint: string): TwinergyError {
  return new TwinergyError('FORECAST_BAD_OPTION', `${quote(value)} will not do for the option ${path}.`, {
    path,
    value,
    hint,
  });
}

/** Checks the levels of intervals and gives them in increasing order. */
export function checkLevels(levels: readonly number[]): readonly number[] {
  for (const level of levels) {
    if (!(level > 0 && level < 99.5)) throw badOption('levels', level, 'Levels are in %, above 0 and below 99.5.');
  }
  return [...new Set(levels)].sort((a, b) => a - b);
}
