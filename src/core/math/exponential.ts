import { POWERS, product, quotient, scaled, sum, tail } from './double.js';

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** Which of the two words holds sign and exponent. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = Math.LOG2E;

/** The exponent that `significand` took out. */
let exponent = 0;

/** `x / 2^exponent` in [√½, √2), for positive finite `x`. */
function significand(x: number): number {
  let lift = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 2 ** 54;
    lift = 54;
  }
  double[0] = x;
  const high = words[HIGH] as number;
  // Adding the gap between √2's word and 1's moves everything from √2 up into the next binade.
  const shifted = high + 0x95f62;
  exponent = (shifted >> 20) - 1023 - lift;
  words[HIGH] = high - ((exponent + lift) << 20);
  return double[0] as number;
}

/** `R` of `2·atanh(s) = 2s + ⅔s³ + s⁵·R(s²)`. */
function logSeries(z: number): number {
  return (
    0.4 +
    z *
      (0.2857142857142937 +
        z *
          (0.22222222221653554 +
            z *
              (0.18181818335921093 +
                z *
                  (0.1538459490609143 +
                    z * (0.13334807761696937 + z * (0.11706154215034448 + z * 0.11724037104235352))))))
  );
}

/** Natural logarithm. */
export function log(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return Math.log(x);
  const f = significand(x) - 1;
  const k = exponent;
  const s = f / (2 + f);
  const z = s * s;
  const rest = s * (f - z * (0.6666666666666666 + z * logSeries(z)));
  return k === 0 ? f - rest : k * LN2_HIGH + (f - (rest - k * LN2_LOW));
}

/** ln(xh + xl) as a double-double: the sum of the result and `tail`; `xh` positive and finite. */
function logPair(xh: number, xl: number): number {
  const m = significand(xh);
  const k = exponent;
  // Half of a power of two at most: the low part keeps its bits.
  const ml = scaled(xl, -k);
  const f = m - 1;
  const d = 2 + f;
  const s = quotient(f, ml, d, f - (d - 2) + ml);
  const sl = tail[0] as number;
  const z = product(s, s);
  const zl = (tail[0] as number) + 2 * s * sl;
  // ⅔s³ as a double-double, the rest of the series as a double.
  const c = product(z, 0.6666666666666666);
  const cl = (tail[0] as number) + zl * 0.6666666666666666 + z * 3.700743415417188e-17;
  const cube = product(s, c);
  const cubeLow = (tail[0] as number) + s * cl + sl * c + s * z * z * logSeries(z);
  const a = sum(k * LN2_HIGH, 2 * s);
  const al = tail[0] as number;
  const b = sum(a, cube);
  const bl = tail[0] as number;
  const c2 = sum(b, k * LN2_LOW);
  const low = (tail[0] as number) + bl + al + (2 * sl + cubeLow + k * 1.1612227229362532e-26);
  const result = c2 + low;
  tail[0] = c2 - result + low;
  return result;
}

/** Base-2 logarithm; exact for powers of two. */
export function log2(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return Math.log2(x);
  const m = significand(x);
  const k = exponent;
  const h = logPair(m, 0);
  const l = tail[0] as number;
  const p = product(h, INVERSE_LN2);
  const low = (tail[0] as number) + l * INVERSE_LN2 + h * 2.0355273740931033e-17;
  const s = sum(k, p);
  return s + ((tail[0] as number) + low);
}

/** Base-10 logarithm; exact for powers of ten. */
export function log10(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return Math.log10(x);
  const h = logPair(x, 0);
  const l = tail[0] as number;
  const p = product(h, Math.LOG10E);
  return p + ((tail[0] as number) + l * Math.LOG10E + h * 1.098319650216765e-17);
}

/** ln(1 + x), exact also near 0. */
export function log1p(x: number): number {
  if (!(x > -1 && x < Number.POSITIVE_INFINITY) || x === 0) return Math.log1p(x);
  if (Math.abs(x) < 2 ** -54) return x;
  const h = sum(1, x);
  return logPair(h, tail[0] as number);
}

/** The power of two of the last `expFraction`. */
let power = 0;

/** e^(h + l) = 2^power · (1 + p + tail): the result is p. |h| ≤ 750. */
function expFraction(h: number, l: number): number {
  // As a 32-bit integer: a double in a module variable would be boxed.
  power = Math.floor(h * INVERSE_LN2 + 0.5) | 0;
  const high = h - power * LN2_HIGH;
  const low = power * LN2_LOW;
  const r = high - low;
  const rl = high - r - low + l;
  const q =
    0.5 +
    r *
      (0.1666666666666667 +
        r *
          (0.04166666666666667 +
            r *
              (0.00833333333332612 +
                r *
                  (0.0013888888888883737 +
                    r *
                      (0.00019841269874873975 +
                        r *
                          (2.480158732558584e-5 +
                            r *
                              (2.755725533255441e-6 +
                                r *
                                  (2.7557273594799413e-7 +
                                    r * (2.510524515390137e-8 + r * 2.0914707069612355e-9)))))))));
  const curve = r * r * q;
  const rest = curve + rl * (1 + r + curve);
  const p = r + rest;
  tail[0] = r - p + rest;
  return p;
}

