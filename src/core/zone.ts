import { quote, TwinergyError } from './errors.js';

const DAY = 86_400_000;

/** What a local time means in UTC: once, twice (clocks went back), or never (clocks went forward over it). */
export type LocalTimeMatch =
  | { readonly kind: 'unique'; readonly time: number }
  | { readonly kind: 'ambiguous'; readonly earlier: number; readonly later: number }
  | { readonly kind: 'missing' };

/** Formats by zone, shared: making one costs a millisecond and some kilobytes, and a fleet has thousands of equal zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Offsets of an IANA time zone, from the runtime's own database through `Intl`. Days whose two ends have the same offset
 * are taken as constant and kept, so that a million rows cost a few thousand look-ups.
 */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  /** UTC day number → offset at its start, ms. */
  readonly #dayOffsets = new Map<number, number>();
  /** UTC day number → the moment within it at which the offset changes. */
  readonly #transitions = new Map<number, number>();

  /** @throws TwinergyError `ZONE_UNKNOWN` */
  constructor(name: string) {
    this.name = name;
    if (name === 'UTC' || name === 'Etc/UTC' || name === 'Z') return;
    try {
      this.#format =
        formats.get(name) ??
        new Intl.DateTimeFormat('en-US', {
          timeZone: name,
          hourCycle: 'h23',
          era: 'short',
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
          second: 'numeric',
        });
      formats.set(name, this.#format);
    } catch (cause) {
      throw new TwinergyError('ZONE_UNKNOWN', `There is no time zone ${quote(name)}.`, {
        value: name,
        hint: 'Use an IANA name such as "Europe/Berlin", or "UTC".',
        cause,
      });
    }
  }

  /** Local time minus UTC at `time` (ms since the epoch, UTC), in ms. */
  offsetAt(time: number): number {
    if (this.#format === undefined) return 0;
    const day = Math.floor(time / DAY);
    const start = this.#offsetOfDay(day);
    const end = this.#offsetOfDay(day + 1);
    if (start === end) return start;
    return time < this.#transitionIn(day, start) ? start : end;
  }

  /** What UTC time has `local` (ms, the local clock read as if it were UTC) on its clocks. */
  fromLocal(local: number): LocalTimeMatch {
    if (this.#format === undefined) return { kind: 'unique', time: local };
    const before = this.offsetAt(local - DAY);
    const after = this.offsetAt(local + DAY);
    if (before === after && this.offsetAt(local - before) === before) return { kind: 'unique', time: local - before };
    const matches = [...new Set([before, after, this.offsetAt(local - before), this.offsetAt(local - after)])]
      .map((offset) => local - offset)
      .filter((time) => time + this.offsetAt(time) === local)
      .sort((a, b) => a - b);
    const [earlier, later] = matches;
    if (earlier === undefined) return { kind: 'missing' };
    return later === undefined ? { kind: 'unique', time: earlier } : { kind: 'ambiguous', earlier, later };
  }

  /** `time` on local clocks, as ISO text with its offset: `2026-03-29T01:30:00+01:00`. */
  toLocalIso(time: number): string {
    const offset = this.offsetAt(time);
    const text = new Date(time + offset).toISOString();
    const clock = time % 1000 === 0 ? text.slice(0, 19) : text.slice(0, 23);
    if (this.#format === undefined) return `${clock}Z`;
    const minutes = Math.abs(Math.round(offset / 60_000));
    const two = (value: number) => String(value).padStart(2, '0');
    return `${clock}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }

  #offsetOfDay(day: number): number {
    let offset = this.#dayOffsets.get(day);
    if (offset === undefined) {
      offset = this.#ask(day * DAY);
      this.#dayOffsets.set(day, offset);
    }
    return offset;
  }

  /** The first moment of `day` that no longer has `start` as offset, by bisection to the ms. */
  #transitionIn(day: number, start: number): number {
    const known = this.#transitions.get(day);
    if (known !== undefined) return known;
    let low = day * DAY;
    let high = low + DAY;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === start) low = middle;
      else high = middle;
    }
    this.#transitions.set(day, high);
    return high;
  }

  #ask(time: number): number {
    if (this.#format === undefined) return 0;
    const fields: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#format.formatToParts(time)) fields[type] = value;
    const year = fields.era === 'BC' ? 1 - Number(fields.year) : Number(fields.year);
    const local = Date.UTC(
      year,
      Number(fields.month) - 1,
      Number(fields.day),
      Number(fields.hour),
      Number(fields.minute),
      Number(fields.second),
    );
    return local - Math.floor(time / 1000) * 1000;
  }
}
