/**
 * Solves (A + λ·I)·X = B for symmetric positive A by Cholesky's decomposition. `a` is n×n, `b` n×m, both row-major and
 * left as they are; the result is n×m. Rows in `free` are not penalised. A tiny multiple of the diagonal keeps columns
 * that repeat one another from breaking it.
 */
export function solveRidge(
  a: Float64Array,
  b: Float64Array,
  n: number,
  m: number,
  lambda: number,
  free: ReadonlySet<number> = new Set(),
): Float64Array {
  const l = Float64Array.from(a);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += a[i * n + i] as number;
  const jitter = 1e-9 * (trace / n) + 1e-12;
  for (let i = 0; i < n; i++) l[i * n + i] = (l[i * n + i] as number) + (free.has(i) ? 0 : lambda) + jitter;
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    for (let i = j; i < n; i++) {
      const rowI = i * n;
      let sum = l[rowI + j] as number;
      for (let k = 0; k < j; k++) sum -= (l[rowI + k] as number) * (l[rowJ + k] as number);
      if (i === j) l[rowJ + j] = Math.sqrt(Math.max(sum, jitter));
      else l[rowI + j] = sum / (l[rowJ + j] as number);
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const factor = l[i * n + k] as number;
      for (let c = 0; c < m; c++) x[i * m + c] = (x[i * m + c] as number) - factor * (x[k * m + c] as number);
    }
    const pivot = l[i * n + i] as number;
    for (let c = 0; c < m; c++) x[i * m + c] = (x[i * m + c] as number) / pivot;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) {
      const factor = l[k * n + i] as number;
      for (let c = 0; c < m; c++) x[i * m + c] = (x[i * m + c] as number) - factor * (x[k * m + c] as number);
    }
    const pivot = l[i * n + i] as number;
    for (let c = 0; c < m; c++) x[i * m + c] = (x[i * m + c] as number) / pivot;
  }
  return x;
}
