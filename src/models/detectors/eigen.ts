/** Eigenvalues (descending) and eigenvectors of a symmetric matrix. */
export interface Eigen {
  readonly values: Float64Array;
  /** Vector k is `vectors[k * n … k * n + n − 1]`, of length 1. */
  readonly vectors: Float64Array;
}

/**
 * Eigen-decomposition of a symmetric `n` × `n` matrix: Householder reduction to tridiagonal form, then implicit QL
 * (Golub & Van Loan, Matrix Computations, 4th ed., 8.3; the arrangement follows EISPACK's tred2/tql2).
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const v = Float64Array.from(matrix);
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalise(v, d, e, n);
  diagonalise(v, d, e, n);
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => (d[b] as number) - (d[a] as number));
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    values[to] = d[from] as number;
    for (let i = 0; i < n; i++) vectors[to * n + i] = v[i * n + from] as number;
  });
  return { values, vectors };
}

function tridiagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  const at = (i: number, j: number) => v[i * n + j] as number;
  for (let j = 0; j < n; j++) d[j] = at(n - 1, j);
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k] as number);
    if (scale === 0) {
      e[i] = d[i - 1] as number;
      for (let j = 0; j < i; j++) {
        d[j] = at(i - 1, j);
        v[i * n + j] = 0;
        v[j * n + i] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        const scaled = (d[k] as number) / scale;
        d[k] = scaled;
        h += scaled * scaled;
      }
      const f = d[i - 1] as number;
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      e.fill(0, 0, i);
      for (let j = 0; j < i; j++) {
        const dj = d[j] as number;
        v[j * n + i] = dj;
        let sum = (e[j] as number) + at(j, j) * dj;
        for (let k = j + 1; k < i; k++) {
          sum += at(k, j) * (d[k] as number);
          e[k] = (e[k] as number) + at(k, j) * dj;
        }
        e[j] = sum;
      }
      let dot = 0;
      for (let j = 0; j < i; j++) {
        e[j] = (e[j] as number) / h;
        dot += (e[j] as number) * (d[j] as number);
      }
      const hh = dot / (h + h);
      for (let j = 0; j < i; j++) e[j] = (e[j] as number) - hh * (d[j] as number);
      for (let j = 0; j < i; j++) {
        const dj = d[j] as number;
        const ej = e[j] as number;
        for (let k = j; k < i; k++) v[k * n + j] = at(k, j) - (dj * (e[k] as number) + ej * (d[k] as number));
        d[j] = at(i - 1, j);
        v[i * n + j] = 0;
      }
    }
    d[i] = h;
  }
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = at(i, i);
    v[i * n + i] = 1;
    const h = d[i + 1] as number;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = at(k, i + 1) / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += at(k, i + 1) * at(k, j);
        for (let k = 0; k <= i; k++) v[k * n + j] = at(k, j) - g * (d[k] as number);
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = at(n - 1, j);
    v[(n - 1) * n + j] = 0;
  }
  v[n * n - 1] = 1;
  e[0] = 0;
}

function diagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i] as number;
  e[n - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l] as number) + Math.abs(e[l] as number));
    let m = l;
    while (m < n - 1 && Math.abs(e[m] as number) > Number.EPSILON * largest) m++;
    // 64 sweeps are far beyond what converges in practice: the bound only keeps a pathological input from looping.
    for (let sweep = 0; m > l && sweep < 64 && Math.abs(e[l] as number) > Number.EPSILON * largest; sweep++) {
      let g = d[l] as number;
      let p = ((d[l + 1] as number) - g) / (2 * (e[l] as number));
      let r = Math.hypot(p, 1);
      if (p < 0) r = -r;
      d[l] = (e[l] as number) / (p + r);
      d[l + 1] = (e[l] as number) * (p + r);
      const next = d[l + 1] as number;
      let h = g - (d[l] as number);
      for (let i = l + 2; i < n; i++) d[i] = (d[i] as number) - h;
      shift += h;
      p = d[m] as number;
      let c = 1;
      let c2 = 1;
      let c3 = 1;
      const el1 = e[l + 1] as number;
      let s = 0;
      let s2 = 0;
      for (let i = m - 1; i >= l; i--) {
        c3 = c2;
        c2 = c;
        s2 = s;
        g = c * (e[i] as number);
        h = c * p;
        r = Math.hypot(p, e[i] as number);
        e[i + 1] = s * r;
        s = (e[i] as number) / r;
        c = p / r;
        p = c * (d[i] as number) - s * g;
        d[i + 1] = h + s * (c * g + s * (d[i] as number));
        for (let k = 0; k < n; k++) {
          const row = k * n + i;
          h = v[row + 1] as number;
          v[row + 1] = s * (v[row] as number) + c * h;
          v[row] = c * (v[row] as number) - s * h;
        }
      }
      p = (-s * s2 * c3 * el1 * (e[l] as number)) / next;
      e[l] = s * p;
      d[l] = c * p;
    }
    d[l] = (d[l] as number) + shift;
    e[l] = 0;
  }
}
