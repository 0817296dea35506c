export { GradientBoosting, type GradientBoostingOptions, type TreeFitOptions } from './gradient-boosting.js';
export { averagePathLength, IsolationForest, type IsolationForestOptions } from './isolation-forest.js';
export type { LossName } from './losses.js';
export { RandomForest, type RandomForestOptions } from './random-forest.js';
export type { Explanation as TreeExplanation } from './shap.js';
