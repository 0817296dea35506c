export { alarmEvents } from './alarm-events.js';
export type { NotifyOptions } from './alert-desk.js';
export { alertInput } from './alert-input.js';
export type { AssetOutcome, ReadingJudgement } from './asset-monitor.js';
export type { IngestResult, MonitorEvents, MonitorOptions } from './contract.js';
export { Monitor } from './monitor.js';
export type { PriorOptions } from './prior-models.js';
export { storageOutbox } from './storage-outbox.js';
export type { Rejection, RejectionCode } from './validate.js';
