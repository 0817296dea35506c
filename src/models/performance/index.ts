export { type BatteryFigures, type BatteryOptions, batteryFigures } from './battery.js';
export type { DailyValues } from './days.js';
export { type Degradation, type DegradationOptions, degradationRate, type NormalisedRate } from './degradation.js';
export { type DustModel, dustModel } from './dust.js';
export { type KeyFigureOptions, type KeyFigures, keyFigures } from './key-figures.js';
export { energyLosses, type LossOptions } from './losses.js';
export {
  clearSkyNormalised,
  type NormalisedDays,
  type PerformanceColumns,
  type PlantRating,
  sensorNormalised,
} from './normalise.js';
export { type SoilingEstimate, type SoilingOptions, type SoilingStretch, soilingRatio } from './soiling.js';
export { lossWaterfall, type Waterfall, type WaterfallInput, type WaterfallStep } from './waterfall.js';
export { type Rate, type YearOnYearOptions, yearOnYear } from './year-on-year.js';
