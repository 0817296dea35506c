import { TwinergyError } from '../../core/errors.js';
import { quantileSorted } from './scaler.js';

/** A generalised Pareto tail: P(X > x) = share · (1 + shape (x − start) / scale)^(−1 / shape) for x ≥ start. */
export interface Tail {
  readonly start: number;
  /** Share of the observations beyond `start`. */
  readonly share: number;
  readonly shape: number;
  readonly scale: number;
}

/** P(X ≥ score) by the tail; strictly decreasing: beyond a finite end point it goes on exponentially, far below. */
export function tailProbability(tail: Tail, score: number): number {
  return Math.max(1e-300, survival(tail, score));
}

function survival({ start, share, shape, scale }: Tail, score: number): number {
  const z = Math.max(0, (score - start) / scale);
  if (Math.abs(shape) < 1e-9) return share * Math.exp(-z);
  const base = 1 + shape * z;
  // Short of a finite end point by a thousandth: what lies beyond has not been seen at all, but is still ordered.
  const least = 1e-3;
  if (base > least) return share * base ** (-1 / shape);
  const end = (least - 1) / shape;
  return share * least ** (-1 / shape) * Math.exp(-(z - end));
}

/** The x with P(X ≥ x) = `probability`. */
export function tailQuantile({ start, share, shape, scale }: Tail, probability: number): number {
  const ratio = probability / share;
  if (Math.abs(shape) < 1e-9) return start - scale * Math.log(ratio);
  return start + (scale * (ratio ** -shape - 1)) / shape;
}

/**
 * Shape and scale of a generalised Pareto distribution from excesses > 0, by the quasi-Bayesian estimate of Zhang &
 * Stephens (2009): no iteration that can fail, and good in small samples. The shape is drawn towards 0 with the weight
 * of ten observations (as Vehtari, Simpson, Gelman, Yao & Gabry 2024 do), and held in −1…0.5.
 */
export function fitExcesses(excesses: Float64Array): { shape: number; scale: number } {
  const sorted = excesses.filter((x) => x > 0).sort();
  const n = sorted.length;
  if (n < 5) return { shape: 0, scale: Math.max(1e-12, n === 0 ? 1e-12 : meanOf(sorted)) };
  const candidates = 20 + Math.floor(Math.sqrt(n));
  const largest = sorted[n - 1] as number;
  const quartile = Math.max(quantileSorted(sorted, 0.25), 1e-300);
  const theta = new Float64Array(candidates);
  const likelihood = new Float64Array(candidates);
  for (let k = 0; k < candidates; k++) {
    theta[k] = 1 / largest + (1 - Math.sqrt(candidates / (k + 0.5))) / (3 * quartile);
    const shape = meanLog(sorted, theta[k] as number);
    likelihood[k] = n * (Math.log(-(theta[k] as number) / shape) - shape - 1);
  }
  let best = Number.NEGATIVE_INFINITY;
  for (const value of likelihood) if (value > best) best = value;
  let weights = 0;
  let mean = 0;
  for (let k = 0; k < candidates; k++) {
    const weight = Math.exp((likelihood[k] as number) - best);
    if (!Number.isFinite(weight)) continue;
    weights += weight;
    mean += weight * (theta[k] as number);
  }
  const estimate = mean / weights;
  const raw = meanLog(sorted, estimate);
  const scale = -raw / estimate;
  if (!(scale > 0) || !Number.isFinite(scale)) return { shape: 0, scale: Math.max(1e-12, meanOf(sorted)) };
  const shape = Math.max(-1, Math.min(0.5, (raw * n) / (n + 10)));
  // A changed shape keeps the mean excess, scale / (1 − shape).
  return { shape, scale: raw < 1 ? (scale * (1 - shape)) / (1 - raw) : scale };
}

function meanLog(values: Float64Array, theta: number): number {
  let sum = 0;
  for (const x of values) sum += Math.log1p(-theta * x);
  return sum / values.length;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
}

/** Options of a streaming threshold. */
export interface SpotOptions {
  /** Chance that a normal value exceeds the threshold. Default 1e-3. */
  readonly rate?: number;
  /** Share of the values that make the tail. Default 0.02 (SPOT's quantile 0.98). */
  readonly tailShare?: number;
  /** Rows over which DSPOT takes the local mean off; 0: SPOT. Default 0. */
  readonly depth?: number;
  /** Excesses kept at most, the newest; the cost of a step stays bounded. Default 500. */
  readonly memory?: number;
}

