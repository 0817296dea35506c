import { packFloats, unpackFloats } from '../serial.js';

/** A `Ring` as JSON data. */
export interface RingState {
  readonly size: number;
  readonly values: string;
}

/** The last `size` numbers of a stream. */
export class Ring {
  readonly #data: Float64Array;
  #filled = 0;
  #at = 0;

  constructor(size: number) {
    this.#data = new Float64Array(Math.max(1, size));
  }

  /** How many there are. */
  get length(): number {
    return this.#filled;
  }

  /** The most there can be. */
  get size(): number {
    return this.#data.length;
  }

  /** Takes the next number; gives the one that falls out, if one does. */
  push(value: number): number | undefined {
    const full = this.#filled === this.#data.length;
    const leaving = full ? (this.#data[this.#at] as number) : undefined;
    this.#data[this.#at] = value;
    this.#at = this.#at + 1 === this.#data.length ? 0 : this.#at + 1;
    if (!full) this.#filled++;
    return leaving;
  }

  /** The number pushed `lag` pushes before the last; NaN if there is none. */
  past(lag: number): number {
    if (lag >= this.#filled) return Number.NaN;
    const at = this.#at - 1 - lag;
    return this.#data[at < 0 ? at + this.#data.length : at] as number;
  }

  /** The numbers in no particular order (a view). */
  unordered(): Float64Array {
    return this.#data.subarray(0, this.#filled);
  }

  /** The numbers, oldest first. */
  ordered(): Float64Array {
    return Float64Array.from({ length: this.#filled }, (_, i) => this.past(this.#filled - 1 - i));
  }

  clear(): void {
    this.#filled = 0;
    this.#at = 0;
  }

  toJSON(): RingState {
    return { size: this.#data.length, values: packFloats(this.ordered()) };
  }

  static fromJSON({ size, values }: RingState): Ring {
    const ring = new Ring(size);
    for (const value of unpackFloats(values)) ring.push(value);
    return ring;
  }
}
