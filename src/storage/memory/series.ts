import { fnv1a } from '../../core/fnv.js';
import type { TelemetryRows } from '../contract/engine.js';

/** Rows that there is room for at first, at the least. */
const FEWEST = 48;

/** One asset's telemetry in memory: sorted times and a column for each channel, grown by doubling. */
export class Series {
  length = 0;
  time: Float64Array;
  readonly columns = new Map<string, Float64Array>();
  readonly quality = new Map<number, string>();

  /** @param assetId decides how many rows there is room for at first: assets that begin together do not all grow in one instant */
  constructor(assetId: string) {
    this.time = new Float64Array(FEWEST + (fnv1a(assetId) % FEWEST));
  }

  /** Adds row `index` of `rows` at the end; false, and nothing done, where it is not newer than all there is. */
  append(time: number, { channels, columns }: TelemetryRows, index: number): boolean {
    const at = this.length;
    if (at > 0 && !(time > (this.time[at - 1] as number))) return false;
    this.#grow(at + 1);
    for (let k = 0; k < channels.length; k++) {
      const column = this.#column(channels[k] as string);
      column[at] = (columns[k] as Float64Array)[index] as number;
    }
    this.time[at] = time;
    this.length = at + 1;
    return true;
  }

  /** Upserts rows that are sorted by time without duplicates; NaN leaves what was there. */
  upsert(time: Float64Array, channels: readonly string[], columns: readonly Float64Array[]): void {
    if (time.length === 0) return;
    for (const channel of channels) this.#column(channel);
    const positions = this.#makeRoom(time);
    channels.forEach((channel, k) => {
      const target = this.columns.get(channel) as Float64Array;
      const source = columns[k] as Float64Array;
      for (let i = 0; i < positions.length; i++) {
        const value = source[i] as number;
        if (!Number.isNaN(value)) target[positions[i] as number] = value;
      }
    });
  }

  /** Index of the first row at or after `time`. */
  indexAt(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.time[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Removes rows with `from` ≤ time < `to`. */
  delete(from: number, to: number): void {
    const start = this.indexAt(from);
    const end = this.indexAt(to);
    if (start === end) return;
    for (const array of [this.time, ...this.columns.values()]) {
      array.copyWithin(start, end, this.length);
    }
    this.length -= end - start;
    for (const array of this.columns.values()) array.fill(Number.NaN, this.length, this.length + (end - start));
    for (const time of this.quality.keys()) if (time >= from && time < to) this.quality.delete(time);
  }

  /** Makes a row for each time and says where each is. New rows are NaN throughout. */
  #makeRoom(time: Float64Array): Int32Array {
    const positions = new Int32Array(time.length);
    const first = this.indexAt(time[0] as number);
    let added = 0;
    for (let i = 0, j = first; i < time.length; i++) {
      while (j < this.length && (this.time[j] as number) < (time[i] as number)) j++;
      if (j >= this.length || this.time[j] !== time[i]) added++;
    }
    this.#grow(this.length + added);
    // Merge from the back, so that every row is moved once and in place.
    const arrays = [...this.columns.values()];
    let read = this.length - 1;
    let write = this.length + added - 1;
    for (let i = time.length - 1; i >= 0; i--) {
      const t = time[i] as number;
      let end = read;
      while (read >= first && (this.time[read] as number) > t) read--;
      const moved = end - read;
      if (moved > 0 && write !== end) {
        this.time.copyWithin(write - moved + 1, read + 1, end + 1);
        for (const array of arrays) array.copyWithin(write - moved + 1, read + 1, end + 1);
      }
      write -= moved;
      end = read;
      if (read >= first && this.time[read] === t) {
        if (write !== read) {
          for (const array of arrays) array[write] = array[read] as number;
          this.time[write] = t;
        }
        read--;
      } else {
        for (const array of arrays) array[write] = Number.NaN;
        this.time[write] = t;
      }
      positions[i] = write--;
    }
    this.length += added;
    return positions;
  }

  #column(channel: string): Float64Array {
    let column = this.columns.get(channel);
    if (column === undefined) {
      column = new Float64Array(this.time.length).fill(Number.NaN);
      this.columns.set(channel, column);
    }
    return column;
  }

  /** Room for so many rows, in one piece for all columns. */
  #grow(length: number): void {
    if (length <= this.time.length) return;
    const capacity = Math.max(length, this.time.length * 2);
    const room = new Float64Array(capacity * (1 + this.columns.size));
    let start = 0;
    const grown = (old: Float64Array) => {
      const array = room.subarray(start, start + capacity);
      array.set(old);
      start += capacity;
      return array;
    };
    const kept = this.time.length;
    this.time = grown(this.time);
    for (const [name, column] of this.columns) this.columns.set(name, grown(column).fill(Number.NaN, kept));
  }
}
