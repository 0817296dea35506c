export { acceleratedClock, type CancelTimer, type Clock, ManualClock, systemClock } from './clock.js';
export type { CsvColumn, CsvOptions, CsvReport, QuarantinedRow } from './csv/options.js';
export type { CsvStream } from './csv/read.js';
export type { TimeFormat } from './csv/time.js';
export type { CsvWriteOptions } from './csv/write.js';
export { type Duration, durationMs } from './duration.js';
export {
  AbortedError,
  MissingPeerError,
  NotFittedError,
  quote,
  TwinergyError,
  type TwinergyErrorDetails,
} from './errors.js';
export { type EventMap, TypedEvents, type Unsubscribe } from './events.js';
export { type Column, Frame, type FrameRow, type FromColumnsOptions, type FromRowsOptions } from './frame.js';
export type { JoinOptions } from './join.js';
export type { RowOrderOptions, RowOrderReport } from './order.js';
export {
  type ChannelExpectation,
  checkQuality,
  flagNames,
  type QualityFinding,
  QualityFlag,
  type QualityFlagName,
  type QualityOptions,
  type QualityReport,
  QualityStream,
  type QualityStreamOptions,
  UNUSABLE,
} from './quality/index.js';
export { Random, type RandomState } from './random.js';
export { type ChannelDefinition, type Reading, solarChannels } from './reading.js';
export type { Aggregation, ResampleOptions } from './resample.js';
export {
  canonicalUnit,
  convertUnit,
  isCompatibleUnit,
  type UnitConversion,
  unitConversion,
  unitsLike,
} from './units.js';
export { type Progress, runAsync, runSync, throwIfAborted, type Work, type WorkOptions } from './work.js';
export {
  requestWork,
  type ServedWork,
  serveWork,
  type WorkerPort,
  type WorkerTasks,
  type WorkHandlers,
} from './worker-port.js';
export { type LocalTimeMatch, TimeZone } from './zone.js';
