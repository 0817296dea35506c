import { exp, log1p, pow } from '../../core/math/index.js';

/**
 * Growth of a loss y that follows k xᵖ when the conditions (and with them k) change on the way: the loss goes on from
 * where it is, not from the time that has passed.
 * Source: P. Gasper et al., J. Electrochem. Soc. 168, 020502, 2021.
 *
 * @param y loss so far
 * @param dx further days or cycles
 */
export function powerLawGrowth(y: number, k: number, p: number, dx: number): number {
  if (k === 0 || dx === 0) return 0;
  return y === 0 ? k * pow(dx, p) : k * p * pow(y / k, (p - 1) / p) * dx;
}

/** As `powerLawGrowth` for a loss that sets in late: 2 limit (1/2 − 1/(1 + exp((k x)ᵖ))). `y` must be above 0. */
export function sigmoidGrowth(y: number, limit: number, k: number, p: number, dx: number): number {
  if (dx === 0 || y >= limit) return 0;
  // The exponent (k x)ᵖ at which the curve has reached y.
  const z = log1p((2 * y) / (limit - y));
  const x = pow(z, 1 / p) / k;
  const e = exp(z);
  return ((2 * limit * p * e * z) / (x * (e + 1) * (e + 1))) * dx;
}
