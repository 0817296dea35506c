import { Frame } from '../core/index.js';

const DAY = 86_400_000;

/** Daily rows of an asset, as the predictor of remaining life wants them, for JSON. */
export interface SavedDaily {
  readonly days: readonly { readonly time: number; readonly means: readonly (number | null)[] }[];
  readonly day: number;
  readonly sums: readonly number[];
  readonly counts: readonly number[];
}

/** Collects daily means of channels, and keeps those of the last days. */
export class DailyMeans {
  readonly #channels: readonly { readonly name: string; readonly unit: string }[];
  readonly #kept: number;
  #days: { time: number; means: number[] }[] = [];
  #day = Number.NEGATIVE_INFINITY;
  #sums: number[];
  #counts: number[];

  /** @param kept how many whole days are kept */
  constructor(channels: readonly { readonly name: string; readonly unit: string }[], kept: number) {
    this.#channels = channels;
    this.#kept = kept;
    this.#sums = channels.map(() => 0);
    this.#counts = channels.map(() => 0);
  }

  /** Takes in a row; true when it is the first of a new day (UTC), so that a whole one has been added. */
  add(time: number, values: Readonly<Record<string, number>>): boolean {
    const day = Math.floor(time / DAY) * DAY;
    if (day < this.#day) return false;
    const ended = day > this.#day && Number.isFinite(this.#day);
    if (ended) this.#close();
    this.#day = day;
    for (let c = 0; c < this.#channels.length; c++) {
      const value = values[(this.#channels[c] as { name: string }).name];
      if (value === undefined) continue;
      this.#sums[c] = (this.#sums[c] as number) + value;
      this.#counts[c] = (this.#counts[c] as number) + 1;
    }
    return ended;
  }

  /** The whole days so far. */
  frame(): Frame {
    return new Frame(
      Float64Array.from(this.#days, ({ time }) => time),
      new Map(
        this.#channels.map(({ name, unit }, c) => [
          name,
          { data: Float64Array.from(this.#days, ({ means }) => means[c] as number), unit },
        ]),
      ),
    );
  }

  toJSON(): SavedDaily {
    return {
      days: this.#days.map(({ time, means }) => ({
        time,
        means: means.map((mean) => (Number.isNaN(mean) ? null : mean)),
      })),
      day: Number.isFinite(this.#day) ? this.#day : -1,
      sums: this.#sums,
      counts: this.#counts,
    };
  }

  /** Goes on where `saved` was taken. */
  restore({ days, day, sums, counts }: SavedDaily): void {
    this.#days = days.map(({ time, means }) => ({ time, means: means.map((mean) => mean ?? Number.NaN) }));
    this.#day = day < 0 ? Number.NEGATIVE_INFINITY : day;
    this.#sums = [...sums];
    this.#counts = [...counts];
  }

  /** Forgets everything. */
  clear(): void {
    this.#days = [];
    this.#day = Number.NEGATIVE_INFINITY;
    this.#sums.fill(0);
    this.#counts.fill(0);
  }

  /** Replaces the means of a whole day that was already closed; false where it is not kept. */
  correct(day: number, rows: Iterable<Readonly<Record<string, number>>>): boolean {
    const kept = this.#days.find(({ time }) => time === day);
    if (kept === undefined) return false;
    const sums = this.#channels.map(() => 0);
    const counts = this.#channels.map(() => 0);
    for (const values of rows) {
      this.#channels.forEach(({ name }, c) => {
        const value = values[name];
        if (value === undefined) return;
        sums[c] = (sums[c] as number) + value;
        counts[c] = (counts[c] as number) + 1;
      });
    }
    kept.means = sums.map((sum, c) => (counts[c] === 0 ? Number.NaN : sum / (counts[c] as number)));
    return true;
  }

  #close(): void {
    this.#days.push({
      time: this.#day,
      means: this.#sums.map((sum, c) => (this.#counts[c] === 0 ? Number.NaN : sum / (this.#counts[c] as number))),
    });
    if (this.#days.length > this.#kept) this.#days.shift();
    this.#sums.fill(0);
    this.#counts.fill(0);
  }
}
