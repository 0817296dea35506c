export type { Ambiguity } from './ambiguity.js';
export { type CalibrateOptions, calibrateWork } from './calibrate.js';
export { Calibration, type CalibrationState, type FittedParameter, type PredictOptions } from './calibration.js';
export type { Condition, Outage, SoilingFit } from './condition.js';
export type { Diagnostics, ResidualGroup } from './diagnostics.js';
export { type LocatedSite, locateSite } from './locate.js';
