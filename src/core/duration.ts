import { quote, TwinergyError } from './errors.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, min: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

/** A length of time: ms as a number, or a number with a unit (`ms`, `s`, `m`, `min`, `h`, `d`, `w`): `"15m"`, `"6h"`, `"1.5d"`. */
export type Duration = number | string;

/**
 * The length of a duration in ms.
 * @param path where the duration stands in the input, for the error
 * @throws TwinergyError `BAD_DURATION`
 */
export function durationMs(duration: Duration, path = 'duration'): number {
  const match = typeof duration === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)\s*$/.exec(duration) : null;
  const ms = typeof duration === 'number' ? duration : Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN);
  if (!Number.isFinite(ms) || ms <= 0) {
    throw new TwinergyError('BAD_DURATION', `${quote(duration)} is not a length of time.`, {
      path,
      value: duration,
      hint: 'Give ms as a number, or text such as "15m", "6h", "7d".',
    });
  }
  return ms;
}