/** A running `Spot` as JSON data. */
export interface SpotState {
  readonly options: Required<SpotOptions>;
  readonly start: number;
  readonly excesses: readonly number[];
  readonly count: number;
  readonly inTail: number;
  readonly window: readonly number[];
  readonly windowSum: number;
  readonly fresh: number;
  readonly tail: Tail;
}

/**
 * SPOT and DSPOT (Siffer, Fouque, Termier & Largouet 2017): a threshold for a stream by extreme-value theory. It starts
 * from a first batch and goes on to learn from values in the tail; DSPOT looks at
 * the value's distance from the mean of the last values, so that it follows a drift.
 */
export class Spot {
  readonly #options: Required<SpotOptions>;
  #start = Number.POSITIVE_INFINITY;
  #excesses: number[] = [];
  #count = 0;
  #inTail = 0;
  /** Values in the tail since it was last fitted: a fit for each would cost more than it changes. */
  #fresh = 0;
  #tail: Tail = { start: 0, share: 0, shape: 0, scale: 1 };
  #window: number[] = [];
  #windowSum = 0;

  constructor({ rate = 1e-3, tailShare = 0.02, depth = 0, memory = 500 }: SpotOptions = {}) {
    this.#options = { rate, tailShare, depth, memory };
  }

  /**
   * Sets the threshold from a first batch.
   * @throws TwinergyError `SPOT_TOO_SHORT` with less than 50 values
   */
  fit(values: ArrayLike<number>): this {
    const usable = Array.from(values).filter((value) => Number.isFinite(value));
    if (usable.length < 50 + this.#options.depth) {
      throw new TwinergyError('SPOT_TOO_SHORT', `SPOT needs at least 50 values to start, got ${usable.length}.`);
    }
    this.#window = [];
    this.#windowSum = 0;
    const relative = usable.map((value) => this.#relative(value)).slice(this.#options.depth);
    const sorted = Float64Array.from(relative).sort();
    const share = Math.max(this.#options.tailShare, Math.min(0.5, 10 / sorted.length));
    this.#start = quantileSorted(sorted, 1 - share);
    this.#excesses = relative.filter((value) => value > this.#start).map((value) => value - this.#start);
    this.#count = sorted.length;
    this.#inTail = this.#excesses.length;
    this.#refit();
    return this;
  }

  /** The threshold for the next value, in the values' unit. */
  get threshold(): number {
    return tailQuantile(this.#tail, this.#options.rate) + this.#level();
  }

  /**
   * Takes the next value of the stream: whether it is beyond the threshold. What is beyond is learnt as if it were at
   * the threshold: left out, as in the original, it would make the tail look shorter with every alarm.
   */
  step(value: number): boolean {
    if (!Number.isFinite(value)) return value === Number.POSITIVE_INFINITY;
    const limit = tailQuantile(this.#tail, this.#options.rate);
    const relative = value - this.#level();
    const beyond = relative > limit;
    if (!beyond) this.#relative(value);
    this.#count++;
    if (relative > this.#start) {
      this.#inTail++;
      this.#excesses.push(Math.min(relative, limit) - this.#start);
      if (this.#excesses.length > this.#options.memory) this.#excesses.shift();
      if (++this.#fresh > this.#excesses.length / 25) this.#refit();
    }
    return beyond;
  }

  toJSON(): SpotState {
    return {
      options: this.#options,
      start: this.#start,
      excesses: [...this.#excesses],
      count: this.#count,
      inTail: this.#inTail,
      window: [...this.#window],
      windowSum: this.#windowSum,
      fresh: this.#fresh,
      tail: this.#tail,
    };
  }

  static fromJSON(state: SpotState): Spot {
    const spot = new Spot(state.options);
    spot.#start = state.start;
    spot.#excesses = [...state.excesses];
    spot.#count = state.count;
    spot.#inTail = state.inTail;
    spot.#window = [...state.window];
    spot.#windowSum = state.windowSum;
    spot.#fresh = state.fresh;
    spot.#tail = state.tail;
    return spot;
  }

  #level(): number {
    return this.#window.length === 0 ? 0 : this.#windowSum / this.#window.length;
  }

  /** The value less the mean before it, and the value taken into that mean. */
  #relative(value: number): number {
    const relative = value - this.#level();
    if (this.#options.depth > 0) {
      this.#window.push(value);
      this.#windowSum += value;
      if (this.#window.length > this.#options.depth) this.#windowSum -= this.#window.shift() as number;
    }
    return relative;
  }

  #refit(): void {
    this.#fresh = 0;
    this.#tail = {
      start: this.#start,
      share: Math.max(1, this.#inTail) / this.#count,
      ...fitExcesses(Float64Array.from(this.#excesses)),
    };
  }
}
