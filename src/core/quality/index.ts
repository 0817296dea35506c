export { type ChannelExpectation, checkQuality, type QualityOptions, type QualityReport } from './check.js';
export type { QualityFinding } from './findings.js';
export { flagNames, QualityFlag, type QualityFlagName, UNUSABLE } from './flags.js';
export { QualityStream, type QualityStreamOptions } from './stream.js';
