import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { type AggregatedHealth, aggregateHealth, type HealthRule } from './graph.js';
import { healthTrend } from './trend.js';

const DAY = 86_400_000;

describe('aggregateHealth', () => {
  const rule: fc.Arbitrary<HealthRule> = fc.constantFrom(
    { kind: 'weighted-mean' },
    { kind: 'worst-of' },
    { kind: 'k-of-n', k: 2 },
  );
  const scores = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 2, maxLength: 6 });
  const of = (values: readonly number[], kind: HealthRule) => {
    const parts = values.map((_, i) => ({ id: `p${i}`, weight: i + 1 }));
    const nodes = [...parts, { id: 'plant', parts: parts.map(({ id }) => id), rule: kind }];
    const known = Object.fromEntries(values.map((score, i) => [`p${i}`, { score, confidence: 1 }]));
    return aggregateHealth(nodes, known).get('plant') as AggregatedHealth & { score: number };
  };

  it('is bounded by its parts, monotone, continuous, and says what each part costs', () => {
    fc.assert(
      fc.property(scores, rule, fc.nat(5), fc.double({ min: 0, max: 1, noNaN: true }), (values, kind, which, step) => {
        const { score, lost } = of(values, kind);
        expect(score).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(score).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
        expect(lost.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(100 - score, 9);
        const at = which % values.length;
        const better = of(
          values.map((v, i) => (i === at ? Math.min(100, v + step) : v)),
          kind,
        ).score;
        expect(better).toBeGreaterThanOrEqual(score - 1e-9);
        expect(better - score).toBeLessThanOrEqual(step + 1e-9);
      }),
    );
  });

  it('leaves out what is unknown, and trusts the rest less', () => {
    const nodes = [{ id: 'a' }, { id: 'b' }, { id: 'c', parts: ['a', 'b'] }, { id: 'd', parts: ['c'] }];
    const result = aggregateHealth(nodes, { a: { score: 80, confidence: 1 }, b: { score: null, confidence: 0 } });
    expect(result.get('c')).toMatchObject({ score: 80, confidence: 0.5, missing: ['b'] });
    expect(result.get('d')?.score).toBe(80);
    expect(aggregateHealth(nodes, {}).get('d')).toMatchObject({ score: null, confidence: 0 });
  });

  it('refuses circles, strangers and impossible counts', () => {
    const code = { code: 'HEALTH_BAD_GRAPH' };
    expect(() =>
      aggregateHealth(
        [
          { id: 'a', parts: ['b'] },
          { id: 'b', parts: ['a'] },
        ],
        {},
      ),
    ).toThrow(expect.objectContaining(code));
    expect(() => aggregateHealth([{ id: 'a', parts: ['b'] }], {})).toThrow(expect.objectContaining(code));
    expect(() =>
      aggregateHealth([{ id: 'a', parts: ['b'], rule: { kind: 'k-of-n', k: 2 } }, { id: 'b' }], {
        b: { score: 1, confidence: 1 },
      }),
    ).toThrow(expect.objectContaining(code));
  });
});

describe('healthTrend', () => {
  const series = (n: number, slope: number, rho: number, seed: number) => {
    const random = new Random(seed);
    let noise = 0;
    const time = Float64Array.from({ length: n }, (_, i) => i * DAY);
    const score = time.map((_, i) => {
      noise = rho * noise + Math.sqrt(1 - rho * rho) * random.normal(0, 2);
      return 90 + slope * i + noise;
    });
    return healthTrend(time, score);
  };

  it('finds a fall, its rate and when it gets critical', () => {
    const trend = series(90, -0.15, 0, 1);
    expect(trend.direction).toBe('falling');
    expect(Math.abs(trend.slope + 0.15)).toBeLessThan(0.03);
    expect(trend.daysToLimit).toBeGreaterThan(80);
    expect(trend.daysToLimit).toBeLessThan(180);
  });

  it('does not take slow waves for a trend', () => {
    const told = (rho: number) =>
      Array.from({ length: 200 }, (_, seed) => series(60, 0, rho, seed + 1)).filter(
        ({ direction }) => direction !== 'steady',
      );
    expect(told(0).length).toBeLessThan(20);
    expect(told(0.8).length).toBeLessThan(40);
    expect(series(60, 0, 0.8, 1).effectiveCount).toBeLessThan(40);
  });

  it('says nothing of too little, and leaves out what is missing', () => {
    expect(healthTrend([0, 1, 2], [90, 80, 70])).toMatchObject({ direction: 'steady', pValue: 1 });
    const time = Array.from({ length: 30 }, (_, i) => i * DAY);
    const score = time.map((_, i) => (i % 3 === 0 ? Number.NaN : 90 - i));
    expect(healthTrend(time, score)).toMatchObject({ direction: 'falling', count: 20 });
    expect(() => healthTrend([1], [])).toThrow(expect.objectContaining({ code: 'HEALTH_BAD_SERIES' }));
  });
});
