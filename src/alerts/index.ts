export {
  type Alert,
  type AlertChange,
  type AlertChangeKind,
  compareSeverity,
  type Severity,
  severities,
} from './alert.js';
export { AlertEngine, type AlertEngineOptions, type AlertEngineState, type AlertEvents } from './alert-engine.js';
export type { AlertRule, RuleCondition, RuleLevel } from './rule.js';
export { type SolarRulesOptions, solarRules } from './solar-rules.js';
