import { quote, TwinergyError } from '../errors.js';

/** What a time text says: a moment, or a reading of the local clock whose moment depends on the zone. */
export interface ParsedTime {
  /** ms since the epoch; for a local time as if the clock were UTC. NaN: not a time. */
  value: number;
  /** The text named no offset. */
  local: boolean;
}

/**
 * How times are written: `iso` (default), seconds or ms since the epoch, or a pattern of
 * `YYYY MM M DD D HH H hh h mm ss SSS A` (`A` is AM or PM): `DD.MM.YYYY HH:mm`, `M/D/YYYY h:mm A`.
 */
export type TimeFormat = 'iso' | 'epoch-s' | 'epoch-ms' | (string & {});

/** Reads the time in `text[start…end)` into `out`. */
export type TimeParser = (text: string, start: number, end: number, out: ParsedTime) => void;

const DAY = 86_400_000;

/** Days since the epoch of a date in the proleptic Gregorian calendar. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** ms of a date and clock, or NaN where a field is out of range. 24:00 is the next day's start. */
function momentOf(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  if (
    !(hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && second >= 0 && second < 61) ||
    (hour === 24 && minute + second > 0)
  )
    return Number.NaN;
  // To the microsecond: 4.035 · 1000 is not 4035.
  const ms = Math.round(second * 1e6) / 1000;
  return daysOf(year, month, day) * DAY + hour * 3_600_000 + minute * 60_000 + ms;
}

/** Two digits at `i`, or NaN. */
function two(text: string, i: number): number {
  const tens = text.charCodeAt(i) - 48;
  const ones = text.charCodeAt(i + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** ISO 8601 and its usual relatives: `2026-03-29`, `2026-03-29 01:30`, `2026-03-29T01:30:00.250+01:00`, `…Z`. */
const parseIso: TimeParser = (text, start, end, out) => {
  out.value = Number.NaN;
  out.local = true;
  if (end - start < 10) return;
  const separator = text.charCodeAt(start + 4);
  if ((separator !== 45 && separator !== 47) || text.charCodeAt(start + 7) !== separator) return;
  const year = two(text, start) * 100 + two(text, start + 2);
  const month = two(text, start + 5);
  const day = two(text, start + 8);
  let i = start + 10;
  let hour = 0;
  let minute = 0;
  let second = 0;
  if (i < end) {
    const gap = text.charCodeAt(i);
    if (gap !== 84 && gap !== 116 && gap !== 32) return;
    if (end - i < 6 || text.charCodeAt(i + 3) !== 58) return;
    hour = two(text, i + 1);
    minute = two(text, i + 4);
    i += 6;
    if (i < end && text.charCodeAt(i) === 58) {
      second = two(text, i + 1);
      i += 3;
      const point = text.charCodeAt(i);
      if (i < end && (point === 46 || point === 44)) {
        let unit = 0.1;
        for (i++; i < end; i++) {
          const digit = text.charCodeAt(i) - 48;
          if (digit < 0 || digit > 9) break;
          second += digit * unit;
          unit /= 10;
        }
      }
    }
  }
  let offset = 0;
  if (i < end && text.charCodeAt(i) === 32) i++;
  if (i < end) {
    const sign = text.charCodeAt(i);
    if (sign === 90 || sign === 122) i++;
    else if (sign === 43 || sign === 45) {
      const hours = two(text, i + 1);
      const colon = text.charCodeAt(i + 3) === 58 ? 1 : 0;
      const minutes = i + 3 < end ? two(text, i + 3 + colon) : 0;
      offset = (sign === 43 ? 1 : -1) * (hours * 60 + minutes) * 60_000;
      i += i + 3 < end ? 5 + colon : 3;
    } else return;
    out.local = false;
  }
  if (i !== end) return;
  out.value = momentOf(year, month, day, hour, minute, second) - offset;
};

function epochParser(scale: number): TimeParser {
  return (text, start, end, out) => {
    out.local = false;
    out.value = end > start ? Number(text.slice(start, end)) * scale : Number.NaN;
  };
}

const FIELDS: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<hour>\\d{2})',
  h: '(?<hour>\\d{1,2})',
  A: '(?<half>[AaPp][Mm])',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<fraction>\\d{3})',
};

/** 12 AM is 0, 12 PM is 12; NaN for an hour that no such clock shows. */
function hourOfHalf(hour: number, half: string): number {
  return hour >= 1 && hour <= 12 ? (hour % 12) + (half === 'pm' ? 12 : 0) : Number.NaN;
}

function patternParser(pattern: string): TimeParser {
  const source = pattern.replace(
    /YYYY|MM|M|DD|D|HH|H|hh|h|mm|ss|SSS|A|[\\^$.*+?()[\]{}|]/g,
    (token) => FIELDS[token] ?? `\\${token}`,
  );
  let expression: RegExp | undefined;
  try {
    expression = new RegExp(`^\\s*${source}\\s*$`);
  } catch {
    // A field that stands twice.
  }
  if (expression === undefined || !source.includes('<year>') || !source.includes('<day>')) {
    throw new TwinergyError('CSV_BAD_TIME_FORMAT', `${quote(pattern)} is not a time format.`, {
      value: pattern,
      hint: 'Use "iso", "epoch-s", "epoch-ms" or a pattern such as "DD.MM.YYYY HH:mm".',
    });
  }
  return (text, start, end, out) => {
    out.local = true;
    const fields = expression.exec(text.slice(start, end))?.groups;
    const half = fields?.half?.toLowerCase();
    const field = (name: string, absent: number) => (fields?.[name] === undefined ? absent : Number(fields[name]));
    out.value =
      fields === undefined
        ? Number.NaN
        : momentOf(
            field('year', 0),
            field('month', 1),
            field('day', 1),
            half === undefined ? field('hour', 0) : hourOfHalf(field('hour', 0), half),
            field('minute', 0),
            field('second', 0),
          ) + field('fraction', 0);
  };
}

/** The parser for a time format. @throws TwinergyError `CSV_BAD_TIME_FORMAT` */
export function timeParser(format: TimeFormat): TimeParser {
  if (format === 'iso') return parseIso;
  if (format === 'epoch-s') return epochParser(1000);
  if (format === 'epoch-ms') return epochParser(1);
  return patternParser(format);
}
