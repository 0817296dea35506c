/** Parts of the logarithm of remaining life. */
const BINS = 160;
/** What is e to the −8th as likely as the best does not count. */
export const NEGLIGIBLE = 8;

/** Quantiles of the remaining life. */
export interface Told {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Remaining lives with how likely they are, relative to the likeliest so far. */
export class Tally {
  readonly #mass = new Float64Array(BINS + 1);
  readonly #longest: number;
  readonly #scale: number;
  #best = Number.NEGATIVE_INFINITY;
  #sum = 0;
  #squares = 0;

  /** @param longest remaining life that is told apart, in units */
  constructor(longest: number) {
    this.#longest = longest;
    this.#scale = BINS / Math.log(1 + 3 * longest);
  }

  /** Logarithm of the likelihood from which on something counts. */
  get least(): number {
    return this.#best - NEGLIGIBLE;
  }

  /** As many equally likely lives would say as much (Kish's effective sample size). */
  get worth(): number {
    return this.#squares > 0 ? this.#sum ** 2 / this.#squares : 0;
  }

  /** Counts a remaining life by the logarithm of its likelihood, which is at least `least`. */
  add(life: number, log: number): void {
    if (log > this.#best) {
      const factor = Math.exp(this.#best - log);
      for (let bin = 0; bin <= BINS; bin++) this.#mass[bin] = (this.#mass[bin] as number) * factor;
      this.#sum *= factor;
      this.#squares *= factor * factor;
      this.#best = log;
    }
    const part = Math.exp(log - this.#best);
    const bin = Math.min(BINS, Math.floor(Math.log(1 + life) * this.#scale));
    this.#mass[bin] = (this.#mass[bin] as number) + part;
    this.#sum += part;
    this.#squares += part * part;
  }

  /** What all that was counted says. */
  told(): Told {
    // Nothing in the library is of this kind.
    if (this.#sum === 0) return { low: 0, middle: this.#longest / 2, high: this.#longest };
    return { low: this.#at(0.1), middle: this.#at(0.5), high: this.#at(0.9) };
  }

  #at(p: number): number {
    const goal = p * this.#sum;
    let sum = 0;
    for (let bin = 0; bin <= BINS; bin++) {
      const own = this.#mass[bin] as number;
      if (own > 0 && sum + own >= goal)
        return Math.min(this.#longest, Math.exp((bin + (goal - sum) / own) / this.#scale) - 1);
      sum += own;
    }
    return this.#longest;
  }
}
