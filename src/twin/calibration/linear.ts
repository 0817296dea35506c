/** Lower triangular Cholesky factor of a symmetric positive definite matrix (row by row); undefined where it is none. */
export function cholesky(matrix: Float64Array, size: number): Float64Array | undefined {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] as number;
      for (let k = 0; k < j; k++) sum -= (factor[i * size + k] as number) * (factor[j * size + k] as number);
      if (i === j) {
        if (!(sum > 0)) return undefined;
        factor[i * size + i] = Math.sqrt(sum);
      } else factor[i * size + j] = sum / (factor[j * size + j] as number);
    }
  }
  return factor;
}

/** Solves `L Lᵀ x = b`. */
export function choleskySolve(factor: Float64Array, size: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k++) sum -= (factor[i * size + k] as number) * (x[k] as number);
    x[i] = sum / (factor[i * size + i] as number);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < size; k++) sum -= (factor[k * size + i] as number) * (x[k] as number);
    x[i] = sum / (factor[i * size + i] as number);
  }
  return x;
}

/** Inverse of the matrix of which `factor` is the Cholesky factor. */
export function choleskyInverse(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  const unit = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    unit.fill(0);
    unit[j] = 1;
    inverse.set(choleskySolve(factor, size, unit), j * size);
  }
  return inverse;
}

/** `XᵀWX + ridge·diag(XᵀWX)⁠` and `XᵀWy` solved for the coefficients; rows of `x` are observations. Undefined where singular. */
export function weightedRidge(
  x: Float64Array,
  y: Float64Array,
  weights: Float64Array,
  size: number,
  ridge: number,
): Float64Array | undefined {
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (let row = 0; row < y.length; row++) {
    const w = weights[row] as number;
    if (w === 0) continue;
    const at = row * size;
    for (let i = 0; i < size; i++) {
      const xi = w * (x[at + i] as number);
      right[i] = (right[i] as number) + xi * (y[row] as number);
      for (let j = 0; j <= i; j++) normal[i * size + j] = (normal[i * size + j] as number) + xi * (x[at + j] as number);
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) normal[j * size + i] = normal[i * size + j] as number;
    normal[i * size + i] = (normal[i * size + i] as number) * (1 + ridge) + 1e-12;
  }
  const factor = cholesky(normal, size);
  return factor === undefined ? undefined : choleskySolve(factor, size, right);
}
