import { describe, expect, it } from 'vitest';
import {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cos,
  cosh,
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  pow,
  sin,
  sinh,
  tan,
  tanh,
} from './index.js';

const own = {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cos,
  cosh,
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  pow,
  sin,
  sinh,
  tan,
  tanh,
};

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** FNV-1a over the bits of `fn` at 2,000 arguments. */
function fingerprint(fn: (x: number, y: number) => number, low: number, high: number): number {
  let state = 2463534242;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return low + ((high - low) * (state >>> 0)) / 4294967296;
  };
  let hash = 0x811c9dc5;
  for (let i = 0; i < 2000; i++) {
    double[0] = fn(next(), next());
    hash = Math.imul(hash ^ (words[0] as number), 0x01000193);
    hash = Math.imul(hash ^ (words[1] as number), 0x01000193);
  }
  return hash >>> 0;
}

const CASES = [
  ['sin', -10, 10],
  ['sin', -1e12, 1e12],
  ['cos', -10, 10],
  ['tan', -10, 10],
  ['asin', -1, 1],
  ['acos', -1, 1],
  ['atan', -5, 5],
  ['atan2', -2, 2],
  ['exp', -50, 50],
  ['exp', -745, -700],
  ['expm1', -3, 3],
  ['log', 0, 10],
  ['log1p', -0.9, 5],
  ['log2', 0, 10],
  ['log10', 0, 1e6],
  ['pow', 0, 10],
  ['sinh', -5, 5],
  ['cosh', -5, 5],
  ['tanh', -4, 4],
  ['cbrt', -100, 100],
] as const;

describe('math', () => {
  it.each(CASES)('%s on %d…%d stays within 3 ulp of the engine and has its known bits', (name, low, high) => {
    const fn: (x: number, y: number) => number = own[name];
    const engine: (x: number, y: number) => number = Math[name];
    for (let i = 0; i <= 1000; i++) {
      const x = low + ((high - low) * i) / 1000;
      const y = low + ((high - low) * ((i * 7) % 1000)) / 1000;
      const expected = engine(x, y);
      const spacing = Math.max(Number.MIN_VALUE, Math.abs(expected) * 2 ** -52);
      if (Number.isFinite(expected)) expect(Math.abs(fn(x, y) - expected)).toBeLessThanOrEqual(3 * spacing);
      else expect(fn(x, y)).toBe(expected);
    }
    expect({ [`${name} ${low}`]: fingerprint(fn, low, high) }).toMatchSnapshot();
  });

  it('gives the special values of the standard', () => {
    const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, 1.7976931348623157e308, 2, -2, 0.5, 3, -3];
    for (const name of [
      'sin',
      'cos',
      'tan',
      'asin',
      'acos',
      'atan',
      'exp',
      'expm1',
      'log',
      'log1p',
      'log2',
      'log10',
      'sinh',
      'cosh',
      'tanh',
      'cbrt',
    ] as const) {
      for (const x of special) {
        const expected = Math[name](x);
        if (Number.isFinite(expected) && expected !== 0) expect(own[name](x) / expected).toBeCloseTo(1, 14);
        else expect([name, x, own[name](x)]).toStrictEqual([name, x, expected]);
      }
    }
    for (const name of ['pow', 'atan2'] as const) {
      for (const x of special)
        for (const y of special) {
          const expected = Math[name](x, y);
          if (Number.isFinite(expected) && expected !== 0) expect(own[name](x, y) / expected).toBeCloseTo(1, 14);
          else expect([name, x, y, own[name](x, y)]).toStrictEqual([name, x, y, expected]);
        }
    }
  });

  it('is exact where the result is', () => {
    for (let k = -20; k <= 20; k++) {
      expect(own.log2(2 ** k)).toBe(k);
      expect(own.log10(Number(`1e${k}`))).toBe(k);
      expect(own.pow(2, k)).toBe(2 ** k);
    }
    for (let k = 0; k <= 22; k++) expect(own.pow(10, k)).toBe(Number(`1e${k}`));
    for (let k = 1; k <= 50; k++) expect(own.cbrt(k * k * k)).toBe(k);
    expect(own.atan2(1, -1)).toBe((3 * Math.PI) / 4);
    expect(own.exp(1)).toBe(Math.E);
    expect(own.sin(1e22)).toBe(-0.8522008497671888);
  });
});
