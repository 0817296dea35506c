export { dailyWear, type WearChannel, type WearMeter, type WearValues, wearMeterOf } from './meter.js';
export { PlantWearMeter } from './plant.js';
