export {
  accuracyByHorizon,
  type HorizonAccuracy,
  type SettledPrediction,
  type SettleQuery,
  settleForecasts,
  settleLives,
} from './accuracy.js';
export { cardToMarkdown, type ModelCard } from './card.js';
export { DriftMonitor, type DriftMonitorState, type RefitProposal } from './drift-monitor.js';
export { type ColumnFingerprint, type DataFingerprint, fingerprint } from './fingerprint.js';
export {
  type ModelEntry,
  type ModelLine,
  ModelRegistry,
  type ModelVersion,
  type Promotion,
  type RegistryOptions,
} from './registry.js';
export { type ShadowReport, ShadowRun, type ShadowRunOptions, type ShadowSums } from './shadow.js';
