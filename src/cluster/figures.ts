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
