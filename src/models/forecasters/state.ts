import { TwinergyError } from '../../core/errors.js';
import { type Column, Frame } from '../../core/frame.js';
import { packFloats, unpackFloats } from '../serial.js';
import { AdaptiveLevels } from './adaptive.js';
import type { EngineSpec, FittedEngine, ForecastEngine } from './engine.js';
import { ConformalIntervals, type IntervalState } from './intervals.js';
import { LiveHistory } from './live-history.js';
import {
  badOption,
  type ForecasterOptions,
  type ForecastSource,
  type ForecastTask,
  type ResolvedTask,
} from './options.js';
import type { Calibrated } from './pipeline.js';
import type { Series } from './series.js';

/** What a fitted `Forecaster` holds. */
export interface FittedState extends Calibrated {
  readonly task: ResolvedTask;
  readonly spec: EngineSpec;
  /** The scale of the series learned from; of the first one, where there were several. */
  readonly scale: number;
  /** The factor of the clear-sky curve of that series. */
  readonly clearSkyFactor: number;
  /** Whether several series were learned together: another history is then read with its own scale. */
  readonly pooled: boolean;
  /** What belongs to the live history. */
  readonly source: Omit<ForecastSource, 'frame'>;
  readonly history: LiveHistory;
  readonly levels: AdaptiveLevels;
}

/** A fit about to begin. */
export interface Prepared {
  readonly sources: readonly ForecastSource[];
  readonly task: ResolvedTask;
  readonly pool: readonly Series[];
  readonly spec: EngineSpec;
  readonly statics: ForecastTask['static'];
}

/** What `Forecaster.toJSON` seals. */
export interface SavedForecaster {
  readonly engine: string;
  readonly levels: readonly number[];
  readonly adaptation: number;
  readonly seed: number;
  readonly task: Omit<ResolvedTask, 'clearSky' | 'covariates' | 'min' | 'max' | 'holdoutFrom'>;
  readonly min: number | null;
  readonly max: number | null;
  readonly clearSky: string | null;
  /** Whether the clear sky, and which covariates, were functions: these must be given again. */
  readonly functions: { readonly clearSky: boolean; readonly covariates: readonly string[] };
  readonly spec: EngineSpec;
  readonly scale: number;
  readonly clearSkyFactor: number;
  readonly pooled: boolean;
  readonly statics: Readonly<Record<string, number>> | null;
  readonly fitted: unknown;
  readonly intervals: IntervalState;
  readonly working: readonly number[];
  readonly history: {
    readonly time: string;
    readonly columns: readonly { readonly name: string; readonly unit: string; readonly data: string }[];
  };
}

/** What `Forecaster.fromJSON` is given beside the JSON data. */
export interface LoadOptions
  extends Pick<ForecastTask, 'covariates'>,
    Pick<ForecasterOptions, 'onNotice' | 'timeBudget'> {
  /** The engine, where it is one of your own. */
  readonly engine?: ForecastEngine;
  /** The clear-sky function, where it was one. */
  readonly clearSky?: (time: number) => number;
}

/** How many ms of history a prediction looks back on, with a margin for filling gaps. */
export function keptTime(fitted: FittedEngine, spec: EngineSpec, task: ResolvedTask): number {
  return (fitted.lookback + 2 * spec.season + 2) * task.step;
}

/** Names of the columns of a history that are used. */
export function columnsOf(task: ResolvedTask, source: Omit<ForecastSource, 'frame'>): string[] {
  const clearSky = source.clearSky ?? task.clearSky;
  return [...new Set([task.target, ...task.past, ...task.known, ...(typeof clearSky === 'string' ? [clearSky] : [])])];
}

/** The fitted state as JSON data. */
export function saveState(state: FittedState): Omit<SavedForecaster, 'engine' | 'levels' | 'adaptation' | 'seed'> {
  const { task, spec, scale, clearSkyFactor, pooled, source, fitted, intervals, levels, history } = state;
  const { clearSky: _clearSky, covariates: _covariates, min, max, holdoutFrom: _holdoutFrom, ...plain } = task;
  const clearSky = source.clearSky ?? task.clearSky;
  const frame = history.frame();
  return {
    task: plain,
    min: Number.isFinite(min) ? min : null,
    max: Number.isFinite(max) ? max : null,
    clearSky: typeof clearSky === 'string' ? clearSky : null,
    functions: {
      clearSky: typeof clearSky === 'function',
      covariates: Object.keys(source.covariates ?? task.covariates ?? {}),
    },
    spec,
    scale,
    clearSkyFactor,
    pooled,
    statics: source.static ?? null,
    fitted: fitted.toJSON(),
    intervals: intervals.toJSON(),
    working: levels.toJSON(),
    history: {
      time: packFloats(frame.time),
      columns: [...frame.columns()].map(([name, { data, unit }]) => ({ name, unit, data: packFloats(data) })),
    },
  };
}

/** Takes up what `saveState` gave. */
export function loadState(saved: SavedForecaster, engine: ForecastEngine, given: LoadOptions): FittedState {
  if (engine.fromJSON === undefined) throw badOption('engine', engine.name, 'This engine has no fromJSON.');
  const missing = saved.functions.covariates.filter((name) => given.covariates?.[name] === undefined);
  if (saved.functions.clearSky && given.clearSky === undefined) missing.unshift('clearSky');
  if (missing.length > 0) {
    throw new TwinergyError(
      'FORECAST_FUNCTION_MISSING',
      `This forecaster was fitted with functions that JSON cannot hold: ${missing.join(', ')}.`,
      { path: missing[0] as string, hint: 'Give them again as options of fromJSON().' },
    );
  }
  const task: ResolvedTask = {
    ...saved.task,
    min: saved.min ?? Number.NEGATIVE_INFINITY,
    max: saved.max ?? Number.POSITIVE_INFINITY,
    clearSky: saved.clearSky ?? given.clearSky,
    covariates: given.covariates,
    holdoutFrom: undefined,
  };
  const fitted = engine.fromJSON(saved.fitted, saved.spec);
  const columns = new Map<string, Column>(
    saved.history.columns.map(({ name, unit, data }) => [name, { unit, data: unpackFloats(data) }]),
  );
  const source = saved.statics === null ? {} : { static: saved.statics };
  const frame = new Frame(unpackFloats(saved.history.time), columns);
  return {
    task,
    spec: saved.spec,
    scale: saved.scale,
    clearSkyFactor: saved.clearSkyFactor,
    pooled: saved.pooled,
    source,
    fitted,
    intervals: new ConformalIntervals(saved.intervals),
    history: new LiveHistory(frame, columnsOf(task, source), keptTime(fitted, saved.spec, task)),
    levels: new AdaptiveLevels(
      saved.levels.map((level) => level / 100),
      saved.adaptation,
      saved.working,
    ),
  };
}
