export * from './alerts/index.js';
export * from './core/index.js';
export * from './models/index.js';
export * from './monitor/index.js';
export {
  type Batch,
  type Checkpoint,
  createStorage,
  defaultTenant,
  memoryStorage,
  type Storage,
  type StorageRecord,
  type TenantStorage,
} from './storage/index.js';
export {
  type AssetModel,
  type Climate,
  climateOf,
  DigitalTwin,
  type DigitalTwinOptions,
  type DigitalTwinState,
  examplePlant,
  type FailureForecast,
  type FaultLabel,
  type FaultRequest,
  type PlantDescription,
  type RunToFailure,
  type SimulateOptions,
  type Simulation,
  type Truth,
} from './twin/index.js';
