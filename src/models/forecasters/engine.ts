import type { Work, WorkOptions } from '../../core/work.js';
import type { CandidateScore } from './auto.js';
import type { Series } from './series.js';

/** What an engine is told about the task beside the data. */
export interface EngineSpec {
  /** How many steps ahead are wanted. */
  readonly horizon: number;
  /** Steps of one season: a day, or 1 where a step is a day or longer. */
  readonly season: number;
  /** Seed of everything random. */
  readonly seed: number;
  /**
   * For each series of the pool the first step that is held out. Weights are learned from the steps before it; those from
   * it on may serve to choose among settings or to stop early, and calibrate the intervals afterwards.
   */
  readonly holdout: readonly number[];
}

/**
 * A fitted engine. Step `origin` of a series is the last one that may be looked at; of the known columns and of the
 * clear sky, the horizon may be looked at too. Values are in the unit of the target.
 */
export interface FittedEngine {
  /** How many steps up to and with the origin a prediction looks back on. */
  readonly lookback: number;
  /** Writes the forecast for the steps `origin + 1 … origin + out.length` to `out`. Always finite. */
  predictInto(series: Series, origin: number, out: Float64Array): void;
  /** The same where the answer comes from elsewhere, for instance a server. `predictInto` is then not called. */
  predictAsync?(series: Series, origin: number, horizon: number, options?: WorkOptions): Promise<Float64Array>;
  /** Learns again from the whole of the pool with the settings chosen. Without it the fitted state stays as it is. */
  refit?: (pool: readonly Series[]) => Work<FittedEngine>;
  /** The influence of each input on the forecasts, as shares that add up to 1. */
  explain?(): ReadonlyMap<string, number>;
  /** What was tried to arrive here, where several methods were. */
  readonly table?: readonly CandidateScore[];
  /** The fitted state as plain JSON values. */
  toJSON(): unknown;
}

/**
 * A forecasting method. Own methods are given as `new Forecaster({ engine: myEngine })`.
 * Work that takes long is written as a generator, or as `fitAsync` where it must wait for something.
 */
export interface ForecastEngine {
  /** The name in reports and in saved models. */
  readonly name: string;
  /** How many steps of history fitting needs at least. Default: the season plus the horizon. */
  minimumHistory?(spec: EngineSpec): number;
  /** Learns from one or several series together. */
  fit(pool: readonly Series[], spec: EngineSpec): FittedEngine | Work<FittedEngine>;
  /** Learns where learning has to wait, for instance for a library to load. */
  fitAsync?(pool: readonly Series[], spec: EngineSpec, options: WorkOptions): Promise<FittedEngine>;
  /** Takes up what `FittedEngine.toJSON` gave. Engines without it cannot be loaded again. */
  fromJSON?(state: unknown, spec: EngineSpec): FittedEngine;
}

/** Runs an engine's `fit`, whichever way it is written. */
export function* fitEngine(engine: ForecastEngine, pool: readonly Series[], spec: EngineSpec): Work<FittedEngine> {
  const result = engine.fit(pool, spec);
  return 'predictInto' in result ? result : yield* result;
}
