/** A measured quantity as a function of time: linear between its values, missing in gaps and outside. */
export class Series {
  readonly #time: Float64Array;
  readonly #value: Float64Array;
  /** Integral from the first value on. */
  readonly #sum: Float64Array;
  readonly #longest: number;
  /** Usual distance of its values, ms. */
  readonly step: number;

  constructor(time: Float64Array, data: Float64Array) {
    const rows = Array.from(time.keys()).filter((row) => !Number.isNaN(data[row] as number));
    this.#time = Float64Array.from(rows, (row) => time[row] as number);
    this.#value = Float64Array.from(rows, (row) => data[row] as number);
    const steps = this.#time
      .subarray(1)
      .map((t, i) => t - (this.#time[i] as number))
      .sort();
    this.step = steps[steps.length >> 1] ?? Number.POSITIVE_INFINITY;
    this.#longest = 1.6 * this.step;
    this.#sum = new Float64Array(rows.length);
    for (let i = 1; i < rows.length; i++) {
      const dt = (this.#time[i] as number) - (this.#time[i - 1] as number);
      this.#sum[i] =
        (this.#sum[i - 1] as number) + 0.5 * dt * ((this.#value[i] as number) + (this.#value[i - 1] as number));
    }
  }

  /** Number of values. */
  get length(): number {
    return this.#time.length;
  }

  /** Values at rising `times` shifted by `shift`; each as the mean over `width` ms about it where that is wider than the step. */
  sample(times: Float64Array, shift: number, width: number, out: Float64Array): void {
    const wide = width > 1.5 * this.step;
    const cursor = { row: 0 };
    const end = { row: 0 };
    for (let i = 0; i < times.length; i++) {
      const t = (times[i] as number) + shift;
      if (wide) {
        const from = this.#integral(t - width / 2, cursor);
        const to = this.#integral(t + width / 2, end);
        out[i] = (to - from) / width;
      } else out[i] = this.#value.length === 0 ? Number.NaN : this.#at(t, cursor);
    }
  }

  #seek(t: number, cursor: { row: number }): number {
    const time = this.#time;
    let row = Math.min(cursor.row, Math.max(0, time.length - 2));
    while (row > 0 && (time[row] as number) > t) row--;
    while (row < time.length - 2 && (time[row + 1] as number) <= t) row++;
    cursor.row = row;
    return row;
  }

  #at(t: number, cursor: { row: number }): number {
    const row = this.#seek(t, cursor);
    const start = this.#time[row] as number;
    if (t === start) return this.#value[row] as number;
    const stop = this.#time[row + 1];
    if (stop === undefined || t < start) return Number.NaN;
    if (t > stop) return t - stop <= 0.6 * this.step ? (this.#value[row + 1] as number) : Number.NaN;
    if (stop - start > this.#longest) {
      // In a gap the nearest value holds for half a step.
      if (t - start <= 0.5 * this.step) return this.#value[row] as number;
      return stop - t <= 0.5 * this.step ? (this.#value[row + 1] as number) : Number.NaN;
    }
    const share = (t - start) / (stop - start);
    return (this.#value[row] as number) * (1 - share) + (this.#value[row + 1] as number) * share;
  }

  #integral(t: number, cursor: { row: number }): number {
    const row = this.#seek(t, cursor);
    const value = this.#at(t, cursor);
    const start = this.#time[row] as number;
    return (this.#sum[row] as number) + 0.5 * (t - start) * ((this.#value[row] as number) + value);
  }
}
