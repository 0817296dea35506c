/** A linear model with Gaussian priors on its coefficients: their mean, covariance and the rows' spread. */
export interface LinearFit {
  readonly mean: readonly number[];
  /** Row by row. */
  readonly covariance: readonly number[];
  /** Standard deviation of a row about the line. */
  readonly spread: number;
  readonly rows: number;
}

/** Where Huber's weights begin to fall, in standard deviations. */
const HUBER = 1.5;

/** Solves the symmetric positive system `a` (row by row) for the inverse, by Gauss–Jordan elimination. */
export function inverse(a: readonly number[], n: number): number[] {
  const work = [...a];
  const result = Array.from({ length: n * n }, (_, i): number => (i % (n + 1) === 0 ? 1 : 0));
  for (let p = 0; p < n; p++) {
    const pivot = work[p * n + p] as number;
    for (let c = 0; c < n; c++) {
      work[p * n + c] = (work[p * n + c] as number) / pivot;
      result[p * n + c] = (result[p * n + c] as number) / pivot;
    }
    for (let r = 0; r < n; r++) {
      if (r === p) continue;
      const factor = work[r * n + p] as number;
      for (let c = 0; c < n; c++) {
        work[r * n + c] = (work[r * n + c] as number) - factor * (work[p * n + c] as number);
        result[r * n + c] = (result[r * n + c] as number) - factor * (result[p * n + c] as number);
      }
    }
  }
  return result;
}

/**
 * Robust ridge regression (Huber weights, four rounds) with a prior standard deviation for each coefficient, so that what
 * the healthy period did not show stays at the physics.
 * @param x regressors, row by row
 */
export function fitLinear(x: Float64Array, y: Float64Array, priors: readonly number[]): LinearFit {
  const n = priors.length;
  const rows = y.length;
  let mean = new Array<number>(n).fill(0);
  let spread = 0.02;
  let covariance: number[] = [];
  const residual = new Float64Array(rows);
  for (let round = 0; round < 4; round++) {
    if (round > 0) spread = Math.max(1e-6, 1.4826 * medianOf(residual.map(Math.abs)));
    const normal = new Array<number>(n * n).fill(0);
    const right = new Array<number>(n).fill(0);
    for (let r = 0; r < rows; r++) {
      const weight = round === 0 ? 1 : Math.min(1, (HUBER * spread) / Math.max(1e-12, Math.abs(residual[r] as number)));
      for (let i = 0; i < n; i++) {
        const xi = (x[r * n + i] as number) * weight;
        right[i] = (right[i] as number) + xi * (y[r] as number);
        for (let j = 0; j < n; j++) normal[i * n + j] = (normal[i * n + j] as number) + xi * (x[r * n + j] as number);
      }
    }
    for (let i = 0; i < n; i++)
      normal[i * n + i] = (normal[i * n + i] as number) + (spread / (priors[i] as number)) ** 2;
    covariance = inverse(normal, n);
    mean = mean.map((_, i) => right.reduce((total, value, j) => total + (covariance[i * n + j] as number) * value, 0));
    for (let r = 0; r < rows; r++) residual[r] = (y[r] as number) - predict(mean, x, r * n);
  }
  return { mean, covariance: covariance.map((value) => value * spread * spread), spread, rows };
}

/** The line at the regressors that begin at `at`. */
export function predict(mean: readonly number[], x: ArrayLike<number>, at = 0): number {
  let total = 0;
  for (let i = 0; i < mean.length; i++) total += (mean[i] as number) * (x[at + i] as number);
  return total;
}

/** The median; NaN of nothing. */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : 0.5 * ((sorted[middle - 1] as number) + (sorted[middle] as number));
}
