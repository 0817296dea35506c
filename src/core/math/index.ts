/**
 * Elementary functions that give the same bits in every runtime.
 *
 * ECMAScript leaves the precision of `Math.sin` and its kin to the engine, and engines differ: between Node 20 (V8 11.3)
 * and Chromium 156, `sin, cos, tan, asin, acos, atan, atan2, exp, expm1, log, log1p, log2, log10, pow` (and `**` with any
 * exponent but 2 and 0.5), `sinh, cosh, tanh, cbrt` and the inverse hyperbolics all differ in the last bit or two for
 * 0.04 % to 18 % of arguments; only `sqrt`, `hypot` and `x ** 2` agreed on all that were tried. Whatever must repeat to the
 * bit ("same seed, same telemetry") takes these functions instead. They use only sums, products, quotients and square
 * roots of doubles, which IEEE 754 fixes; each is within 1 ulp
 * of the true value (largest error seen: 0.84), and special values are as in `Math`. They cost 1.5 to 3 times as much as the
 * engine's (`exp`, `sin`, `cos` about 18 ns against 11), `pow`, `cbrt` and the hyperbolics up to ten times.
 *
 * Method: range reduction (Cody & Waite 1980) and polynomials at Chebyshev nodes, with the last rounding errors carried in
 * a second double (Dekker 1971) where one is not enough.
 */

export { cbrt, cosh, exp, expm1, log, log1p, log2, log10, pow, sinh, tanh } from './exponential.js';
export { gammaShareBelow, logGamma } from './gamma.js';
export { acos, asin, atan, atan2, cos, sin, tan } from './trigonometric.js';
