export {
  type ActionEvent,
  type ActionRequest,
  type ActionRule,
  type ActionState,
  type ActionsOptions,
  type ActionsState,
  AlertActions,
} from './actions/actions.js';
export {
  type ActionHandler,
  type ActionOutcome,
  type MaintenanceOrder,
  maintenanceOrderAction,
  type SetPoint,
  setPointAction,
  webhookAction,
} from './actions/handlers.js';
export { type Alert, type AlertChange, type AlertChangeKind, fingerprint, type Labels } from './alert.js';
export type { OperatorAction } from './book.js';
export { derivedChannels } from './channels.js';
export {
  AlertEngine,
  type AlertEngineEvents,
  type AlertEngineOptions,
  type DerivedSignals,
} from './engine.js';
export type { AlertEngineState } from './engine-state.js';
export type { ExpressionCompiler } from './expression/compiler.js';
export { expressionCompiler, type MathjsParser, mathjsExpressions } from './expression/mathjs.js';
export { type AlarmEvent, type AlarmKpis, type AlarmShare, alarmKpis, type KpiOptions } from './kpi.js';
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
export {
  Delivery,
  type DeliveryCounts,
  type DeliveryOptions,
  type Notifier,
  type SendResult,
} from './notify/delivery.js';
export {
  AlertDispatcher,
  type DispatcherOptions,
  type DispatcherState,
} from './notify/dispatcher.js';
export type { Matchers } from './notify/matcher.js';
export type { Inhibition, Period, Silence, Verdict } from './notify/mute.js';
export { type AlertmanagerOptions, alertmanagerNotifier } from './notify/notifiers/alertmanager.js';
export { type ChatNotifierOptions, slackNotifier, teamsNotifier } from './notify/notifiers/chat.js';
export { consoleNotifier } from './notify/notifiers/console.js';
export { type HttpNotifierOptions, webhookNotifier } from './notify/notifiers/http.js';
export { type EmailNotifierOptions, emailNotifier, type MailTransport } from './notify/notifiers/mail.js';
export { type Message, type MessageFormat, messageTemplate, plainMessage } from './notify/notifiers/message.js';
export { type MqttPublisher, mqttNotifier } from './notify/notifiers/mqtt.js';
export {
  type PushTarget,
  type WebPushLibrary,
  type WebPushNotifierOptions,
  webPushNotifier,
} from './notify/notifiers/web-push.js';
export { onCall, type Rotation } from './notify/on-call.js';
export {
  type DeadLetter,
  MemoryOutbox,
  type Notification,
  type Outbox,
  type OutboxEntry,
  outboxEntry,
} from './notify/outbox.js';
export { type Route, routingDiagram } from './notify/route.js';
export {
  type ProposalOptions,
  proposeChange,
  proposeChangeAsync,
  type RatedAlert,
  type RuleEffect,
  type RuleProposal,
} from './proposal.js';
export { type ReplayedAlert, type ReplayOptions, replay, replayAsync } from './replay.js';
export { type Diagnosis, type FoldOptions, foldAlerts, type Incident } from './root-cause/fold.js';
export { AlertSuppressor, type SuppressorOptions, type SuppressorState } from './root-cause/suppressor.js';
export { batteryRules, daylight, notCurtailed, notInMaintenance, performanceRules, solarRules } from './rules/packs.js';
export type * from './rules/rule.js';
export { type RuleFile, readRules, ruleFile, ruleJsonSchema, typedRules } from './rules/schema.js';
export { compareSeverity, type Severity, severities, severityLevel, severityOfLevel } from './severity.js';
