import { quote, TwinergyError } from './errors.js';
import { fnv1a } from './fnv.js';
import { log, pow } from './math/index.js';

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

/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna 2018), seeded through a 32-bit avalanche mix (the finaliser of
 * MurmurHash3). All deviates are the same to the bit in every runtime: what is not exact arithmetic goes through the
 * library's own logarithm and power. Period 2¹²⁸ − 1. Not for secrets.
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

  /** A uniform integer in 0…n−1, without modulo bias. `n` from 1 to 2³². @throws TwinergyError `RANDOM_BAD_RANGE` */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 4294967296) {
      throw new TwinergyError('RANDOM_BAD_RANGE', `A random integer needs a range of 1 to 2³² values, got ${n}.`, {
        value: n,
      });
    }
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
      const scale = Math.sqrt((-2 * log(s)) / s);
      this.#spare = v * scale;
      return mean + standardDeviation * u * scale;
    }
  }

  /** An exponential deviate of the given mean. */
  exponential(mean = 1): number {
    return -mean * log(1 - this.next());
  }

  /** A Gamma deviate with `shape` > 0 and `scale` (Marsaglia & Tsang 2000). @throws TwinergyError `RANDOM_BAD_SHAPE` */
  gamma(shape: number, scale = 1): number {
    if (!(shape > 0 && shape < Number.POSITIVE_INFINITY)) {
      throw new TwinergyError('RANDOM_BAD_SHAPE', `The shape of a Gamma deviate is positive, got ${shape}.`, {
        value: shape,
      });
    }
    if (shape < 1) return this.gamma(shape + 1, scale) * pow(1 - this.next(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const root = 1 + c * x;
      const v = root * root * root;
      if (v <= 0) continue;
      const u = 1 - this.next();
      if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v * scale;
    }
  }

  /** Puts the first `count` places of `items` in random order, each subset equally likely (Fisher–Yates). */
  shuffle<Item>(items: { readonly length: number; [index: number]: Item }, count: number = items.length): void {
    for (let i = 0; i < count && i < items.length - 1; i++) {
      const j = i + this.int(items.length - i);
      const held = items[i] as Item;
      items[i] = items[j] as Item;
      items[j] = held;
    }
  }

  /**
   * An independent stream named by `label`. The parent is left as it is; at the same point of the parent the same label
   * gives the same stream. 64 bits of the label count, so that a fleet of 100,000 does not collide; 3 and `"3"` are the
   * same label.
   */
  split(label: string | number): Random {
    const text = String(label);
    const salt = mix(fnv1a(text));
    const pepper = mix(fnv1a(text, 0x2c1b3c6d) + text.length);
    const child = new Random(0);
    child.#a = mix(this.#a ^ salt);
    child.#b = mix(this.#b + Math.imul(pepper, 0x9e3779b1));
    child.#c = mix(this.#c ^ mix(salt + 0x51ed270b));
    child.#d = mix(this.#d + pepper) | 1;
    for (let i = 0; i < 8; i++) child.uint32();
    return child;
  }

  /** The state, so that a run can be stopped and go on to the bit. */
  toJSON(): RandomState {
    return { words: [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0], spareNormal: this.#spare };
  }

  /** A generator that goes on where `state` was taken. @throws TwinergyError `RANDOM_BAD_STATE` */
  static fromJSON(state: RandomState): Random {
    const { words, spareNormal } = state;
    const valid =
      Array.isArray(words) &&
      words.length === 4 &&
      words.every((word) => Number.isInteger(word) && word >= 0 && word < 4294967296) &&
      words.some((word) => word !== 0) &&
      (spareNormal === null || Number.isFinite(spareNormal));
    if (!valid) {
      throw new TwinergyError('RANDOM_BAD_STATE', `${quote(state)} is not the state of a random generator.`, {
        value: state,
      });
    }
    const random = new Random(0);
    [random.#a, random.#b, random.#c, random.#d] = words;
    random.#spare = spareNormal;
    return random;
  }
}
