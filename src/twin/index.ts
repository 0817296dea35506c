export type {
  AssetModel,
  AssetRun,
  EndOfLife,
  Environment,
  EnvironmentOptions,
  ModelChannel,
  ModelState,
  ScenarioFault,
  StageEvaluator,
} from './asset-model.js';
export type {
  Ambiguity,
  CalibrateOptions,
  Calibration,
  CalibrationState,
  Condition,
  Diagnostics,
  FittedParameter,
  Outage,
  PredictOptions,
  ResidualGroup,
  SoilingFit,
} from './calibration/index.js';
export type { Plant, PlantArray, PlantBattery, PlantInverter, PlantLoad, PlantString } from './description/plant.js';
export { readPlant } from './description/plant.js';
export { type PlantDescription, plantSchema } from './description/schema.js';
export { type Candidate, type DayReport, Diagnoser, type DiagnoserState, type Finding } from './diagnosis/index.js';
export {
  DigitalTwin,
  type DigitalTwinOptions,
  type DigitalTwinState,
  type SimulateOptions,
} from './digital-twin.js';
export type { FailureForecast, FailureForecastOptions } from './failure-progression.js';
export {
  type ActiveFault,
  circumstances,
  type FaultDefinition,
  type FaultLayer,
  type FaultRequest,
  type LawChoice,
  type ProgressionKind,
  plantFaults,
  sensorFaults,
} from './faults/index.js';
export type {
  FilterInput,
  FutureWeather,
  HealthEstimate,
  HealthFilter,
  HealthQuantity,
  StagePrediction,
  Wear,
} from './filter/health-filter.js';
export type { Assimilation, LiveStateData, Refusal, StateEstimate, StateHistory } from './filter/live-state.js';
export { ParticleFilter } from './filter/particle.js';
export { type Predictor, type Transition, UnscentedFilter } from './filter/unscented.js';
export { type BatteryName, type BatteryParameters, batteries } from './library/batteries.js';
export { type InverterName, type InverterParameters, inverters } from './library/inverters.js';
export { type LibraryModule, type ModuleName, type ModuleParameters, modules } from './library/modules.js';
export { type ExamplePlantName, examplePlant } from './library/plants.js';
export { typicalArray, typicalInverter } from './library/typical.js';
export { clearSkyAt, Sky, type SkySite } from './plant/sky.js';
export type { LimitEvent, PrognosisEvent, ValueOf } from './prognosis/event.js';
export type { Prognosis, PrognosisOptions } from './prognosis/prognose.js';
export { examplePump, type PumpDescription, PumpModel } from './pump/model.js';
export type { RunToFailure, RunToFailureOptions } from './run-to-failure.js';
export type { FaultLabel, Period, Simulation, Truth } from './simulation.js';
export { type WearChannel, type WearMeter, type WearValues, wearMeterOf } from './wear/index.js';
export { type Climate, type ClimateName, climateOf, guessClimate } from './weather/climate.js';
export { type ClimateSite, fitClimate } from './weather/fit.js';
export { type GenerateWeatherOptions, generateWeather } from './weather/generate.js';
export { readEpw, readPsm3, readTmy3, type WeatherFile, type WeatherReadOptions } from './weather/readers.js';
