export { acceleratedClock, type CancelTimer, type Clock, ManualClock, systemClock } from './clock.js';
export {
  AbortedError,
  MissingPeerError,
  NotFittedError,
  quote,
  TwinergyError,
  type TwinergyErrorDetails,
} from './errors.js';
export { type EventMap, TypedEvents, type Unsubscribe } from './events.js';
export { type Column, Frame, type FrameRow } from './frame.js';
export { Random, type RandomState } from './random.js';
export { type ChannelDefinition, type Reading, solarChannels } from './reading.js';
export { type Progress, runAsync, runSync, throwIfAborted, type Work, type WorkOptions } from './work.js';
