/** A point of InfluxDB's line protocol. */
export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
  /** In the precision that was sent; undefined: now. */
  readonly time: bigint | undefined;
}

/** Splits at unescaped and unquoted separators. */
function split(text: string, separator: string, most = Number.POSITIVE_INFINITY, quotes = false): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === '\\' && i + 1 < text.length) {
      part += character + (text[++i] as string);
      continue;
    }
    if (quotes && character === '"') quoted = !quoted;
    if (character === separator && !quoted && parts.length + 1 < most) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  parts.push(part);
  return parts;
}

const plain = (text: string) => text.replace(/\\([,= "\\])/g, '$1');

/**
 * One line of InfluxDB's line protocol: `measurement,tag=value field=1,other=2i 1700000000000000000`. Fields that are no
 * numbers are left out; true and false are 1 and 0.
 * @throws Error with the reason
 */
export function parseLine(line: string): Point {
  const [head = '', rest = ''] = split(line, ' ', 2);
  const [fieldText = '', timeText = '', more] = split(rest, ' ', Number.POSITIVE_INFINITY, true).filter(
    (part) => part !== '',
  );
  const [measurement = '', ...tagTexts] = split(head, ',');
  if (measurement === '' || fieldText === '') throw new Error('a line has a measurement and fields');
  if (more !== undefined) throw new Error(`what is "${more}"?`);
  if (timeText !== '' && !/^-?\d{1,19}$/.test(timeText)) throw new Error(`the time "${timeText}" is no whole number`);
  const tags: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const tag of tagTexts) {
    const [name = '', value] = split(tag, '=', 2);
    if (name === '' || value === undefined || value === '') throw new Error(`the tag "${tag}" has no value`);
    tags[plain(name)] = plain(value);
  }
  const fields: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const field of split(fieldText, ',', Number.POSITIVE_INFINITY, true)) {
    const [name = '', value] = split(field, '=', 2, true);
    if (name === '' || value === undefined || value === '') throw new Error(`the field "${field}" has no value`);
    const number = numberOf(value);
    if (number !== undefined) fields[plain(name)] = number;
  }
  return { measurement: plain(measurement), tags, fields, time: timeText === '' ? undefined : BigInt(timeText) };
}

function numberOf(value: string): number | undefined {
  if (value.startsWith('"')) return undefined;
  if (/^(t|true)$/i.test(value)) return 1;
  if (/^(f|false)$/i.test(value)) return 0;
  const number = Number(/^-?\d+[iu]$/.test(value) ? value.slice(0, -1) : value);
  if (!Number.isFinite(number)) throw new Error(`the value "${value}" is no number`);
  return number;
}

const PRECISION: Readonly<Record<string, readonly [times: bigint, over: bigint]>> = {
  ns: [1n, 1_000_000n],
  us: [1n, 1000n],
  u: [1n, 1000n],
  ms: [1n, 1n],
  s: [1000n, 1n],
};

/** A time of a point in ms since the epoch. */
export function pointTime(time: bigint | undefined, precision: string, now: number): number {
  if (time === undefined) return now;
  const [times, over] = PRECISION[precision] ?? [1n, 1_000_000n];
  return Number((time * times) / over);
}
