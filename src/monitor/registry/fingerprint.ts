import type { Frame } from '../../core/index.js';

/** What a model was trained on, small enough to keep beside it: enough to know the same data again, and how they lay. */
export interface DataFingerprint {
  readonly rows: number;
  /** First and last time, ms since the epoch; null without rows. */
  readonly from: number | null;
  readonly to: number | null;
  /** By column. */
  readonly columns: Readonly<Record<string, ColumnFingerprint>>;
  /** 64-bit hash (FNV-1a, hexadecimal) over times and values: equal data have equal hashes. */
  readonly hash: string;
}

/** How a column lay. */
export interface ColumnFingerprint {
  readonly unit: string;
  /** Share of rows without a value. */
  readonly missing: number;
  /** Null where no row has a value. */
  readonly mean: number | null;
  readonly deviation: number | null;
  /** Values at shares 0, 0.1, … 1 of the sorted ones; empty where there are none. */
  readonly deciles: readonly number[];
}

/** The fingerprint of the data in one frame or several. */
export function fingerprint(...frames: readonly Frame[]): DataFingerprint {
  const hash = new Hash();
  const values = new Map<string, { unit: string; parts: Float64Array[] }>();
  let rows = 0;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const frame of frames) {
    rows += frame.length;
    hash.add(frame.time);
    if (frame.length > 0) {
      from = Math.min(from, frame.time[0] as number);
      to = Math.max(to, frame.time[frame.length - 1] as number);
    }
    for (const name of [...frame.names].sort()) {
      const column = frame.column(name);
      hash.add(column);
      const known = values.get(name) ?? { unit: frame.unit(name), parts: [] };
      known.parts.push(column);
      values.set(name, known);
    }
  }
  return {
    rows,
    from: rows > 0 ? from : null,
    to: rows > 0 ? to : null,
    columns: Object.fromEntries([...values].map(([name, { unit, parts }]) => [name, describe(unit, parts, rows)])),
    hash: hash.text,
  };
}

function describe(unit: string, parts: readonly Float64Array[], rows: number): ColumnFingerprint {
  const known = Float64Array.from(parts.flatMap((part) => Array.from(part).filter(Number.isFinite))).sort();
  if (known.length === 0) return { unit, missing: 1, mean: null, deviation: null, deciles: [] };
  let mean = 0;
  for (const value of known) mean += value / known.length;
  let squares = 0;
  for (const value of known) squares += (value - mean) ** 2;
  const at = (share: number) => known[Math.round(share * (known.length - 1))] as number;
  return {
    unit,
    missing: 1 - known.length / Math.max(1, rows),
    mean,
    deviation: Math.sqrt(squares / known.length),
    deciles: Array.from({ length: 11 }, (_, i) => at(i / 10)),
  };
}

/** Two FNV-1a hashes of 32 bits side by side, one of them over the words in reverse of their halves. */
class Hash {
  #a = 0x811c9dc5;
  #b = 0x2c1b3c6d;

  add(values: Float64Array): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number;
      this.#a = Math.imul(this.#a ^ word, 0x01000193);
      this.#b = Math.imul(this.#b ^ (word >>> 13) ^ (word << 19), 0x01000193);
    }
  }

  get text(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
