import { exp } from '../../core/math/index.js';

/**
 * The error function, to 1e-15. Its Maclaurin series below 3, and the continued fraction of its complement above.
 * Source: M. Abramowitz, I. A. Stegun: Handbook of mathematical functions, 7.1.6 and 7.1.14.
 */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  const scale = exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 2 * scale * sum;
  }
  if (x > 6) return 1;
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return 1 - scale / fraction;
}
