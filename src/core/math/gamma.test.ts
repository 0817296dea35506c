import { describe, expect, it } from 'vitest';
import { gammaShareBelow, logGamma } from './index.js';

describe('the Gamma function', () => {
  it('has its known values', () => {
    expect(logGamma(1)).toBeCloseTo(0, 9);
    expect(logGamma(5)).toBeCloseTo(Math.log(24), 9);
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 9);
    expect(logGamma(0.01)).toBeCloseTo(4.599479878042022, 9);
    expect(logGamma(100)).toBeCloseTo(359.1342053695754, 8);
  });

  it('has shares below a value as the exponential and the χ² distribution have them', () => {
    for (const x of [0.1, 1, 5, 30]) expect(gammaShareBelow(1, x)).toBeCloseTo(1 - Math.exp(-x), 9);
    // χ² of one and of ten degrees of freedom at their 95 % points.
    expect(gammaShareBelow(0.5, 3.841458820694124 / 2)).toBeCloseTo(0.95, 8);
    expect(gammaShareBelow(5, 18.307038053275146 / 2)).toBeCloseTo(0.95, 8);
    expect(gammaShareBelow(2, 0)).toBe(0);
    expect(gammaShareBelow(2, -1)).toBe(0);
  });
});
