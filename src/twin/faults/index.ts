export {
  circumstances,
  type FaultDefinition,
  type FaultLayer,
  faultDefinition,
  type ProgressionKind,
  plantFaults,
  sensorFaults,
} from './catalogue.js';
export { type DrawnLaw, drawnLaw, type LawChoice, WEAR_LAWS } from './drawn-law.js';
export { type ActiveFault, activateFaults, type FaultRequest, readTime, setSeverities } from './instance.js';
export { type Progression, type ProgressionParameters, progression } from './progression.js';
