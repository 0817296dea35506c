export {
  AnomalyDetector,
  type AnomalyScore,
  type AnomalyScores,
  type AnomalyUpdate,
} from './anomaly-detector.js';
export * from './detectors/index.js';
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
