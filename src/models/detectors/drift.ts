import { quote, TwinergyError } from '../../core/errors.js';
import { Random, type RandomState } from '../../core/random.js';

/** Watches a stream of numbers and says when their distribution has changed. */
export interface DriftDetector {
  /** Takes the next value; true when a change is found, after which the detector starts afresh. */
  step(value: number): boolean;
  /** What it has seen so far, as JSON data for `restore`; a detector of your own may do without. */
  toJSON?(): unknown;
  /** Goes on where `state` was taken. */
  restore?(state: unknown): void;
}

/** Options of the Page–Hinkley test. */
export interface PageHinkleyOptions {
  /** Change of the mean that does not count. Default 0.005. */
  readonly tolerance?: number;
  /** Summed change that is a drift. Default 50. */
  readonly threshold?: number;
  /** Values before it judges. Default 30. */
  readonly warmup?: number;
}

/** Page–Hinkley test (Page 1954; Mouss et al. 2004): a rise of the mean, summed above the running mean. */
export class PageHinkley implements DriftDetector {
  readonly #options: Required<PageHinkleyOptions>;
  #count = 0;
  #mean = 0;
  #sum = 0;
  #least = 0;

  constructor({ tolerance = 0.005, threshold = 50, warmup = 30 }: PageHinkleyOptions = {}) {
    this.#options = { tolerance, threshold, warmup };
  }