/** e^x. */
export function exp(x: number): number {
  if (!(Math.abs(x) < 745.14)) return Math.exp(x);
  const p = expFraction(x, 0);
  return scaled(1 + p, power);
}

/** e^x − 1, exact also near 0. */
export function expm1(x: number): number {
  if (!(Math.abs(x) < 745.14) || x === 0) return Math.expm1(x);
  if (x > 700) return exp(x);
  const h = expm1Pair(x, 0);
  return h + (tail[0] as number);
}

/** e^(h + l) − 1 as a double-double; h ≤ 709. */
function expm1Pair(h: number, l: number): number {
  const p = expFraction(h, l);
  if (power === 0) return p;
  if (power < -60) {
    tail[0] = scaled(1 + p, Math.max(power, -1020));
    return -1;
  }
  const pl = tail[0] as number;
  const u = POWERS[power + 1074] as number;
  const a = sum(u, -1);
  const al = tail[0] as number;
  const b = sum(a, u * p);
  const low = (tail[0] as number) + al + u * pl;
  const result = b + low;
  tail[0] = b - result + low;
  return result;
}

/** `base` to the power of `exponent`, as `Math.pow`. */
export function pow(base: number, index: number): number {
  if (index === 2) return base * base;
  if (index === 1) return base;
  const size = Math.abs(base);
  // What is left to `Math.pow` here are the special values, which the standard fixes.
  if (!(size > 0 && size < Number.POSITIVE_INFINITY && Math.abs(index) < 1e300) || index === 0) return base ** index;
  if (size === 1 && base === 1) return 1;
  if (base < 0 && !Number.isInteger(index)) return Number.NaN;
  const sign = base < 0 && index % 2 !== 0 ? -1 : 1;
  const h = logPair(size, 0);
  const l = tail[0] as number;
  const e = product(index, h);
  if (e > 710) return sign * Number.POSITIVE_INFINITY;
  if (e < -746) return sign * 0;
  const p = expFraction(e, (tail[0] as number) + index * l);
  return sign * scaled(1 + p, power);
}

/** Cube root. */
export function cbrt(x: number): number {
  if (!Number.isFinite(x) || x === 0) return Math.cbrt(x);
  const h = logPair(Math.abs(x), 0);
  const third = quotient(h, tail[0] as number, 3, 0);
  const p = expFraction(third, tail[0] as number);
  const root = scaled(1 + p, power);
  return x < 0 ? -root : root;
}

/** Hyperbolic sine. */
export function sinh(x: number): number {
  const size = Math.abs(x);
  if (!(size < 710.5) || size < 2 ** -28) return size < 2 ** -28 ? x : Math.sinh(x);
  let result: number;
  if (size > 40) {
    const p = expFraction(size, 0);
    result = scaled(1 + p, power - 1);
  } else {
    // sinh x = ½(E + E/(E + 1)) with E = e^x − 1.
    const e = expm1Pair(size, 0);
    const el = tail[0] as number;
    const d = sum(e, 1);
    const q = quotient(e, el, d, (tail[0] as number) + el);
    const ql = tail[0] as number;
    const s = sum(e, q);
    result = 0.5 * (s + ((tail[0] as number) + el + ql));
  }
  return x < 0 ? -result : result;
}

/** Hyperbolic cosine. */
export function cosh(x: number): number {
  const size = Math.abs(x);
  if (!(size < 710.5)) return Math.cosh(x);
  const p = expFraction(size, 0);
  if (size > 40) return scaled(1 + p, power - 1);
  const u = POWERS[power + 1074] as number;
  const pl = tail[0] as number;
  const e = sum(u, u * p);
  const low = (tail[0] as number) + u * pl;
  const q = quotient(1, 0, e, low);
  const ql = tail[0] as number;
  const s = sum(e, q);
  return 0.5 * (s + ((tail[0] as number) + low + ql));
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (!(size >= 2 ** -28)) return x;
  if (size > 22) return x < 0 ? -1 : 1;
  // tanh x = E/(E + 2) with E = e^2x − 1.
  const e = expm1Pair(2 * size, 0);
  const el = tail[0] as number;
  const d = sum(e, 2);
  const q = quotient(e, el, d, (tail[0] as number) + el);
  const result = q + (tail[0] as number);
  return x < 0 ? -result : result;
}
