/** Nats that an alarm lifts the threshold by; an ordinary row lowers it by that times the rate. */
const gain = 0.5;

/** A running `AdaptiveRate` as JSON data. */
export interface AdaptiveRateState {
  readonly threshold: number;
}

/**
 * Keeps the share of alarms in a stream at the stated rate, whatever the rows do: adaptive conformal inference (Gibbs &
 * Candès 2021), here on −ln p, as the quantile tracking of Angelopoulos, Candès & Tibshirani (2023). Over T rows the
 * share differs from the rate by at most (range of the threshold) / (gain · T). What the price is: a fault that lasts
 * becomes ordinary after some alarms.
 */
export class AdaptiveRate {
  readonly #rate: number;
  #threshold: number;

  constructor(rate: number, threshold = -Math.log(rate)) {
    this.#rate = rate;
    this.#threshold = threshold;
  }

  /** The p-value that says at the stated rate what `pValue` says at the rate that it takes at present; then learns. */
  step(pValue: number): number {
    const rarity = -Math.log(pValue);
    const adjusted = Math.exp((rarity * Math.log(this.#rate)) / this.#threshold);
    const alarm = rarity >= this.#threshold;
    this.#threshold = Math.max(0.1, this.#threshold + gain * ((alarm ? 1 : 0) - this.#rate));
    return Math.max(1e-300, Math.min(1, adjusted));
  }

  toJSON(): AdaptiveRateState {
    return { threshold: this.#threshold };
  }
}
