import { exp, log } from './exponential.js';

/** Logarithm of the Gamma function, x > 0, to some 1e-10: Stirling's series beyond 7, the recurrence below. */
export function logGamma(x: number): number {
  let factor = 1;
  let at = x;
  for (; at < 7; at++) factor *= at;
  const r = 1 / (at * at);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / at;
  return (at - 0.5) * log(at) - at + 0.5 * log(2 * Math.PI) + series - log(factor);
}

/**
 * Regularised lower incomplete Gamma function P(shape, x): the share of a Gamma distribution of scale 1 below `x`. By its
 * series (Abramowitz & Stegun 6.5.29); of use where x is not hundreds.
 */
export function gammaShareBelow(shape: number, x: number): number {
  if (!(x > 0)) return 0;
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-9 * sum && n < 500; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return Math.min(1, sum * exp(shape * log(x) - x - logGamma(shape + 1)));
}
