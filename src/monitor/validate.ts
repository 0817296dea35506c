import { type Reading, solarChannels } from '../core/index.js';

/** Why a reading was not taken. */
export type RejectionCode =
  | 'UNKNOWN_ASSET'
  | 'BAD_TIME'
  | 'FUTURE'
  | 'TOO_LATE'
  | 'NO_VALUES'
  | 'NOT_A_NUMBER'
  | 'OUT_OF_RANGE'
  | 'UNKNOWN_CHANNEL';

/** A reading that was set aside, and why. */
export interface Rejection {
  readonly reading: Reading;
  readonly code: RejectionCode;
  /** For people. */
  readonly reason: string;
}

const ranges = new Map<string, { readonly min: number; readonly max: number; readonly unit: string }>(
  solarChannels.map(({ name, min, max, unit }) => [name, { min, max, unit }]),
);

function reject(reading: Reading, code: RejectionCode, reason: string): Rejection {
  return { reading, code, reason };
}

/**
 * Looks whether a reading can be taken; undefined means yes.
 * @param earliest readings before this are too late to be put right, ms since the epoch
 * @param latest readings after this come from a clock that is ahead, ms since the epoch
 */
export function rejectionOf(
  reading: Reading,
  channels: ReadonlySet<string> | undefined,
  earliest: number,
  latest: number,
): Rejection | undefined {
  const { assetId, time, values } = reading;
  if (channels === undefined) return reject(reading, 'UNKNOWN_ASSET', `There is no asset "${assetId}".`);
  if (!Number.isFinite(time))
    return reject(reading, 'BAD_TIME', `The time is ${time}, not a number of ms since the epoch.`);
  if (time > latest)
    return reject(reading, 'FUTURE', `The reading is ${Math.round((time - latest) / 1000)} s ahead of the clock.`);
  if (time < earliest) {
    const seconds = Math.round((earliest - time) / 1000);
    return reject(reading, 'TOO_LATE', `The reading is ${seconds} s beyond the watermark.`);
  }
  let any = false;
  for (const name in values) {
    any = true;
    const value = values[name];
    if (!channels.has(name)) return reject(reading, 'UNKNOWN_CHANNEL', `The asset has no channel "${name}".`);
    if (typeof value !== 'number' || !Number.isFinite(value))
      return reject(reading, 'NOT_A_NUMBER', `${name} is ${String(value)}.`);
    const range = ranges.get(name);
    if (range !== undefined && (value < range.min || value > range.max)) {
      const { min, max, unit } = range;
      return reject(reading, 'OUT_OF_RANGE', `${name} is ${value} ${unit}; it lies between ${min} and ${max}.`);
    }
  }
  return any ? undefined : reject(reading, 'NO_VALUES', 'The reading has no values.');
}
