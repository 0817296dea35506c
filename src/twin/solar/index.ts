export { wrapDegrees } from './angles.js';
export {
  type AirmassModel,
  absoluteAirmass,
  altitudeOfPressure,
  pressureOfAltitude,
  relativeAirmass,
  STANDARD_PRESSURE,
} from './atmosphere.js';
export {
  type BishopDiode,
  type BishopPoint,
  bishopCurrentAtVoltage,
  bishopMaximumPowerPoint,
  bishopPoint,
  bishopVoltageAtCurrent,
} from './bishop.js';
export {
  cellTemperatureFaiman,
  cellTemperatureNoctSam,
  cellTemperaturePvsyst,
  cellTemperatureRoss,
  cellTemperatureSapm,
  moduleTemperatureSapm,
  type NoctSamOptions,
  rossCoefficient,
  SAPM_MOUNTS,
  thermalMassStep,
} from './cell-temperature.js';
export {
  PV_CHAIN_COLUMNS,
  PvChain,
  type PvChainColumns,
  type PvChainSystem,
  type PvChainWeather,
} from './chain.js';
export {
  clearSkyHaurwitz,
  clearSkyIneichen,
  clearSkySolis,
  type IneichenOptions,
  type Irradiance,
  linkeTurbidityOfDay,
  type SolisOptions,
} from './clear-sky.js';
export { type ColumnArgument, mapColumns } from './columns.js';
export { fitDatasheet, type ModuleDatasheet } from './datasheet.js';
export {
  clearnessIndex,
  type Decomposition,
  type DiscDecomposition,
  decomposeDisc,
  decomposeErbs,
  diffuseFractionErbs,
} from './decomposition.js';
export {
  type AcLimits,
  type DatasheetInverter,
  deratedLimit,
  inverterDatasheet,
  limitAc,
  lineLoss,
  type MpptWindow,
  type ThermalDerating,
  type Transformer,
  trackingEfficiency,
  transformerOutput,
  voltageInWindow,
} from './electrical-losses.js';
export {
  dayOfYear,
  extraterrestrialRadiation,
  extraterrestrialRadiationAsce,
  extraterrestrialRadiationAt,
  SOLAR_CONSTANT,
} from './extraterrestrial.js';
export {
  type GlassCover,
  incidenceAngleModifierAshrae,
  incidenceAngleModifierDiffuse,
  incidenceAngleModifierMartinRuiz,
  incidenceAngleModifierPhysical,
  incidenceAngleModifierSchlick,
} from './iam.js';
export {
  type AdrInverter,
  inverterAdr,
  inverterPvwatts,
  inverterSandia,
  inverterSandiaMulti,
  type SandiaInverter,
} from './inverter.js';
export { type NetworkOptions, type NetworkPoint, PvNetwork } from './network.js';
export type { CellGroup, NetworkString } from './network-string.js';
export { earthSunDistance, refraction, type SolarPosition, type SolarSite, solarPosition } from './position.js';
export { type SolarPositions, solarPositions } from './positions.js';
export { dcPowerPvwatts, type PvwattsDcOptions, type PvwattsLosses, totalLossPvwatts } from './pvwatts.js';
export {
  type CurvePoints,
  currentAtVoltage,
  currentVoltageCurve,
  curvePoints,
  maximumPowerPoint,
  openCircuitVoltage,
  type PowerPoint,
  voltageAtCurrent,
} from './single-diode.js';
export {
  type CecModule,
  type DeSotoModule,
  type PvsystModule,
  type SingleDiode,
  singleDiodeCec,
  singleDiodeDeSoto,
  singleDiodePvsyst,
} from './single-diode-parameters.js';
export {
  albedoWithSnow,
  GROUND_ALBEDO,
  type SnowOptions,
  snowCoverage,
  snowFullyCovers,
  snowLoss,
} from './snow.js';
export { type HsuOptions, type KimberOptions, soilingHsu, soilingKimber } from './soiling.js';
export { SUNRISE_ELEVATION, type SunEvents, type SunriseOptions, sunriseSunset } from './sunrise.js';
export {
  axisTiltOnSlope,
  crossAxisTiltOnSlope,
  type SingleAxisTracker,
  type TrackerOrientation,
  trackerSurface,
  trackSingleAxis,
} from './tracking.js';
export {
  angleOfIncidence,
  groundDiffuse,
  incidenceProjection,
  type PlaneGeometry,
  type PlaneOfArray,
  planeOfArray,
  type SkyDiffuse,
  type SkyLight,
  skyDiffuseHayDavies,
  skyDiffuseIsotropic,
  skyDiffusePerez,
  type TranspositionModel,
  transpose,
} from './transposition.js';
