export type { BoostingFitOptions, GradientBoostingOptions } from './boosting-options.js';
export { GradientBoosting } from './gradient-boosting.js';
export {
  averagePathLength,
  type IsolationFitOptions,
  IsolationForest,
  type IsolationForestOptions,
} from './isolation-forest.js';
export type { LossName } from './losses.js';
export { type ForestFitOptions, RandomForest, type RandomForestOptions } from './random-forest.js';
export type { Explanation as TreeExplanation } from './shap.js';
export { serveTreeFits } from './worker.js';
