import type { ColumnBlock, HourMark, TelemetryRows } from '../contract/engine.js';
import { hourMs } from '../contract/time.js';

/** Values kept at most: 8 MB. */
const maxValues = 1_000_000;
/** Fewer rows are read back as fast. */
const minRows = 500;

interface Entry {
  readonly tenantId: string;
  readonly rows: TelemetryRows;
}

/**
 * The frames that this store wrote last, so that the roll-ups of many new rows need not read them back. An hour is taken from
 * here only if its version is the stamp of that one write: then nothing else was ever written to it, by whichever process.
 */
export class RecentFrames {
  readonly #entries = new Map<number, Entry>();
  #values = 0;

  /** Keeps rows of one asset, ascending in time, that a change with that stamp wrote. */
  remember(tenantId: string, stamp: number, rows: TelemetryRows): void {
    if (rows.time.length < minRows || sizeOf(rows) > maxValues) return;
    this.#entries.set(stamp, { tenantId, rows });
    this.#values += sizeOf(rows);
    for (const [oldest, entry] of this.#entries) {
      if (this.#values <= maxValues) break;
      this.#entries.delete(oldest);
      this.#values -= sizeOf(entry.rows);
    }
  }

  /** All that was ever written to these hours, if they follow each other and one frame that is kept here holds it. */
  find(
    tenantId: string,
    assetId: string,
    hours: readonly HourMark[],
    channels: readonly string[],
  ): ColumnBlock | undefined {
    const first = hours[0];
    const entry = first === undefined ? undefined : this.#entries.get(first.version);
    if (first === undefined || entry?.tenantId !== tenantId || entry.rows.assetIds[0] !== assetId) return undefined;
    if (!hours.every(({ hour, version }, i) => hour === first.hour + i && version === first.version)) return undefined;
    const { rows } = entry;
    const start = firstAtOrAfter(rows.time, first.hour * hourMs);
    const end = firstAtOrAfter(rows.time, (first.hour + hours.length) * hourMs);
    return {
      time: Float64Array.from(rows.time.slice(start, end)),
      columns: channels.map((channel) => {
        const column = rows.columns[rows.channels.indexOf(channel)];
        return column === undefined
          ? new Float64Array(end - start).fill(Number.NaN)
          : Float64Array.from(column.slice(start, end));
      }),
    };
  }
}

function sizeOf(rows: TelemetryRows): number {
  return rows.time.length * (rows.columns.length + 1);
}

function firstAtOrAfter(time: ArrayLike<number>, t: number): number {
  let low = 0;
  let high = time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] as number) < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Random words that have not been used; asking for many at once costs hardly more than asking for two. */
const words = new Uint32Array(512);
let used = words.length;

/** A number that no other write has, in any process: what the version of an hour begins with. */
export function newStamp(): number {
  if (used === words.length) {
    crypto.getRandomValues(words);
    used = 0;
  }
  const high = words[used++] as number;
  const low = words[used++] as number;
  return 1 + (high % 2 ** 19) * 2 ** 32 + low;
}
