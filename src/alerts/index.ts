export { type Alert, type AlertChange, type AlertChangeKind, fingerprint, type Labels } from './alert.js';
export { derivedChannels } from './channels.js';
export {
  AlertEngine,
  type AlertEngineEvents,
  type AlertEngineOptions,
  type DerivedSignals,
  type OperatorAction,
} from './engine.js';
export type { AlertEngineState } from './engine-state.js';
export type { ExpressionCompiler } from './expression/compiler.js';
export { expressionCompiler, type MathjsParser, mathjsExpressions } from './expression/mathjs.js';
export {
  type AlarmFacts,
  type AlarmState,
  alarmState,
  applyEvent,
  type LifecycleEvent,
  type LifecyclePolicy,
  lifecycleDiagram,
  nextFacts,
  normalFacts,
  type Overlay,
  overlays,
  type ProcessState,
  processState,
  type Transition,
  transitions,
} from './lifecycle.js';
export { batteryRules, daylight, performanceRules, solarRules } from './rules/packs.js';
export type * from './rules/rule.js';
export { compareSeverity, type Severity, severities, severityLevel, severityOfLevel } from './severity.js';