  step(value: number): boolean {
    if (!Number.isFinite(value)) return false;
    this.#count++;
    this.#mean += (value - this.#mean) / this.#count;
    this.#sum += value - this.#mean - this.#options.tolerance;
    this.#least = Math.min(this.#least, this.#sum);
    if (this.#count < this.#options.warmup || this.#sum - this.#least <= this.#options.threshold) return false;
    this.#count = 0;
    this.#mean = 0;
    this.#sum = 0;
    this.#least = 0;
    return true;
  }

  toJSON(): readonly number[] {
    return [this.#count, this.#mean, this.#sum, this.#least];
  }

  restore(state: unknown): void {
    [this.#count, this.#mean, this.#sum, this.#least] = numbers(state, 4) as [number, number, number, number];
  }
}

/** Options of ADWIN. */
export interface AdwinOptions {
  /** Chance of a false alarm at each check. Default 0.002. */
  readonly confidence?: number;
}

interface Bucket {
  sum: number;
  squares: number;
}

/**
 * Adaptive windowing (Bifet & Gavaldà 2007): a window over the stream that is cut where the means before and after
 * differ by more than chance allows. The window is kept as buckets of doubling size, so that memory and time grow with
 * the logarithm of its length.
 */
export class Adwin implements DriftDetector {
  readonly #confidence: number;
  /** `#levels[k]`: buckets of 2^k values, newest first. */
  #levels: Bucket[][] = [[]];
  #count = 0;
  #sum = 0;
  #squares = 0;
  #ticks = 0;

  constructor({ confidence = 0.002 }: AdwinOptions = {}) {
    this.#confidence = confidence;
  }

  /** Values in the window. */
  get width(): number {
    return this.#count;
  }

  /** Mean over the window. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  step(value: number): boolean {
    if (!Number.isFinite(value)) return false;
    this.#levels[0]?.unshift({ sum: value, squares: value * value });
    this.#count++;
    this.#sum += value;
    this.#squares += value * value;
    this.#compress();
    if (++this.#ticks % 32 !== 0 || this.#count < 20) return false;
    let changed = false;
    while (this.#cut()) changed = true;
    return changed;
  }

  #compress(): void {
    for (let k = 0; k < this.#levels.length; k++) {
      const level = this.#levels[k] as Bucket[];
      if (level.length <= 5) return;
      const oldest = level.pop() as Bucket;
      const older = level.pop() as Bucket;
      const next = this.#levels[k + 1] ?? [];
      this.#levels[k + 1] = next;
      next.unshift({ sum: oldest.sum + older.sum, squares: oldest.squares + older.squares });
    }
  }

  /** Drops the oldest bucket if some cut of the window separates two different means. */
  #cut(): boolean {
    const variance = Math.max(0, this.#squares / this.#count - this.mean ** 2);
    const delta = Math.log((2 * Math.log(Math.max(this.#count, 3))) / this.#confidence);
    let n0 = 0;
    let sum0 = 0;
    for (let k = this.#levels.length - 1; k >= 0; k--) {
      const level = this.#levels[k] as Bucket[];
      for (let i = level.length - 1; i >= 0; i--) {
        n0 += 2 ** k;
        sum0 += (level[i] as Bucket).sum;
        const n1 = this.#count - n0;
        if (n1 < 5) return false;
        if (n0 < 5) continue;
        const m = 1 / (1 / (n0 - 4) + 1 / (n1 - 4));
        const bound = Math.sqrt((2 / m) * variance * delta) + (2 / (3 * m)) * delta;
        if (Math.abs(sum0 / n0 - (this.#sum - sum0) / n1) > bound) {
          this.#dropOldest();
          return true;
        }
      }
    }
    return false;
  }

  #dropOldest(): void {
    while (this.#levels.length > 1 && this.#levels[this.#levels.length - 1]?.length === 0) this.#levels.pop();
    const k = this.#levels.length - 1;
    const bucket = this.#levels[k]?.pop();
    if (bucket === undefined) return;
    this.#count -= 2 ** k;
    this.#sum -= bucket.sum;
    this.#squares -= bucket.squares;
  }

  toJSON(): AdwinState {
    return {
      levels: this.#levels.map((level) => level.flatMap(({ sum, squares }) => [sum, squares])),
      sums: [this.#count, this.#sum, this.#squares, this.#ticks],
    };
  }

  restore(state: unknown): void {
    const { levels, sums } = state as AdwinState;
    [this.#count, this.#sum, this.#squares, this.#ticks] = numbers(sums, 4) as [number, number, number, number];
    this.#levels = levels.map((level) =>
      Array.from({ length: level.length / 2 }, (_, i) => ({
        sum: level[2 * i] as number,
        squares: level[2 * i + 1] as number,
      })),
    );
  }
}

/** What an `Adwin` has seen. */
export interface AdwinState {
  /** Sum and sum of squares of each bucket, in turn. */
  readonly levels: readonly (readonly number[])[];
  readonly sums: readonly number[];
}

/** Options of KSWIN. */
export interface KswinOptions {
  /** Values in the window. Default 200. */
  readonly window?: number;
  /** Newest values compared with the rest. Default 50. */
  readonly recent?: number;
  /** Chance of a false alarm at each check. Default 1e-4. */
  readonly confidence?: number;
  /** Seed of the sample from the older values. Default 0. */
  readonly seed?: number;
}

/**
 * Kolmogorov–Smirnov windowing (Raab, Heusinger & Schleif 2020): compares the newest values with a sample of the older
 * ones in the window; finds changes of shape that leave the mean where it is.
 */
export class Kswin implements DriftDetector {
  readonly #window: number;
  readonly #recent: number;
  readonly #confidence: number;
  #random: Random;
  #values: number[] = [];

  constructor({ window = 200, recent = 50, confidence = 1e-4, seed = 0 }: KswinOptions = {}) {
    this.#window = window;
    this.#recent = recent;
    this.#confidence = confidence;
    this.#random = new Random(seed);
  }

  step(value: number): boolean {
    if (!Number.isFinite(value)) return false;
    this.#values.push(value);
    if (this.#values.length > this.#window) this.#values.shift();
    if (this.#values.length < this.#window) return false;
    const older = this.#values.slice(0, this.#window - this.#recent);
    this.#random.shuffle(older, this.#recent);
    const sample = Float64Array.from(older.slice(0, this.#recent)).sort();
    const newest = Float64Array.from(this.#values.slice(-this.#recent)).sort();
    const limit = Math.sqrt(-Math.log(this.#confidence / 2) / this.#recent);
    if (kolmogorovSmirnov(sample, newest) <= limit) return false;
    this.#values = this.#values.slice(-this.#recent);
    return true;
  }

  toJSON(): KswinState {
    return { values: [...this.#values], random: this.#random.toJSON() };
  }

  restore(state: unknown): void {
    const { values, random } = state as KswinState;
    this.#values = [...numbers(values)];
    this.#random = Random.fromJSON(random);
  }
}

/** What a `Kswin` has seen. */
export interface KswinState {
  readonly values: readonly number[];
  readonly random: RandomState;
}

/** A list of numbers from JSON. @throws TwinergyError `DRIFT_BAD_STATE` */
function numbers(state: unknown, length?: number): readonly number[] {
  if (Array.isArray(state) && (length === undefined || state.length === length) && state.every(Number.isFinite))
    return state;
  throw new TwinergyError('DRIFT_BAD_STATE', `This is no state of a drift detector: ${quote(state)}.`);
}

/** Largest distance between the empirical distributions of two sorted samples. */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): number {
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i] as number, b[j] as number);
    while (i < a.length && (a[i] as number) <= x) i++;
    while (j < b.length && (b[j] as number) <= x) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/** Golden ratio: its multiples spread evenly over 0…1, in an order without pattern. */
const golden = 0.6180339887498949;

/**
 * The drift detector that an option asks for. It is to be fed the complements of p-values, uniform in 0…1 while nothing
 * changes, and has been shown 300 such numbers, so that it also finds a stream that is different from its first row on.
 */
export function driftDetector(
  choice: 'adwin' | 'kswin' | 'page-hinkley' | 'none' | (() => DriftDetector),
  seed: number,
): DriftDetector | undefined {
  const detector = madeFor(choice, seed);
  for (let i = 1; i <= 300; i++) detector?.step((i * golden) % 1);
  return detector;
}

function madeFor(
  choice: 'adwin' | 'kswin' | 'page-hinkley' | 'none' | (() => DriftDetector),
  seed: number,
): DriftDetector | undefined {
  if (typeof choice === 'function') return choice();
  if (choice === 'adwin') return new Adwin();
  if (choice === 'kswin') return new Kswin({ seed });
  // Uniform numbers have a deviation of 0.29: a lasting rise of the mean by 0.15 is found within a few hundred values.
  if (choice === 'page-hinkley') return new PageHinkley({ tolerance: 0.05, threshold: 15 });
  return undefined;
}
