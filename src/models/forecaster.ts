import { type Duration, durationMs } from '../core/duration.js';
import { NotFittedError, TwinergyError } from '../core/errors.js';
import { type Column, Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import type { Reading } from '../core/reading.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../core/work.js';
import { AdaptiveLevels } from './forecasters/adaptive.js';
import type { CandidateScore } from './forecasters/auto.js';
import { type BacktestForecast, type BacktestReport, runBacktest } from './forecasters/backtest.js';
import { ForecastDistribution } from './forecasters/distribution.js';
import type { EngineSpec, ForecastEngine } from './forecasters/engine.js';
import { isActive } from './forecasters/features.js';
import { LiveHistory } from './forecasters/live-history.js';
import {
  asSource,
  badOption,
  checkLevels,
  type ForecasterOptions,
  type ForecastFitOptions,
  type ForecastSource,
  type ForecastTask,
  resolveTask,
  seriesSpec,
} from './forecasters/options.js';
import { type Calibrated, fitPool, fitPoolAsync, holdoutOf } from './forecasters/pipeline.js';
import { type EngineName, engineByName } from './forecasters/registry.js';
import { buildSeries, futureStart, type Series, seasonOf, withFuture } from './forecasters/series.js';
import {
  columnsOf,
  type FittedState,
  keptTime,
  type LoadOptions,
  loadState,
  type Prepared,
  type SavedForecaster,
  saveState,
} from './forecasters/state.js';
import { type SealedModel, seal, unseal } from './serial.js';

const FORMAT = 1;

/** Options of `Forecaster.predict`. */
export interface PredictOptions {
  /** Time (ms) of the first step to forecast; nothing measured from then on is looked at. Default: after the newest reading. */
  readonly from?: number;
  /** How far ahead, at most the horizon of the fit. Default: that horizon. */
  readonly horizon?: Duration;
  /** The history to go on from, for instance of another asset of the fleet. Default: that of the fit and of `update`. */
  readonly history?: Frame | ForecastSource;
  /** Future values of the known columns, where the history does not hold them. */
  readonly known?: Frame;
}

/** Options of `Forecaster.backtest`, beside those of the task. */
export interface BacktestOptions extends Partial<ForecastTask>, WorkOptions {
  /** How often the engine is fitted anew as time goes on. Default 5. */
  readonly folds?: number;
  /** Time between what is learned from and the first forecast of a fold. Default none. */
  readonly gap?: Duration;
  /** Time (ms) or share of the history (0…1) from which on forecasts are tested. Default 0.6. */
  readonly from?: number;
  /** Time between forecasts. Default: each step. */
  readonly every?: Duration;
  /** The method that `skill` compares with. Default `seasonal-naive`. */
  readonly baseline?: EngineName | ForecastEngine;
  /** Told every single forecast. */
  readonly onForecast?: (forecast: BacktestForecast) => void;
}

/**
 * Forecasts a channel over a horizon, with calibrated intervals.
 *
 * ```ts
 * const forecaster = new Forecaster({ levels: [50, 80, 95] }).fit(history, { target: 'acPower', horizon: '6h', max: 6000 });
 * const forecast = forecaster.predict();        // columns mean, median, lower50, upper50, lower80, upper80, …
 * forecaster.update(reading);                   // goes on from the newest reading
 * ```
 */
export class Forecaster {
  readonly #options: ForecasterOptions;
  readonly #engine: ForecastEngine;
  readonly #levels: readonly number[];
  #state: FittedState | null = null;
  /** Number of the step that the newest reading lies in. */
  #step = 0;
  /** The interval that waits for its outcome. */
  #awaiting: { readonly time: number; readonly lower: number[]; readonly upper: number[] } | null = null;

  /** @throws TwinergyError `FORECAST_UNKNOWN_ENGINE`, `FORECAST_BAD_OPTION` */
  constructor(options: ForecasterOptions = {}) {
    this.#options = options;
    this.#levels = checkLevels(options.levels ?? [50, 80, 95]);
    this.#engine = this.#resolve(options.engine ?? 'auto');
  }

  /**
   * Learns from a history, or from several together (a pool: one set of weights for a fleet).
   * @throws TwinergyError `FORECAST_HISTORY_TOO_SHORT`, `FORECAST_BAD_OPTION`, `FRAME_UNKNOWN_COLUMN`, `FORECAST_NEEDS_ASYNC`
   */
  fit(history: Frame | readonly (Frame | ForecastSource)[], options: ForecastFitOptions): this {
    if (this.#engine.fitAsync !== undefined && this.#engine.name !== 'auto') {
      throw new TwinergyError('FORECAST_NEEDS_ASYNC', `The engine "${this.#engine.name}" cannot be fitted in one go.`, {
        hint: 'Use: await forecaster.fitAsync(history, options).',
      });
    }
    const prepared = this.#prepare(history, options);
    const { pool, spec, task } = prepared;
    this.#take(prepared, runSync(fitPool(this.#engine, pool, spec, task.refit), options));
    return this;
  }

  /** As `fit`, giving the event loop its turn, and for engines that must wait for a library or a server. */
  async fitAsync(history: Frame | readonly (Frame | ForecastSource)[], options: ForecastFitOptions): Promise<this> {
    const prepared = this.#prepare(history, options);
    const { pool, spec, task } = prepared;
    this.#take(prepared, await fitPoolAsync(this.#engine, pool, spec, task.refit, options));
    return this;
  }

  /** Whether there is something fitted. */
  get fitted(): boolean {
    return this.#state !== null;
  }

  /**
   * The forecast, one row a step: columns `mean`, `median`, and for each level `lower80`, `upper80`, in the target's unit.
   * @throws NotFittedError, TwinergyError `FORECAST_HORIZON_TOO_LONG`, `FORECAST_NO_HISTORY`
   */
  predict(options: PredictOptions = {}): Frame {
    const { state, series, horizon, unit } = this.#situation(options);
    const values = new Float64Array(state.spec.horizon);
    state.fitted.predictInto(series, series.length - 1, values);
    return this.#frame(this.#distribution(state, series, values), series, horizon, unit);
  }

  /** As `predict`, for engines that answer from elsewhere. */
  async predictAsync(options: PredictOptions & WorkOptions = {}): Promise<Frame> {
    const { state, series, horizon, unit } = this.#situation(options);
    if (state.fitted.predictAsync === undefined) return this.predict(options);
    const values = await state.fitted.predictAsync(series, series.length - 1, state.spec.horizon, options);
    return this.#frame(this.#distribution(state, series, values), series, horizon, unit);
  }

  /**
   * Possible courses of the target over the horizon: columns `path1`, `path2`, … Their sums are distributed as the energy of
   * the horizon is.
   */
  samplePaths(count: number, options: PredictOptions & { readonly seed?: number } = {}): Frame {
    const { state, series, horizon, unit } = this.#situation(options);
    const values = new Float64Array(state.spec.horizon);
    state.fitted.predictInto(series, series.length - 1, values);
    const random = new Random(options.seed ?? this.#options.seed ?? 0).split('paths');
    const paths = this.#distribution(state, series, values).sample(count, random);
    return new Frame(
      stepTimes(series, horizon),
      new Map(paths.map((path, i) => [`path${i + 1}`, { data: path.slice(0, horizon), unit }])),
    );
  }

  /**
   * Takes in the newest reading: forecasts go on from it, and the intervals adapt to how the last ones did. A reading older
   * than the newest one is not taken: the answer is then false.
   */
  update(reading: Reading): boolean {
    const { history, task } = this.#fittedState();
    if (!history.add(reading)) return false;
    const step = Math.floor(reading.time / task.step);
    if (this.#adaptation > 0 && step > this.#step && Number.isFinite(reading.values[task.target])) {
      this.#step = step;
      this.#adapt(step * task.step);
    }
    return true;
  }

  /**
   * Tests the engine on a history as if time went on: fits on what was known, forecasts, compares, fits again. What this
   * forecaster has learned before is not used and not changed. Options of the task default to those of the last fit.
   */
  backtest(history: Frame, options: BacktestOptions = {}): BacktestReport {
    return runSync(this.#backtest(history, options), options);
  }

  /** As `backtest`, giving the event loop its turn. */
  async backtestAsync(history: Frame, options: BacktestOptions = {}): Promise<BacktestReport> {
    return runAsync(this.#backtest(history, options), options);
  }

  /** The influence of each input on the forecasts, greatest first, as shares; empty where the engine has none to tell. */
  explain(): { readonly input: string; readonly share: number }[] {
    const { fitted, task } = this.#fittedState();
    const covariates = [...task.known, ...Object.keys(task.covariates ?? {})];
    const named = (input: string) =>
      input
        .replace(/^past (\d+)/, (_, k) => task.past[Number(k)] ?? input)
        .replace(/^known (\d+)/, (_, k) => covariates[Number(k)] ?? input);
    return [...(fitted.explain?.() ?? [])]
      .map(([input, share]) => ({ input: named(input), share }))
      .sort((a, b) => b.share - a.share);
  }

  /** What `auto` tried, best first, with the shares in the blend; empty for other engines. */
  get candidates(): readonly CandidateScore[] {
    return this.#fittedState().fitted.table ?? [];
  }

  /** The model with the newest history it needs, as JSON data. Functions given as options are not part of it. */
  toJSON(): SealedModel<SavedForecaster> {
    const state = this.#fittedState();
    return seal('Forecaster', FORMAT, {
      engine: this.#engine.name,
      levels: this.#levels,
      adaptation: this.#adaptation,
      seed: this.#options.seed ?? 0,
      ...saveState(state),
    });
  }

  /**
   * A forecaster as `toJSON` gave it. What was given to it as functions is given again: `clearSky`, `covariates`, an engine
   * of one's own.
   * @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT`, `FORECAST_FUNCTION_MISSING`
   */
  static fromJSON(sealed: SealedModel<SavedForecaster>, given: LoadOptions = {}): Forecaster {
    const saved = unseal('Forecaster', FORMAT, sealed);
    const engine = given.engine ?? (saved.engine as EngineName);
    const { levels, adaptation, seed } = saved;
    const forecaster = new Forecaster({ levels, adaptation, seed, ...given, engine });
    forecaster.#state = loadState(saved, forecaster.#engine, given);
    return forecaster;
  }

  #fittedState(): FittedState {
    if (this.#state === null) throw new NotFittedError('Forecaster');
    return this.#state;
  }

  get #adaptation(): number {
    return this.#options.adaptation ?? 0.015;
  }

  #prepare(history: Frame | readonly (Frame | ForecastSource)[], options: ForecastFitOptions): Prepared {
    const sources = (history instanceof Frame ? [history] : history).map(asSource);
    const task = resolveTask(options, sources);
    const pool = sources.map((source) => buildSeries(source.frame, seriesSpec(task, source, options.static), 0));
    const spec: EngineSpec = {
      horizon: task.horizon,
      season: seasonOf(task.step),
      seed: this.#options.seed ?? 0,
      holdout: holdoutOf(pool, task.holdoutFrom),
    };
    return { sources, task, pool, spec, statics: options.static };
  }

  #take({ sources, task, pool, spec, statics }: Prepared, calibrated: Calibrated): void {
    const { frame, ...rest } = sources[0] as ForecastSource;
    const own = rest.static === undefined && statics !== undefined ? { ...rest, static: statics } : rest;
    this.#state = {
      ...calibrated,
      task,
      spec,
      scale: (pool[0] as Series).scale,
      clearSkyFactor: (pool[0] as Series).clearSkyFactor,
      pooled: pool.length > 1,
      source: own,
      history: new LiveHistory(frame, columnsOf(task, own), keptTime(calibrated.fitted, spec, task)),
      levels: new AdaptiveLevels(
        this.#levels.map((level) => level / 100),
        this.#adaptation,
      ),
    };
    this.#awaiting = null;
  }

  /** The series that a forecast goes on from. */
  #situation({ from, horizon, history, known }: PredictOptions) {
    const state = this.#fittedState();
    const { task, spec } = state;
    const steps = horizon === undefined ? spec.horizon : Math.round(durationMs(horizon, 'horizon') / task.step);
    if (steps < 1 || steps > spec.horizon) {
      throw new TwinergyError(
        'FORECAST_HORIZON_TOO_LONG',
        `Fitted for ${spec.horizon} steps ahead, asked for ${steps}.`,
        { path: 'horizon', value: horizon, hint: 'Fit with a longer horizon.' },
      );
    }
    const source = history === undefined ? { ...state.source, frame: state.history.frame() } : asSource(history);
    const { frame } = source;
    const all = known === undefined ? frame : withFuture(frame, known, task.known, from ?? futureStart(frame, task));
    const newest = from ?? futureStart(all, task);
    const recent = all.slice(newest - keptTime(state.fitted, spec, task));
    // Another asset of a fleet has its own size; the one that was learned from keeps that of its whole history.
    const own = state.pooled && history !== undefined;
    const size = own ? {} : { scale: state.scale, clearSkyFactor: state.clearSkyFactor };
    const series = buildSeries(
      recent,
      { ...seriesSpec(task, source, state.source.static), ...size },
      spec.horizon,
      from,
    );
    return { state, series, horizon: steps, unit: frame.unit(task.target) };
  }

  #distribution({ intervals, task }: FittedState, series: Series, values: Float64Array): ForecastDistribution {
    return new ForecastDistribution(series, series.length - 1, values, intervals, task);
  }

  #frame(forecast: ForecastDistribution, series: Series, horizon: number, unit: string): Frame {
    const { levels } = this.#fittedState();
    const column = (at: (h: number) => number): Column => ({
      data: Float64Array.from({ length: horizon }, (_, h) => at(h)),
      unit,
    });
    const columns = new Map<string, Column>();
    columns.set(
      'mean',
      column((h) => forecast.mean[h] as number),
    );
    columns.set(
      'median',
      column((h) => forecast.quantile(h, 0.5)),
    );
    this.#levels.forEach((level, i) => {
      const half = levels.working(i) / 2;
      columns.set(
        `lower${level}`,
        column((h) => forecast.quantile(h, 0.5 - half)),
      );
      columns.set(
        `upper${level}`,
        column((h) => forecast.quantile(h, 0.5 + half)),
      );
    });
    return new Frame(stepTimes(series, horizon), columns);
  }

  /** Compares the step that has just ended with its interval, and draws the interval of the next one. */
  #adapt(now: number): void {
    const { state, series } = this.#situation({ from: now });
    const last = series.length - 1;
    const measured = series.target[last] as number;
    const awaited = this.#awaiting;
    if (awaited?.time === series.start + last * series.step && Number.isFinite(measured) && isActive(series, last)) {
      state.levels.nominal.forEach((_, i) => {
        const held = measured >= (awaited.lower[i] as number) && measured <= (awaited.upper[i] as number);
        state.levels.observe(i, held ? 1 : 0);
      });
    }
    const values = new Float64Array(1);
    state.fitted.predictInto(series, last, values);
    const forecast = this.#distribution(state, series, values);
    const edge = (side: number) =>
      this.#levels.map((_, i) => forecast.quantile(0, 0.5 + (side * state.levels.working(i)) / 2));
    this.#awaiting = { time: series.start + series.length * series.step, lower: edge(-1), upper: edge(1) };
  }

  *#backtest(history: Frame, options: BacktestOptions): Work<BacktestReport> {
    const task = resolveTask(this.#taskFor(options), [{ frame: history }]);
    const source = { ...this.#state?.source, frame: history };
    const read = seriesSpec(task, source, options.static);
    const whole = buildSeries(history, read, 0);
    const { step, horizon } = task;
    const steps = (duration: Duration | undefined, path: string, otherwise: number) =>
      duration === undefined ? otherwise : Math.round(durationMs(duration, path) / step);
    const from = options.from ?? 0.6;
    const first = from <= 1 ? Math.floor(whole.length * from) : Math.round((from - whole.start) / step);
    if (!(first > 0 && first < whole.length)) throw badOption('from', from, 'It must lie within the history.');
    // Sizes are those of the part before the first forecast: the rest is not known yet.
    const { scale, clearSkyFactor } = buildSeries(history, read, 0, whole.start + first * step);
    const folds = options.folds ?? 5;
    if (!(Number.isInteger(folds) && folds > 0))
      throw badOption('folds', folds, 'It must be a whole number from 1 on.');
    return yield* runBacktest({
      series: buildSeries(history, { ...read, scale, clearSkyFactor }, 0),
      engine: this.#engine,
      baseline: this.#resolve(options.baseline ?? 'seasonal-naive'),
      horizon,
      season: seasonOf(step),
      seed: this.#options.seed ?? 0,
      levels: this.#levels,
      bounds: task,
      adaptation: this.#adaptation,
      first,
      folds,
      gap: steps(options.gap, 'gap', 0),
      every: Math.max(1, steps(options.every, 'every', 1)),
      onForecast: options.onForecast,
    });
  }

  /** The options of a back-test over those of the last fit. */
  #taskFor(options: BacktestOptions): ForecastTask {
    const last = this.#state?.task;
    const target = options.target ?? last?.target;
    if (target === undefined) throw badOption('target', target, 'Say which column is to be forecast.');
    if (last === undefined) return { ...options, target };
    const { horizon, holdoutFrom: _, clearSky, covariates, ...rest } = last;
    return {
      ...rest,
      horizon: horizon * last.step,
      ...(clearSky === undefined ? {} : { clearSky }),
      ...(covariates === undefined ? {} : { covariates }),
      ...options,
      target,
    };
  }

  #resolve(engine: EngineName | ForecastEngine): ForecastEngine {
    const { timeBudget = 30, onNotice = (text: string) => console.warn(text) } = this.#options;
    return typeof engine === 'string' ? engineByName(engine, { timeBudget, onNotice }) : engine;
  }
}

/** The times of the steps after a series' history. */
function stepTimes(series: Series, horizon: number): Float64Array {
  return Float64Array.from({ length: horizon }, (_, h) => series.start + (series.length + h) * series.step);
}
