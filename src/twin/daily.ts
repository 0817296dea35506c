/** Means of a value by day, made row by row; NaN rows are passed over. */
export class DailyMean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.#sum += value;
    this.#count++;
  }

  /** The mean since the last call; NaN when there was nothing. */
  take(): number {
    const mean = this.#count === 0 ? Number.NaN : this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    return mean;
  }
}
