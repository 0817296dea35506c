/** A number with its unit apart, so that the unit can be set lighter. */
export interface Quantity {
  readonly text: string;
  readonly unit: string;
}

const NONE = '–';

/** Making a format takes far longer than using it. */
const formats = new Map<string | undefined, Intl.NumberFormat>();

/** Three significant digits, without an exponent: 0.123, 1.23, 12.3, 123, 12,300. */
export function threeDigits(value: number, locale?: string): string {
  if (!Number.isFinite(value)) return NONE;
  let format = formats.get(locale);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
    formats.set(locale, format);
  }
  return format.format(value);
}

const PREFIXES: readonly [number, string][] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];
const SCALED = new Set(['W', 'Wh', 'VA']);

/** A value in its unit, in kilo, mega or giga where that reads better; – where there is none. */
export function quantity(value: number | null | undefined, unit: string, locale?: string): Quantity {
  if (value == null || !Number.isFinite(value)) return { text: NONE, unit };
  const [factor, prefix] = SCALED.has(unit) ? (PREFIXES.find(([size]) => Math.abs(value) >= size) ?? [1, '']) : [1, ''];
  return { text: threeDigits(value / factor, locale), unit: prefix + unit };
}

/** The same in one text: "4.21 kW". */
export function inUnit(value: number | null | undefined, unit: string, locale?: string): string {
  const { text, unit: scaled } = quantity(value, unit, locale);
  return text === NONE ? NONE : `${text} ${scaled}`;
}

/** "3 min ago", "in 2 days": how far `time` is from `now`, both in ms. */
export function relativeTime(time: number, now: number, locale?: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const seconds = (time - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 90) return format.format(Math.round(seconds), 'second');
  if (size < 5400) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 129_600) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}

/** Date and time of day at the plant. */
export function exactTime(time: number, timeZone: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(time);
}

/** The mark that goes with a state, so that colour is never alone. */
export const marks: Readonly<Record<string, string>> = {
  critical: '▲',
  high: '◆',
  medium: '●',
  low: '○',
  good: '✓',
  unknown: '?',
};
