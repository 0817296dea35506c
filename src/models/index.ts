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
  type AggregatedHealth,
  aggregateHealth,
  type HealthNode,
  type HealthRule,
  type NodeScore,
} from './health/graph.js';
export { type HealthTrend, healthTrend, type TrendOptions } from './health/trend.js';
export {
  type HealthBand,
  type HealthComponentScore,
  type HealthContext,
  type HealthInput,
  type HealthScore,
  HealthScoreCalculator,
  type HealthScoreOptions,
  healthBands,
} from './health-score.js';
export type { Matrix } from './matrix.js';
export { type LifeCheck, lifeChecks } from './rul/contract.js';
export type { Course, TrainingLife } from './rul/course.js';
export type { FittedLifeEngine, LifeEngine, LifeEngineSpec, Outlook } from './rul/engine.js';
export type { LifeContribution, LifeExplanation } from './rul/explanation.js';
export type { LifeHistory, LifeReset } from './rul/history.js';
export type { LifeCandidate } from './rul/learn.js';
export type { RULPredictorOptions } from './rul/options.js';
export type { LifeInterval, PredictLifeOptions, RULPrediction } from './rul/prediction.js';
export { type LifePrognosis, prognosisEngine } from './rul/prognosis-engine.js';
export { type LifeEngineName, lifeEngineNames } from './rul/registry.js';
export type { FaultRisk } from './rul/risks.js';
export { RULPredictor } from './rul-predictor.js';
export * from './trees/index.js';
