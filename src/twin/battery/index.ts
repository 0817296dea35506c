export { powerLawGrowth, sigmoidGrowth } from './fade.js';
export {
  BatteryLife,
  type BatteryLifeParameters,
  type BatteryLifeState,
  LFP_250AH,
  type LfpLifeParameters,
  NMC_75AH,
  type NmcLifeParameters,
} from './life.js';
export { RainflowCounter, type RainflowCycle, type RainflowState, rainflowCycles } from './rainflow.js';
export { anodePotential, type BatteryStress, batteryStress } from './stress.js';
