import { product, quotient, sum, tail } from './double.js';

const INVERSE_HALF_PI = 0.6366197723675814;
/** π/2 in three pieces of 33 bits, whose products with a 20-bit integer are exact, and the rest. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487111665e-21;
const HALF_PI_4 = 8.4784276603689e-32;
const HALF_PI_HIGH = 1.5707963267948966;
const HALF_PI_LOW = 6.123233995736766e-17;
/** Up to here the reduction in four pieces is exact enough. */
const LARGE = 1_600_000;

/** Which quadrant the last `reduce` found: 0…3. */
let quadrant = 0;

/** `x − n·π/2` in [−π/4, π/4] for the nearest n, the low half in `tail`, `n mod 4` in `quadrant`. */
function reduce(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.7853981633974483) {
    quadrant = 0;
    tail[0] = 0;
    return x;
  }
  if (size > LARGE) return reduceLarge(x);
  const n = Math.floor(x * INVERSE_HALF_PI + 0.5);
  quadrant = n & 3;
  const a = x - n * HALF_PI_1;
  const b = sum(a, -n * HALF_PI_2);
  const bl = tail[0] as number;
  const c = sum(b, -n * HALF_PI_3);
  const low = (tail[0] as number) + bl - n * HALF_PI_4;
  const r = c + low;
  tail[0] = c - r + low;
  return r;
}

/** Fraction bits of the integers that stand for π in `reduceLarge`: more than the exponent range and two doubles need. */
const FRACTION = 1300n;
let halfPi = 0n;

/** arctan(1/n) · 2^(FRACTION + 16), by its series. */
function inverseTangent(n: bigint): bigint {
  let term = (1n << (FRACTION + 16n)) / n;
  let total = 0n;
  for (let k = 1n; term !== 0n; k += 2n) {
    total += k % 4n === 1n ? term / k : -(term / k);
    term /= n * n;
  }
  return total;
}

/** The same for any finite `x`, with integers of any length (and slowly); π by Machin's formula. */
function reduceLarge(x: number): number {
  if (halfPi === 0n) halfPi = (8n * inverseTangent(5n) - 2n * inverseTangent(239n)) >> 16n;
  // Below 2^53 there may be bits behind the point: 32 at most, since x is large.
  const scaledX = Math.abs(x) < 2 ** 53 ? BigInt(x * 2 ** 32) << (FRACTION - 32n) : BigInt(x) << FRACTION;
  const doubled = 2n * scaledX + halfPi;
  let n = doubled / (2n * halfPi);
  if (doubled < 0n && n * 2n * halfPi !== doubled) n--;
  quadrant = Number(((n % 4n) + 4n) % 4n);
  const rest = scaledX - n * halfPi;
  // 120 bits of the rest are two doubles' worth.
  const high = Number(rest >> (FRACTION - 120n)) / 2 ** 120;
  const highBits = BigInt(high * 2 ** 120) << (FRACTION - 120n);
  tail[0] = Number((rest - highBits) >> (FRACTION - 180n)) / 2 ** 180;
  return high;
}

/** sin(r + l) on [−π/4, π/4]; what is left over in `tail`. */
function sineKernel(r: number, l: number): number {
  const z = r * r;
  const series =
    -0.16666666666666666 +
    z *
      (0.008333333333333331 +
        z *
          (-0.00019841269841265063 +
            z *
              (2.7557319219337312e-6 +
                z * (-2.5052106231802837e-8 + z * (1.6058531516797758e-10 - z * 7.586691094197958e-13)))));
  const rest = r * z * series + l * (1 - 0.5 * z);
  const s = r + rest;
  tail[0] = r - s + rest;
  return s;
}

/** cos(r + l) on [−π/4, π/4]; what is left over in `tail`. */
function cosineKernel(r: number, l: number): number {
  const z = r * r;
  const series =
    0.041666666666666664 +
    z *
      (-0.0013888888888887398 +
        z *
          (2.480158729876456e-5 +
            z * (-2.7557317271145144e-7 + z * (2.087614614655861e-9 - z * 1.1382623647474604e-11))));
  const half = 0.5 * z;
  const w = 1 - half;
  const rest = 1 - w - half + (z * z * series - r * l);
  const c = w + rest;
  tail[0] = w - c + rest;
  return c;
}

/** Sine of an angle in radians. */
export function sin(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (Math.abs(x) < 2 ** -27) return x;
  const r = reduce(x);
  const l = tail[0] as number;
  const value = quadrant & 1 ? cosineKernel(r, l) : sineKernel(r, l);
  return quadrant & 2 ? -value : value;
}

/** Cosine of an angle in radians. */
export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const r = reduce(x);
  const l = tail[0] as number;
  const value = quadrant & 1 ? sineKernel(r, l) : cosineKernel(r, l);
  return ((quadrant + 1) & 2) !== 0 ? -value : value;
}

/** Tangent of an angle in radians. */
export function tan(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (Math.abs(x) < 2 ** -27) return x;
  const r = reduce(x);
  const l = tail[0] as number;
  const odd = (quadrant & 1) !== 0;
  const s = sineKernel(r, l);
  const sl = tail[0] as number;
  const c = cosineKernel(r, l);
  const cl = tail[0] as number;
  const q = odd ? quotient(-c, -cl, s, sl) : quotient(s, sl, c, cl);
  return q + (tail[0] as number);
}

