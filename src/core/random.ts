import { TwinergyError } from './errors.js';

const TWO_POW_MINUS_53 = 2 ** -53;

/** The state of a `Random`, as plain numbers for JSON. */
export interface RandomState {
  /** Four unsigned 32-bit words. */
  readonly words: readonly [number, number, number, number];
  /** The second normal deviate of a pair that has not been handed out yet, or null. */
  readonly spareNormal: number | null;
}

/** One step of SplitMix32-style avalanche mixing: spreads a seed over all bits. */
function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna 2018), seeded through a 32-bit avalanche mix. The integers and
 * uniforms are the same to the bit in every runtime; `normal()` uses only sums, products, square root and `Math.log`.
 * Streams split: `random.split('weather')` is an independent stream that does not disturb its parent.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spare: number | null = null;

  /** @param seed any finite number; its low 53 bits count */
  constructor(seed = 0) {
    if (!Number.isFinite(seed)) {
      throw new TwinergyError('RANDOM_BAD_SEED', `A seed must be a finite number, got ${seed}.`, { value: seed });
    }
    // Fractional seeds are told apart too: their bits beyond the integer part enter through the third word.
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    const fraction = ((seed - Math.floor(seed)) * 2 ** 32) >>> 0;
    this.#a = mix(low ^ 0x9e3779b9);
    this.#b = mix(this.#a + high + 0x6d2b79f5);
    this.#c = mix(this.#b + fraction + 0x3c6ef372);
    this.#d = mix(this.#c + 0xdaa66d2b) | 1;
    for (let i = 0; i < 8; i++) this.uint32();
  }

  /** An unsigned 32-bit integer. */
  uint32(): number {
    const five = Math.imul(this.#b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** A uniform number in [0, 1) with 53 random bits. */
  next(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) * TWO_POW_MINUS_53;
  }

  /** A uniform number in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A uniform integer in 0…n−1, without modulo bias. `n` from 1 to 2³². */
  int(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const value = this.uint32();
      if (value < limit) return value % n;
    }
  }

  /** A normal deviate (Marsaglia's polar method). */
  normal(mean = 0, standardDeviation = 1): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return mean + standardDeviation * spare;
    }
    for (;;) {
      const u = 2 * this.next() - 1;
      const v = 2 * this.next() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spare = v * scale;
      return mean + standardDeviation * u * scale;
    }
  }

  /** An exponential deviate of the given mean. */
  exponential(mean = 1): number {
    return -mean * Math.log(1 - this.next());
  }

  /** A Gamma deviate with `shape` > 0 and `scale` (Marsaglia & Tsang 2000). */
  gamma(shape: number, scale = 1): number {
    if (shape < 1) return this.gamma(shape + 1, scale) * (1 - this.next()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      const u = 1 - this.next();
      if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale;
    }
  }

  /** Puts the first `count` places of `items` in random order, each subset equally likely (Fisher–Yates). */
  shuffle(items: Uint32Array | Int32Array | Float64Array | unknown[], count = items.length): void {
    const list = items as unknown[];
    for (let i = 0; i < count && i < list.length - 1; i++) {
      const j = i + this.int(list.length - i);
      const held = list[i];
      list[i] = list[j];
      list[j] = held;
    }
  }

  /** An independent stream named by `label`; the same label gives the same stream, and the parent is left as it is. */
  split(label: string | number): Random {
    const child = new Random(0);
    const salt = typeof label === 'number' ? mix(label) ^ mix(Math.floor(label / 2 ** 32)) : hashText(label);
    child.#a = mix(this.#a ^ salt);
    child.#b = mix(this.#b + Math.imul(salt, 0x9e3779b1));
    child.#c = mix(this.#c ^ mix(salt + 0x51ed270b));
    child.#d = mix(this.#d + salt) | 1;
    for (let i = 0; i < 8; i++) child.uint32();
    return child;
  }

  /** The state, so that a run can be stopped and go on to the bit. */
  toJSON(): RandomState {
    return { words: [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0], spareNormal: this.#spare };
  }

  /** A generator that goes on where `state` was taken. */
  static fromJSON(state: RandomState): Random {
    const random = new Random(0);
    [random.#a, random.#b, random.#c, random.#d] = state.words;
    random.#spare = state.spareNormal;
    return random;
  }
}
