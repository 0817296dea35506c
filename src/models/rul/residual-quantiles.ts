/** Out-of-fold predictions with what came true, for JSON. */
export interface SavedResiduals {
  readonly predicted: readonly number[];
  readonly residual: readonly number[];
}

/**
 * The distribution of the truth given a prediction, by split conformal prediction that is local in the life stage: of the
 * held-out rows whose prediction lay nearest, the residuals (Papadopoulos 2008; Boström et al. 2017).
 */
export class ResidualQuantiles {
  /** In increasing order. */
  readonly #predicted: Float64Array;
  readonly #residual: Float64Array;
  readonly #neighbours: number;

  constructor(predicted: ArrayLike<number>, residual: ArrayLike<number>) {
    const order = Array.from(predicted, (_, i) => i).sort(
      (a, b) => (predicted[a] as number) - (predicted[b] as number),
    );
    this.#predicted = Float64Array.from(order, (i) => predicted[i] as number);
    this.#residual = Float64Array.from(order, (i) => residual[i] as number);
    this.#neighbours = Math.min(order.length, Math.max(100, Math.round(order.length / 12)));
  }

  /** Residuals (truth − prediction) of held-out rows near `prediction`, sorted. */
  near(prediction: number): Float64Array {
    const predicted = this.#predicted;
    let low = 0;
    let high = predicted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((predicted[middle] as number) < prediction) low = middle + 1;
      else high = middle;
    }
    let from = low;
    let to = low;
    while (to - from < this.#neighbours) {
      const below = from > 0 ? prediction - (predicted[from - 1] as number) : Number.POSITIVE_INFINITY;
      const above = to < predicted.length ? (predicted[to] as number) - prediction : Number.POSITIVE_INFINITY;
      if (below <= above) from--;
      else to++;
    }
    return this.#residual.slice(from, to).sort();
  }

  toJSON(): SavedResiduals {
    return { predicted: [...this.#predicted], residual: [...this.#residual] };
  }
}

/** The `p` quantile of sorted values; with the finite-sample correction of conformal prediction, outward. */
export function outerQuantile(sorted: Float64Array, p: number): number {
  const n = sorted.length;
  const place = p < 0.5 ? Math.floor((n + 1) * p) - 1 : p > 0.5 ? Math.ceil((n + 1) * p) - 1 : Math.round((n - 1) / 2);
  return sorted[Math.min(n - 1, Math.max(0, place))] as number;
}
