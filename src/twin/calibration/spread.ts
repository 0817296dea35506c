/** Distribution of the errors by the size of the prediction, for JSON: the predictive intervals. */
export interface Spread {
  /** Predictions, W, at the middles of the bins. */
  readonly centres: readonly number[];
  /** Probabilities of the quantiles. */
  readonly probabilities: readonly number[];
  /** Quantiles of measured − predicted, W: one list for each bin. */
  readonly quantiles: readonly (readonly number[])[];
  /** Least and greatest value that an interval reaches, W. */
  readonly least: number;
  readonly most: number;
}

const PROBABILITIES = [0.025, 0.1, 0.25, 0.75, 0.9, 0.975];
const MOST_BINS = 12;
const ROWS_PER_BIN = 80;

/**
 * Split-conformal intervals whose width goes with the prediction: the quantiles of the errors in bins of equal count,
 * taken at the ranks that leave the stated share outside for a new row like these.
 * Source: V. Vovk, A. Gammerman, G. Shafer: Algorithmic Learning in a Random World, 2005; binned (Mondrian) form.
 */
export function fitSpread(predicted: Float64Array, measured: Float64Array): Spread {
  const rows = Array.from(measured.keys()).filter(
    (row) => !Number.isNaN(measured[row] as number) && !Number.isNaN(predicted[row] as number),
  );
  rows.sort((a, b) => (predicted[a] as number) - (predicted[b] as number));
  const bins = Math.max(1, Math.min(MOST_BINS, Math.floor(rows.length / ROWS_PER_BIN)));
  const centres: number[] = [];
  const quantiles: number[][] = [];
  let least = 0;
  let most = 0;
  for (const row of rows) {
    least = Math.min(least, measured[row] as number);
    most = Math.max(most, measured[row] as number);
  }
  for (let bin = 0; bin < bins; bin++) {
    const own = rows.slice(Math.floor((bin * rows.length) / bins), Math.floor(((bin + 1) * rows.length) / bins));
    if (own.length === 0) continue;
    const errors = Float64Array.from(own, (row) => (measured[row] as number) - (predicted[row] as number)).sort();
    centres.push(own.reduce((sum, row) => sum + (predicted[row] as number), 0) / own.length);
    quantiles.push(
      PROBABILITIES.map((p) => {
        const n = errors.length;
        const rank = p < 0.5 ? Math.floor(p * (n + 1)) - 1 : Math.ceil(p * (n + 1)) - 1;
        return errors[Math.min(n - 1, Math.max(0, rank))] as number;
      }),
    );
  }
  return { centres, probabilities: PROBABILITIES, quantiles, least, most: most * 1.02 };
}

/** Lower and upper end of the interval of `level` (50, 80 or 95 %) about each prediction; `width` stretches it. */
export function intervalOf(
  spread: Spread,
  predicted: Float64Array,
  level: 50 | 80 | 95,
  width = 1,
): { lower: Float64Array; upper: Float64Array } {
  const k = level === 95 ? 0 : level === 80 ? 1 : 2;
  const at = (value: number, place: number): number => {
    const { centres, quantiles } = spread;
    const last = centres.length - 1;
    if (last < 0) return Number.NaN;
    let i = 0;
    while (i < last && (centres[i + 1] as number) < value) i++;
    const low = centres[i] as number;
    const high = centres[Math.min(last, i + 1)] as number;
    const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
    return (
      (quantiles[i]?.[place] as number) * (1 - share) + (quantiles[Math.min(last, i + 1)]?.[place] as number) * share
    );
  };
  const lower = predicted.map((value) => Math.max(spread.least, value + width * at(value, k)));
  const upper = predicted.map((value) => Math.max(value, Math.min(spread.most, value + width * at(value, 5 - k))));
  return { lower, upper };
}
