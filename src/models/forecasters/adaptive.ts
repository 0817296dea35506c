/**
 * Adaptive conformal inference (Gibbs & Candès 2021): each interval's nominal probability is moved a little after every
 * outcome, up after a miss and down after a hit, so that the share of hits tends to the one promised even where the world
 * drifts away from the history that the intervals were calibrated on.
 */
export class AdaptiveLevels {
  /** The probabilities promised, increasing. */
  readonly nominal: readonly number[];
  readonly #rate: number;
  readonly #working: number[];

  constructor(nominal: readonly number[], rate: number, working: readonly number[] = nominal) {
    this.nominal = nominal;
    this.#rate = rate;
    this.#working = [...working];
  }

  /** The probability with which the interval of `nominal[index]` is drawn now; never below that of a narrower one. */
  working(index: number): number {
    let value = 0;
    for (let i = 0; i <= index; i++) value = Math.max(value, this.#working[i] as number);
    return Math.min(0.99, Math.max(0.02, value));
  }

  /** Takes note of an outcome: the share, 0…1, of the intervals `index` drawn for it that held it. */
  observe(index: number, hit: number): void {
    const nominal = this.nominal[index] as number;
    const moved = (this.#working[index] as number) + this.#rate * (nominal - hit);
    this.#working[index] = Math.min(0.999, Math.max(0.01, moved));
  }

  toJSON(): readonly number[] {
    return [...this.#working];
  }
}
