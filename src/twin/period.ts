import { quote, TwinergyError } from '../core/index.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A length of time: ms, or text such as `5s`, `15m`, `1h`, `1d`.
 * @throws TwinergyError `TWIN_BAD_STEP`
 */
export function readDuration(value: string | number, path: string): number {
  let length = typeof value === 'number' ? value : Number.NaN;
  if (typeof value === 'string') {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)$/.exec(value.trim());
    if (match !== null) length = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  }
  if (!(length > 0 && Number.isFinite(length))) {
    throw new TwinergyError('TWIN_BAD_STEP', `${path} is no length of time, got ${quote(value)}.`, {
      path,
      value,
      hint: 'Give ms above 0 or text such as "5s", "15m", "1h", "1d".',
    });
  }
  return length;
}
