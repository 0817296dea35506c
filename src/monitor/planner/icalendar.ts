import { TwinergyError } from '../../core/index.js';

/** An entry of a calendar. Times in ms since the epoch. */
export interface CalendarEntry {
  /** Stays the same for the same task, so that calendars replace it. */
  readonly uid: string;
  readonly start: number;
  readonly end: number;
  readonly summary: string;
  readonly description?: string | undefined;
  readonly location?: string | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly status?: 'TENTATIVE' | 'CONFIRMED' | 'CANCELLED' | undefined;
  /** 1 (highest) … 9. */
  readonly priority?: number | undefined;
  /** Number of changes so far. Default 0. */
  readonly sequence?: number | undefined;
  /** Latitude and longitude, degrees. */
  readonly geo?: readonly [number, number] | undefined;
}

/**
 * An iCalendar file (RFC 5545): times in UTC, text escaped, lines folded at 75 octets without breaking a character, ends
 * of line CRLF.
 * @param stamp when the calendar was made, ms since the epoch
 * @throws TwinergyError `CALENDAR_BAD_TIME`
 */
export function iCalendar(
  entries: readonly CalendarEntry[],
  { name, stamp }: { name?: string; stamp: number },
): string {
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Twinergy//Maintenance//EN', 'CALSCALE:GREGORIAN'];
  lines.push('METHOD:PUBLISH');
  if (name !== undefined) lines.push(`X-WR-CALNAME:${escapeText(name)}`);
  for (const entry of entries) lines.push(...eventLines(entry, stamp));
  lines.push('END:VCALENDAR');
  return `${lines.map(fold).join('\r\n')}\r\n`;
}

function eventLines(entry: CalendarEntry, stamp: number): string[] {
  const {
    uid,
    start,
    end,
    summary,
    description,
    location,
    categories = [],
    status,
    priority,
    sequence = 0,
    geo,
  } = entry;
  if (!(end > start)) {
    throw new TwinergyError('CALENDAR_BAD_TIME', `The entry ${uid} ends at ${end}, not after its start at ${start}.`, {
      value: end,
    });
  }
  return [
    'BEGIN:VEVENT',
    `UID:${escapeText(uid)}`,
    `DTSTAMP:${utc(stamp)}`,
    `DTSTART:${utc(start)}`,
    `DTEND:${utc(end)}`,
    `SEQUENCE:${sequence}`,
    `SUMMARY:${escapeText(summary)}`,
    ...(description === undefined ? [] : [`DESCRIPTION:${escapeText(description)}`]),
    ...(location === undefined ? [] : [`LOCATION:${escapeText(location)}`]),
    ...(geo === undefined ? [] : [`GEO:${geo[0].toFixed(6)};${geo[1].toFixed(6)}`]),
    ...(categories.length === 0 ? [] : [`CATEGORIES:${categories.map(escapeText).join(',')}`]),
    ...(status === undefined ? [] : [`STATUS:${status}`]),
    ...(priority === undefined ? [] : [`PRIORITY:${priority}`]),
    'END:VEVENT',
  ];
}

/** `20261127T070000Z`. */
function utc(time: number): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15)
    throw new TwinergyError('CALENDAR_BAD_TIME', `${time} is no time.`, { value: time });
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** Backslash, semicolon, comma and line ends, as RFC 5545 section 3.3.11 has it; other control characters go. */
function escapeText(text: string): string {
  return text
    .replace(/\\/g, '\\\\')
    .replace(/[;,]/g, (mark) => `\\${mark}`)
    .replace(/\r\n|\r|\n/g, '\\n')
    .replace(/\p{Cc}/gu, (control) => (control === '\t' ? control : ''));
}

/** A line in pieces of at most 75 octets of UTF-8, each further one begun with a space (section 3.1). */
function fold(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  let octets = 0;
  for (const character of line) {
    const code = character.codePointAt(0) as number;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (octets + size > 75) {
      pieces.push(piece);
      piece = ' ';
      octets = 1;
    }
    piece += character;
    octets += size;
  }
  pieces.push(piece);
  return pieces.join('\r\n');
}
