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

/** Limits of time that a reading must lie in, ms since the epoch. */
export interface TimeLimits {
  /** Readings before this are too late to be put right. */
  readonly earliest: number;
  /** Readings after this come from a clock that is ahead. */
  readonly latest: number;
}

/** Looks whether a reading can be taken; undefined means yes. */
export function rejectionOf(
  reading: Reading,
  channels: ReadonlySet<string> | undefined,
  { earliest, latest }: TimeLimits,
): Rejection | undefined {
  const reject = (code: RejectionCode, reason: string): Rejection => ({ reading, code, reason });
  if (channels === undefined) return reject('UNKNOWN_ASSET', `There is no asset "${reading.assetId}".`);
  if (!Number.isFinite(reading.time))
    return reject('BAD_TIME', `The time is ${reading.time}, not a number of ms since the epoch.`);
  if (reading.time > latest)
    return reject('FUTURE', `The reading is ${Math.round((reading.time - latest) / 1000)} s ahead of the clock.`);
  if (reading.time < earliest)
    return reject('TOO_LATE', `The reading is ${Math.round((earliest - reading.time) / 1000)} s beyond the watermark.`);
  let any = false;
  for (const name in reading.values) {
    any = true;
    const value = reading.values[name];
    if (!channels.has(name)) return reject('UNKNOWN_CHANNEL', `The asset has no channel "${name}".`);
    if (typeof value !== 'number' || !Number.isFinite(value))
      return reject('NOT_A_NUMBER', `${name} is ${String(value)}.`);
    const range = ranges.get(name);
    if (range !== undefined && (value < range.min || value > range.max)) {
      return reject(
        'OUT_OF_RANGE',
        `${name} is ${value} ${range.unit}; it lies between ${range.min} and ${range.max}.`,
      );
    }
  }
  return any ? undefined : reject('NO_VALUES', 'The reading has no values.');
}
