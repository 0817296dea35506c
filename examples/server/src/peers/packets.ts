/** Bytes of a notification; PostgreSQL takes less than 8,000. */
const MOST = 7900;
/** Bytes of a part of a message that does not fit: three quarters of what they take as base64, and room for the head. */
const PART = 5700;
/** Unfinished messages that are kept; the rest of older ones has been lost. */
const UNFINISHED = 100;

/** Messages as payloads of notifications: many short ones together, a long one in parts. */
export function packets(from: string, sequence: number, messages: readonly string[]): string[] {
  const made: string[] = [];
  let lines: string[] = [];
  let bytes = 0;
  const head = `${from} `;
  const room = MOST - head.length - 4;
  const flush = () => {
    if (lines.length > 0) made.push(`${head}0 0 0\n${lines.join('\n')}`);
    lines = [];
    bytes = 0;
  };
  for (const [i, message] of messages.entries()) {
    const length = Buffer.byteLength(message) + 1;
    if (bytes + length > room - 10) flush();
    if (length <= room - 10) {
      lines.push(message);
      bytes += length;
      continue;
    }
    const whole = Buffer.from(message);
    const parts = Math.ceil(whole.length / PART);
    for (let part = 0; part < parts; part++)
      made.push(
        `${head}${sequence + i} ${part} ${parts}\n${whole.subarray(part * PART, (part + 1) * PART).toString('base64')}`,
      );
  }
  flush();
  return made;
}

/** Puts payloads of others together again. */
export class Unpacker {
  readonly #own: string;
  readonly #parts = new Map<string, (string | undefined)[]>();

  constructor(own: string) {
    this.#own = own;
  }

  /** The messages that a payload completes; none for those of this server itself. */
  take(payload: string): string[] {
    const end = payload.indexOf('\n');
    const [from = '', sequence = '', part = '', of = ''] = payload.slice(0, end).split(' ');
    if (end < 0 || from === this.#own) return [];
    const body = payload.slice(end + 1);
    const count = Number(of);
    if (count === 0) return body.split('\n');
    const key = `${from} ${sequence}`;
    const parts = this.#parts.get(key) ?? new Array<string | undefined>(count).fill(undefined);
    parts[Number(part)] = body;
    if (parts.includes(undefined)) {
      this.#parts.set(key, parts);
      if (this.#parts.size > UNFINISHED) this.#parts.delete(this.#parts.keys().next().value as string);
      return [];
    }
    this.#parts.delete(key);
    return [Buffer.concat(parts.map((one) => Buffer.from(one as string, 'base64'))).toString()];
  }
}
