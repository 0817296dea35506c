export type { AutoOptions } from './auto.js';
export { type DetectorCheck, type DetectorCheckOptions, detectorChecks } from './contract.js';
export type { CusumOptions, EwmaOptions } from './control-charts.js';
export { type CustomDetector, mlIsolationForest } from './custom.js';
export {
  Adwin,
  type AdwinOptions,
  type DriftDetector,
  Kswin,
  type KswinOptions,
  PageHinkley,
  type PageHinkleyOptions,
} from './drift.js';
export type { EcodOptions } from './ecod.js';
export { type Contribution, Explanation } from './explanation.js';
export type { ExtendedIsolationForestOptions } from './extended-isolation-forest.js';
export { Spot, type SpotOptions, type SpotState } from './extreme-value.js';
export type { FeatureOptions, RollingFeature } from './features.js';
export type { GaussianMixtureOptions } from './gaussian-mixture.js';
export type { HalfSpaceTreesOptions } from './half-space-trees.js';
export { type AnomalyInterval, type IntervalOptions, toIntervals } from './intervals.js';
export type { MsetOptions } from './mset.js';
export type { NeighboursOptions } from './neighbours.js';
export type { AnomalyDetectorOptions, ThresholdRule } from './options.js';
export type { PcaOptions } from './pca.js';
export { plantTelemetry } from './presets.js';
export { type DetectorEngineName, type DetectorEngineOptions, detectorEngineNames } from './registry.js';
export type { SampledDistanceOptions } from './sampled-distance.js';
export type { ScalerName } from './scaler.js';
export type { SpectralResidualOptions } from './spectral-residual.js';
export type { StreamOptions } from './stream.js';
export type { SubsequencesOptions } from './subsequences.js';
