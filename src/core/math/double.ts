// Arithmetic on pairs of doubles: a result and, in `tail`, what rounding took from it (Dekker 1971).

/** Second half of the double-double that the last call of a helper gave. A typed array, since a `let` would be boxed. */
export const tail = new Float64Array(1);

/** Splits a double into halves of 26 bits whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

/** `a·b`, with the exact rounding error in `tail`. */
export function product(a: number, b: number): number {
  const p = a * b;
  const ca = SPLITTER * a;
  const ah = ca - (ca - a);
  const al = a - ah;
  const cb = SPLITTER * b;
  const bh = cb - (cb - b);
  const bl = b - bh;
  tail[0] = ah * bh - p + ah * bl + al * bh + al * bl;
  return p;
}

/** `a + b`, with the exact rounding error in `tail` (Knuth). */
export function sum(a: number, b: number): number {
  const s = a + b;
  const bb = s - a;
  tail[0] = a - (s - bb) + (b - bb);
  return s;
}

/** `(ah + al) / (bh + bl)`, with what is left over in `tail`. */
export function quotient(ah: number, al: number, bh: number, bl: number): number {
  const q = ah / bh;
  const p = product(q, bh);
  tail[0] = (ah - p - (tail[0] as number) + al - q * bl) / bh;
  return q;
}

/** 2^−1074 … 2^1023. */
export const POWERS = new Float64Array(2098);
for (let i = 0, power = Number.MIN_VALUE; i < POWERS.length; i++, power *= 2) POWERS[i] = power;

/** `x · 2^k`. */
export function scaled(x: number, k: number): number {
  if (k > -1021 && k < 1024) return x * (POWERS[k + 1074] as number);
  const half = k >> 1;
  return x * (POWERS[half + 1074] as number) * (POWERS[k - half + 1074] as number);
}
