import { cos } from '../../core/math/index.js';
/**
 * Interpolation at Chebyshev nodes, turned into ordinary polynomials in t = -1…1 for Horner's rule. At the small degrees
 * used here (up to 10) the turn costs no more than three digits of sixteen.
 *
 * Error bound: for a function whose derivative of order n + 1 stays below M on an interval of half-length h, the
 * polynomial of degree n through these nodes is off by at most M h^(n+1) / (2^n (n+1)!).
 */
export class ChebyshevFit {
  /** Where the function must be known, as t in (-1, 1). */
  readonly nodes: Float64Array;
  /** Row-major: coefficient i = Σ matrix[i, j] · value at node j. */
  private readonly matrix: Float64Array;

  constructor(readonly degree: number) {
    const n = degree + 1;
    this.nodes = Float64Array.from({ length: n }, (_, j) => cos((Math.PI * (j + 0.5)) / n));
    this.matrix = new Float64Array(n * n);
    // Coefficients of T_k in powers of t, by the recurrence T_k = 2 t T_(k-1) - T_(k-2).
    let before = new Float64Array(n);
    let present = Float64Array.of(1, ...new Array<number>(n - 1).fill(0));
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < n; j++) {
        const weight = ((k === 0 ? 1 : 2) / n) * cos((Math.PI * k * (j + 0.5)) / n);
        for (let i = 0; i <= k; i++) {
          const at = i * n + j;
          this.matrix[at] = (this.matrix[at] as number) + weight * (present[i] as number);
        }
      }
      const next = new Float64Array(n);
      for (let i = 0; i < n; i++)
        next[i] = (k === 0 ? 1 : 2) * (i > 0 ? (present[i - 1] as number) : 0) - (before[i] as number);
      before = present;
      present = next;
    }
  }

  /** Writes the coefficients, lowest power first, of the polynomial through `values` at `offset` of `result`. */
  fit(values: Float64Array, result: Float64Array, offset = 0): void {
    const n = this.degree + 1;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += (this.matrix[i * n + j] as number) * (values[j] as number);
      result[offset + i] = sum;
    }
  }
}
