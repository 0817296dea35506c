import type { Frame } from 'twinergy';
import type { PlainFrame } from './messages.js';

/** A frame as data that can be posted. */
export function plainFrame(frame: Frame): PlainFrame {
  return {
    time: Float64Array.from(frame.time),
    columns: Object.fromEntries([...frame.columns()].map(([name, { data, unit }]) => [name, { data, unit }])),
  };
}
