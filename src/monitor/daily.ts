import { Frame } from '../core/index.js';
import type { WearMeter, WearValues } from '../twin/index.js';

const DAY = 86_400_000;

/** Daily figures of an asset's wear, as the predictor of remaining life wants them, for JSON. */
export interface SavedDaily {
  /** What the figures are called: rows of another release's figures are not gone on with. */
  readonly channels: readonly string[];
  readonly days: readonly { readonly time: number; readonly row: readonly (number | null)[] }[];
  readonly day: number;
  readonly sums: readonly number[];
}

/** Collects the figures of wear day by day (UTC), and keeps those of the last days. */
export class DailyWear {
  readonly #meter: WearMeter;
  readonly #kept: number;
  #days: { time: number; row: number[] }[] = [];
  #day = Number.NEGATIVE_INFINITY;

  /** @param kept how many whole days are kept */
  constructor(meter: WearMeter, kept: number) {
    this.#meter = meter;
    this.#kept = kept;
  }

  /** Takes in a row beside what was expected; true when it is the first of a new day, so that a whole one has been added. */
  add(time: number, measured: WearValues, expected: WearValues): boolean {
    const day = Math.floor(time / DAY) * DAY;
    if (day < this.#day) return false;
    const ended = day > this.#day && Number.isFinite(this.#day);
    if (ended) {
      this.#days.push({ time: this.#day, row: this.#meter.take() });
      if (this.#days.length > this.#kept) this.#days.shift();
    }
    this.#day = day;
    this.#meter.add(time, measured, expected);
    return ended;
  }

  /** Start of the last whole day, ms since the epoch; undefined before the first. */
  get lastDay(): number | undefined {
    return this.#days.at(-1)?.time;
  }

  /** The whole days so far. */
  frame(): Frame {
    return new Frame(
      Float64Array.from(this.#days, ({ time }) => time),
      new Map(
        this.#meter.channels.map(({ name, unit }, c) => [
          name,
          { data: Float64Array.from(this.#days, ({ row }) => row[c] as number), unit },
        ]),
      ),
    );
  }

  toJSON(): SavedDaily {
    return {
      channels: this.#meter.channels.map(({ name }) => name),
      days: this.#days.map(({ time, row }) => ({
        time,
        row: row.map((value) => (Number.isNaN(value) ? null : value)),
      })),
      day: Number.isFinite(this.#day) ? this.#day : -1,
      sums: this.#meter.save(),
    };
  }

  /** Goes on where `saved` was taken; without the sums of the day under way where they are made again. */
  restore({ channels, days, day, sums }: SavedDaily, { redoDay = false } = {}): void {
    const same = JSON.stringify(channels) === JSON.stringify(this.#meter.channels.map(({ name }) => name));
    this.#days = same ? days.map(({ time, row }) => ({ time, row: row.map((value) => value ?? Number.NaN) })) : [];
    this.#day = day < 0 || !same ? Number.NEGATIVE_INFINITY : day;
    this.#meter.take();
    if (same && !redoDay) this.#meter.load(sums);
  }

  /** Forgets everything. */
  clear(): void {
    this.#days = [];
    this.#day = Number.NEGATIVE_INFINITY;
    this.#meter.take();
  }

  /** Replaces the figures of a whole day that was already closed; false where it is not kept. */
  correct(day: number, rows: Iterable<{ time: number; measured: WearValues; expected: WearValues }>): boolean {
    const kept = this.#days.find(({ time }) => time === day);
    if (kept === undefined) return false;
    // The day under way is put by for the time being.
    const sums = this.#meter.save();
    this.#meter.take();
    for (const { time, measured, expected } of rows) this.#meter.add(time, measured, expected);
    kept.row = this.#meter.take();
    this.#meter.load(sums);
    return true;
  }
}
