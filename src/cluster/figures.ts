/** Waits of the last groups, for percentiles. */
export class WaitFigures {
  readonly #ring = new Float64Array(4_096);
  #count = 0;

  add(wait: number): void {
    this.#ring[this.#count++ % this.#ring.length] = wait;
  }

  /** The value below which a share `q` of the waits lies, ms; null before the first. */
  quantile(q: number): number | null {
    const kept = this.#ring.slice(0, Math.min(this.#count, this.#ring.length)).sort();
    return kept[Math.min(kept.length - 1, Math.floor(kept.length * q))] ?? null;
  }
}

/** Over how long a rate is averaged, ms. */
const RATE_MEMORY = 60_000;

/** How much comes a second, the last minute weighing most. */
export class RecentRate {
  #rate = 0;
  #at = performance.now();

  add(count: number): void {
    this.#rate = this.value + count / (RATE_MEMORY / 1000);
    this.#at = performance.now();
  }

  get value(): number {
    return this.#rate * Math.exp((this.#at - performance.now()) / RATE_MEMORY);
  }
}
