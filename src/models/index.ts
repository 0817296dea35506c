export {
  AnomalyDetector,
  type AnomalyScore,
  type AnomalyScores,
  type AnomalyUpdate,
} from './anomaly-detector.js';
export * from './detectors/index.js';
export { type BacktestOptions, Forecaster, type PredictOptions } from './forecaster.js';
export type { CandidateScore } from './forecasters/auto.js';
export type { BacktestForecast, BacktestReport } from './forecasters/backtest.js';
export type { EngineSpec, FittedEngine, ForecastEngine } from './forecasters/engine.js';
export type { ForecastMetrics } from './forecasters/metrics.js';
export type {
  ForecasterOptions,
  ForecastFitOptions,
  ForecastSource,
  ForecastTask,
} from './forecasters/options.js';
export { type EngineName, engineNames } from './forecasters/registry.js';
export type { Series } from './forecasters/series.js';
export type { LoadOptions, SavedForecaster } from './forecasters/state.js';
export { type HealthComponent, solarHealthComponents } from './health/component.js';
export {
  type HealthBand,
  type HealthComponentScore,
  type HealthInput,
  type HealthScore,
  HealthScoreCalculator,
  type HealthScoreOptions,
  healthBands,
} from './health-score.js';
export type { Matrix } from './matrix.js';
export type { LifeHistory } from './rul/history.js';
export {
  type LifeContribution,
  type LifeInterval,
  type RULPrediction,
  RULPredictor,
  type RULPredictorOptions,
} from './rul-predictor.js';
export * from './trees/index.js';
