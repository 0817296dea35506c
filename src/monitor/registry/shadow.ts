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

/**
 * Compares a shadow with the version in use, case by case, as truth comes in. The interval is widened for neighbouring
 * cases that go together (first-order autocorrelation of the differences).
 */
export class ShadowRun {
  #cases = 0;
  #current = 0;
  #shadow = 0;
  #sum = 0;
  #squares = 0;
  #products = 0;
  #last = Number.NaN;
  readonly #least: number;

  /** @param leastCases cases before anything is decided. Default 50. */
  constructor({ leastCases = 50 }: { readonly leastCases?: number } = {}) {
    this.#least = leastCases;
  }

  /** Takes the losses (absolute error, pinball, …) of both on one case in. */
  add(currentLoss: number, shadowLoss: number): void {
    if (!Number.isFinite(currentLoss) || !Number.isFinite(shadowLoss)) return;
    const difference = shadowLoss - currentLoss;
    this.#cases++;
    this.#current += currentLoss;
    this.#shadow += shadowLoss;
    this.#sum += difference;
    this.#squares += difference * difference;
    if (!Number.isNaN(this.#last)) this.#products += difference * this.#last;
    this.#last = difference;
  }

  /** What can be said so far. */
  get report(): ShadowReport {
    const n = Math.max(1, this.#cases);
    const mean = this.#sum / n;
    const variance = Math.max(0, this.#squares / n - mean * mean);
    const covariance = this.#cases > 1 ? this.#products / (n - 1) - mean * mean : 0;
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
}
