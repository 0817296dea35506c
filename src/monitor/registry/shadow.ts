/** How two versions compare on the same cases. */
export interface ShadowReport {
  readonly cases: number;
  /** Mean error (loss) of the version in use and of the shadow; NaN-free: cases without both do not count. */
  readonly current: number;
  readonly shadow: number;
  /** Mean difference shadow − current with the half-width of its 95 % interval: below 0 the shadow is better. */
  readonly difference: number;
  readonly halfWidth: number;
  /** `promote` where the shadow is clearly better, `drop` where clearly worse, `wait` where it cannot be told yet. */
  readonly verdict: 'promote' | 'drop' | 'wait';
}

/** What a `ShadowRun` knows, as JSON data: sums over its cases, so that those of several runs add up. */
export interface ShadowSums {
  readonly cases: number;
  /** Neighbouring cases: what `products` is a sum over. */
  readonly pairs: number;
  /** Sums of the losses of the version in use and of the shadow. */
  readonly current: number;
  readonly shadow: number;
  /** Sums of the squared differences shadow − current, and of the products of neighbouring ones. */
  readonly squares: number;
  readonly products: number;
  /** The last difference, which the next case is the neighbour of; null where the next one begins a stretch. */
  readonly last: number | null;
}

/** Options of `ShadowRun`. */
export interface ShadowRunOptions {
  /** Cases before anything is decided. Default 50. */
  readonly leastCases?: number;
}

/**
 * Compares a shadow with the version in use, case by case, as truth comes in. The interval is widened for neighbouring
 * cases that go together (first-order autocorrelation of the differences). Runs over parts (assets, machines) add up by
 * `merge`; the cases of one part are no neighbours of those of another.
 */
export class ShadowRun {
  #cases = 0;
  #pairs = 0;
  #current = 0;
  #shadow = 0;
  #squares = 0;
  #products = 0;
  #last = Number.NaN;
  readonly #least: number;

  constructor({ leastCases = 50 }: ShadowRunOptions = {}) {
    this.#least = leastCases;
  }

  /** The run that `toJSON` gave: it goes on as if there had been no break. */
  static fromJSON(sums: ShadowSums, options: ShadowRunOptions = {}): ShadowRun {
    const run = new ShadowRun(options);
    run.merge(sums);
    run.#last = sums.last ?? Number.NaN;
    return run;
  }

  /** Takes the losses (absolute error, pinball, …) of both on one case in. */
  add(currentLoss: number, shadowLoss: number): void {
    if (!Number.isFinite(currentLoss) || !Number.isFinite(shadowLoss)) return;
    const difference = shadowLoss - currentLoss;
    this.#cases++;
    this.#current += currentLoss;
    this.#shadow += shadowLoss;
    this.#squares += difference * difference;
    if (!Number.isNaN(this.#last)) {
      this.#pairs++;
      this.#products += difference * this.#last;
    }
    this.#last = difference;
  }

  /** Takes the cases of another run in. What is added afterwards is the neighbour of none of them. */
  merge({ cases, pairs, current, shadow, squares, products }: ShadowSums): void {
    this.#cases += cases;
    this.#pairs += pairs;
    this.#current += current;
    this.#shadow += shadow;
    this.#squares += squares;
    this.#products += products;
    this.#last = Number.NaN;
  }

  /** What can be said so far. */
  get report(): ShadowReport {
    const n = Math.max(1, this.#cases);
    const mean = (this.#shadow - this.#current) / n;
    const variance = Math.max(0, this.#squares / n - mean * mean);
    const covariance = this.#pairs > 0 ? this.#products / this.#pairs - mean * mean : 0;
    const rho = variance > 0 ? Math.min(0.98, Math.max(0, covariance / variance)) : 0;
    const halfWidth = 1.96 * Math.sqrt((variance * (1 + rho)) / ((1 - rho) * n));
    const sure = this.#cases >= this.#least;
    return {
      cases: this.#cases,
      current: this.#current / n,
      shadow: this.#shadow / n,
      difference: mean,
      halfWidth,
      verdict: sure && mean + halfWidth < 0 ? 'promote' : sure && mean - halfWidth > 0 ? 'drop' : 'wait',
    };
  }

  toJSON(): ShadowSums {
    return {
      cases: this.#cases,
      pairs: this.#pairs,
      current: this.#current,
      shadow: this.#shadow,
      squares: this.#squares,
      products: this.#products,
      last: Number.isNaN(this.#last) ? null : this.#last,
    };
  }
}
