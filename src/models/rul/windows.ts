/** Sums of a series with gaps, from which means, slopes and spreads of any window follow at once. */
export class WindowSums {
  readonly #count: Float64Array;
  readonly #sum: Float64Array;
  readonly #square: Float64Array;
  readonly #cross: Float64Array;
  readonly #place: Float64Array;
  readonly #placeSquare: Float64Array;

  constructor(values: Float64Array) {
    const n = values.length;
    const zeros = () => new Float64Array(n + 1);
    this.#count = zeros();
    this.#sum = zeros();
    this.#square = zeros();
    this.#cross = zeros();
    this.#place = zeros();
    this.#placeSquare = zeros();
    for (let i = 0; i < n; i++) {
      const value = values[i] as number;
      const known = Number.isFinite(value) ? 1 : 0;
      const y = known === 1 ? value : 0;
      this.#count[i + 1] = (this.#count[i] as number) + known;
      this.#sum[i + 1] = (this.#sum[i] as number) + y;
      this.#square[i + 1] = (this.#square[i] as number) + y * y;
      this.#cross[i + 1] = (this.#cross[i] as number) + i * y;
      this.#place[i + 1] = (this.#place[i] as number) + known * i;
      this.#placeSquare[i + 1] = (this.#placeSquare[i] as number) + known * i * i;
    }
  }

  /** The mean of the rows `from` ≤ i < `to`; NaN where none has a value. */
  mean(from: number, to: number): number {
    const n = of(this.#count, from, to);
    return n > 0 ? of(this.#sum, from, to) / n : Number.NaN;
  }

  /** The slope of the least-squares line a row; NaN with fewer than 3 values. */
  slope(from: number, to: number): number {
    const n = of(this.#count, from, to);
    if (n < 3) return Number.NaN;
    const x = of(this.#place, from, to);
    const y = of(this.#sum, from, to);
    const spread = of(this.#placeSquare, from, to) - (x * x) / n;
    return spread > 0 ? (of(this.#cross, from, to) - (x * y) / n) / spread : Number.NaN;
  }

  /** The standard deviation around the mean; NaN with fewer than 2 values. */
  deviation(from: number, to: number): number {
    const n = of(this.#count, from, to);
    if (n < 2) return Number.NaN;
    const y = of(this.#sum, from, to);
    return Math.sqrt(Math.max(0, of(this.#square, from, to) - (y * y) / n) / (n - 1));
  }
}

function of(sums: Float64Array, from: number, to: number): number {
  return (sums[to] as number) - (sums[from] as number);
}