/**
 * The angle of (xh + xl, yh + yl) in the first quadrant; what is left over in `tail`. Breakpoints at 7/16, 11/16, 19/16 and
 * 39/16 keep the argument of the series below 7/16, with arctan ½, 1 and 3/2 as the bases between.
 */
function arctangent(yh: number, yl: number, xh: number, xl: number): number {
  let base = 0;
  let baseLow = 0;
  let t: number;
  let tl: number;
  if (yh <= 0.4375 * xh) {
    if (xh === 1 && xl === 0) {
      t = yh;
      tl = yl;
    } else {
      t = quotient(yh, yl, xh, xl);
      tl = tail[0] as number;
    }
  } else if (yh < 0.6875 * xh) {
    base = 0.4636476090008061;
    baseLow = 2.2698777452961687e-17;
    const d = xh + 0.5 * yh;
    t = (yh - 0.5 * xh) / d;
    tl = (yl - 0.5 * xl) / d;
  } else if (yh < 1.1875 * xh) {
    base = 0.7853981633974483;
    baseLow = 3.061616997868383e-17;
    const d = xh + yh;
    t = (yh - xh) / d;
    tl = (yl - xl) / d;
  } else if (yh < 2.4375 * xh) {
    base = 0.982793723247329;
    baseLow = 1.3903311031230998e-17;
    const d = xh + 1.5 * yh;
    t = (yh - xh - 0.5 * xh) / d;
    tl = (yl - 1.5 * xl) / d;
  } else {
    base = HALF_PI_HIGH;
    baseLow = HALF_PI_LOW;
    t = -xh / yh;
    tl = -(xl + t * yl) / yh;
  }
  const z = t * t;
  const series =
    -0.3333333333333333 +
    z *
      (0.19999999999999404 +
        z *
          (-0.14285714285565448 +
            z *
              (0.11111111096526459 +
                z *
                  (-0.09090908350318322 +
                    z *
                      (0.07692285418055159 +
                        z *
                          (-0.0666623972218551 +
                            z *
                              (0.058769237881413805 +
                                z *
                                  (-0.05216530196559207 +
                                    z *
                                      (0.04491648279983154 +
                                        z * (-0.03311405849586465 + z * 0.014759211466793648))))))))));
  const s = base + t;
  const rest = base - s + t + (baseLow + (tl + t * z * series));
  const angle = s + rest;
  tail[0] = s - angle + rest;
  return angle;
}

/** π − (h + l). */
function supplement(h: number, l: number): number {
  const s = sum(Math.PI, -h);
  return s + ((tail[0] as number) + (1.2246467991473532e-16 - l));
}

/** Arc tangent, radians in [−π/2, π/2]. */
export function atan(x: number): number {
  const size = Math.abs(x);
  if (!(size >= 2 ** -27)) return x;
  const angle = size > 2 ** 60 ? HALF_PI_HIGH : arctangent(size, 0, 1, 0);
  return x < 0 ? -angle : angle;
}

/** The angle of the point (x, y), radians in [−π, π]. */
export function atan2(y: number, x: number): number {
  let a = Math.abs(y);
  let b = Math.abs(x);
  // Zeros, infinities and NaN: multiples of π/4, which every engine gives alike.
  if (!(a > 0 && b > 0 && a < Number.POSITIVE_INFINITY && b < Number.POSITIVE_INFINITY)) return Math.atan2(y, x);
  const larger = Math.max(a, b);
  if (larger > 2 ** 500 || larger < 2 ** -400) {
    const scale = larger > 1 ? 2 ** -600 : 2 ** 600;
    a *= scale;
    b *= scale;
  }
  let angle: number;
  if (a < b * 2 ** -60) angle = x < 0 ? Math.PI : Math.abs(y) / Math.abs(x);
  else if (b < a * 2 ** -60) angle = HALF_PI_HIGH;
  else {
    angle = arctangent(a, 0, b, 0);
    if (x < 0) angle = supplement(angle, tail[0] as number);
  }
  return y < 0 ? -angle : angle;
}

/** √(1 − x²), with what is left over in `tail`; |x| ≤ 1. */
function complement(x: number): number {
  const p = product(x, x);
  const pl = tail[0] as number;
  const t = sum(1, -p);
  const tl = (tail[0] as number) - pl;
  const w = Math.sqrt(t + tl);
  if (w === 0) return 0;
  const square = product(w, w);
  tail[0] = (t - square - (tail[0] as number) + tl) / (2 * w);
  return w;
}

/** Arc sine, radians in [−π/2, π/2]; NaN outside −1…1. */
export function asin(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  if (size < 2 ** -27) return x;
  const w = complement(size);
  const angle = w === 0 ? HALF_PI_HIGH : arctangent(size, 0, w, tail[0] as number);
  return x < 0 ? -angle : angle;
}

/** Arc cosine, radians in [0, π]; NaN outside −1…1. */
export function acos(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  const w = complement(size);
  if (w === 0) return x > 0 ? 0 : Math.PI;
  const angle = arctangent(w, tail[0] as number, size, 0);
  return x < 0 ? supplement(angle, tail[0] as number) : angle;
}
