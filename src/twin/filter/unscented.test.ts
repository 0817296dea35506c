import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/index.js';
import { ParticleFilter } from './particle.js';
import { limitVariance, UnscentedFilter } from './unscented.js';

describe('UnscentedFilter', () => {
  it('is the Kalman filter where all is linear', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const random = new Random(seed);
        const [p, q, r, z] = [
          random.uniform(0.5, 2),
          random.uniform(-0.4, 0.4),
          random.uniform(0.1, 1),
          random.normal(),
        ];
        const [h0, h1, d] = [random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(0, 0.5)];
        const mean = Float64Array.of(0.3, -0.2);
        const covariance = Float64Array.of(p, q, q, 1);
        const ukf = new UnscentedFilter(2, 1, 2);
        ukf.predict(mean, covariance, (x, e, out) => {
          out[0] = h0 * (x[0] as number) + h1 * (x[1] as number) + d * (e[0] as number);
          out[1] = Number.NaN;
        });
        const told = h0 * 0.3 - h1 * 0.2;
        const [g0, g1] = [p * h0 + q * h1, q * h0 + h1];
        const s = h0 * g0 + h1 * g1 + d * d;
        expect(ukf.predicted[0]).toBeCloseTo(told, 12);
        expect(ukf.spread[0]).toBeCloseTo(s, 12);
        // Within the gate.
        const near = told + 0.5 * z * Math.sqrt(s + r);
        const count = ukf.update(mean, covariance, Float64Array.of(near, 5), Float64Array.of(r, 1));
        expect(count).toBe(1);
        expect(mean[0]).toBeCloseTo(0.3 + (g0 / (s + r)) * (near - told), 10);
        expect(mean[1]).toBeCloseTo(-0.2 + (g1 / (s + r)) * (near - told), 10);
        expect(covariance[0]).toBeCloseTo(p - (g0 * g0) / (s + r), 10);
        expect(covariance[1]).toBeCloseTo(q - (g0 * g1) / (s + r), 10);
        expect(covariance[3]).toBeCloseTo(1 - (g1 * g1) / (s + r), 10);
      }),
      { numRuns: 100 },
    );
  });

  it('bends the covariance with a transition', () => {
    const mean = Float64Array.of(1, 2);
    const covariance = Float64Array.of(0.04, 0.01, 0.01, 0.09);
    new UnscentedFilter(2, 0, 1).propagate(mean, covariance, (x) => {
      x[1] = 0.5 * (x[1] as number) + 3 * (x[0] as number);
    });
    expect(mean[1]).toBeCloseTo(4, 12);
    expect(covariance[1]).toBeCloseTo(0.5 * 0.01 + 3 * 0.04, 12);
    expect(covariance[3]).toBeCloseTo(0.25 * 0.09 + 9 * 0.04 + 2 * 1.5 * 0.01, 12);
  });

  it('is not torn away by an outlier', () => {
    const pull = (z: number) => {
      const mean = Float64Array.of(0);
      const ukf = new UnscentedFilter(1, 0, 1);
      const covariance = Float64Array.of(1);
      ukf.predict(mean, covariance, (x, _, out) => out.set(x));
      ukf.update(mean, covariance, Float64Array.of(z), Float64Array.of(1));
      return mean[0] as number;
    };
    expect(pull(2)).toBeCloseTo(1, 12);
    expect(pull(100)).toBeLessThan(pull(6));
  });

  it('keeps correlations when a variance is limited', () => {
    const covariance = Float64Array.of(4, 1, 1, 1);
    limitVariance(covariance, 2, 0, 1);
    expect([...covariance]).toEqual([1, 0.5, 0.5, 1]);
  });
});

describe('ParticleFilter', () => {
  it('finds a value between two humps that no bell curve has, and repeats to the bit', () => {
    const run = () => {
      const filter = new ParticleFilter(500, 1);
      const memory = new Float64Array(filter.memorySize);
      filter.begin(memory, 7, (random, particle) => {
        particle[0] = random.normal(random.next() < 0.5 ? -2 : 2, 0.3);
      });
      for (let step = 0; step < 5; step++) {
        const random = new Random(step);
        filter.move(memory, random, (stream, particle) => {
          particle[0] = (particle[0] as number) + 0.02 * stream.normal();
        });
        filter.weigh(memory, random, ([x = 0]) => (-0.5 * (x - 1.8) ** 2) / 0.25);
      }
      return {
        memory,
        mean: filter.mean(memory, 0),
        sd: filter.deviation(memory, 0),
        low: filter.quantile(memory, 0, 0.05),
      };
    };
    const { memory, mean, sd, low } = run();
    // Normal prior N(2, 0.3²) and five measurements of 1.8 ± 0.5 of which the near hump is what is left.
    expect(mean).toBeCloseTo(1.86, 1);
    expect(sd).toBeGreaterThan(0.1);
    expect(sd).toBeLessThan(0.3);
    expect(low).toBeLessThan(mean - sd);
    expect(run().memory).toEqual(memory);
  });
});
