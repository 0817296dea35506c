import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { AdaptiveRate } from './adaptive-rate.js';
import { Calibration } from './calibration.js';
import { fitExcesses, Spot, tailProbability, tailQuantile } from './extreme-value.js';
import { RollingCalibration } from './rolling-calibration.js';

const draw = (n: number, seed: number, shape: (random: Random) => number) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => shape(random));
};

describe('Calibration', () => {
  it('gives the conformal p-value in the body', () => {
    const calibration = Calibration.fit(Float64Array.from({ length: 99 }, (_, i) => i + 1));
    expect(calibration.pValue(50)).toBeCloseTo((1 + 50) / 100, 12);
    expect(calibration.pValue(-5)).toBe(1);
  });

  it('has p-values in (0, 1] that never rise with the score, and fall beyond all scores', () => {
    const scores = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        scores,
        fc.double({ min: -2e6, max: 2e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (s, x, d) => {
          const calibration = Calibration.fit(Float64Array.from(s));
          const [low, high] = [calibration.pValue(x), calibration.pValue(x + d)];
          expect(low).toBeGreaterThan(0);
          expect(low).toBeLessThanOrEqual(1);
          expect(high).toBeLessThanOrEqual(low + 1e-12);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['normal', (random: Random) => random.normal()],
    ['exponential', (random: Random) => random.exponential()],
    ['heavy-tailed', (random: Random) => (1 - random.next()) ** -0.25],
  ])('holds stated rates within 1.3 for %s scores, also where few scores are left above', (_, shape) => {
    for (const rate of [0.05, 0.01, 0.002]) {
      let alarms = 0;
      for (let seed = 0; seed < 40; seed++) {
        const threshold = Calibration.fit(draw(1500, seed, shape)).threshold(rate);
        for (const x of draw(4000, 1000 + seed, shape)) if (x >= threshold) alarms++;
      }
      const ratio = alarms / (40 * 4000 * rate);
      expect(ratio).toBeGreaterThan(1 / 1.3);
      expect(ratio).toBeLessThan(1.3);
    }
  });

  it('agrees with its own threshold', () => {
    const calibration = Calibration.fit(draw(1000, 3, (random) => random.normal()));
    for (const rate of [0.2, 0.05, 0.01, 0.001, 1e-5]) {
      expect(calibration.pValue(calibration.threshold(rate))).toBeLessThanOrEqual(rate * (1 + 1e-9));
      expect(calibration.pValue(calibration.threshold(rate) - 0.01)).toBeGreaterThan(rate * 0.9);
    }
  });
});

describe('extreme values', () => {
  it('finds shape and scale of a generalised Pareto distribution', () => {
    const excesses = draw(5000, 1, (random) => (2 * ((1 - random.next()) ** -0.2 - 1)) / 0.2);
    const { shape, scale } = fitExcesses(excesses);
    expect(shape).toBeCloseTo(0.2, 1);
    expect(scale).toBeCloseTo(2, 0);
  });

  it('inverts its own tail', () => {
    for (const shape of [-0.3, 0, 0.3]) {
      const tail = { start: 5, share: 0.1, shape, scale: 2 };
      for (const p of [0.05, 1e-3, 1e-6]) expect(tailProbability(tail, tailQuantile(tail, p))).toBeCloseTo(p, 9);
    }
  });

  it('SPOT holds its rate in a stream and finds what is far beyond', () => {
    // The tail beyond the 98 % level must hold enough points that its fit, not the luck of the draw, is tested.
    const spot = new Spot({ rate: 1e-3 }).fit(draw(20_000, 5, (random) => random.normal()));
    let alarms = 0;
    for (const x of draw(50_000, 6, (random) => random.normal())) if (spot.step(x)) alarms++;
    expect(alarms).toBeGreaterThan(20);
    expect(alarms).toBeLessThan(100);
    expect(spot.step(9)).toBe(true);
    const copy = Spot.fromJSON(JSON.parse(JSON.stringify(spot)));
    expect(copy.threshold).toBe(spot.threshold);
  });

  it('DSPOT follows a drift that SPOT takes for alarms', () => {
    const random = new Random(7);
    const series = Float64Array.from({ length: 12_000 }, (_, i) => i / 2000 + random.normal());
    const count = (depth: number) => {
      const spot = new Spot({ rate: 1e-3, depth }).fit(series.subarray(0, 2000));
      return series.subarray(2000).reduce((alarms, x) => alarms + (spot.step(x) ? 1 : 0), 0);
    };
    expect(count(100)).toBeLessThan(40);
    expect(count(0)).toBeGreaterThan(100);
  });

  it('refuses to start from too little', () => {
    expect(() => new Spot().fit([1, 2, 3])).toThrow(/at least 50/);
  });
});

describe('calibration in a stream', () => {
  it('forgets old scores, and goes on to the bit after it was stored', () => {
    const rolling = new RollingCalibration(200, []);
    expect(rolling.current).toBeUndefined();
    for (const x of draw(300, 1, (random) => random.normal(0, 1))) rolling.push(x);
    for (const x of draw(300, 2, (random) => random.normal(100, 1))) rolling.push(x);
    expect(rolling.current?.pValue(50)).toBe(1);
    const copy = RollingCalibration.fromJSON(JSON.parse(JSON.stringify(rolling)));
    for (const x of draw(100, 3, (random) => random.normal(100, 1))) {
      expect(copy.current?.pValue(x)).toBe(rolling.current?.pValue(x));
      rolling.push(x);
      copy.push(x);
    }
  });

  it('keeps the share of alarms at the rate although the p-values are wrong', () => {
    const random = new Random(4);
    const rate = new AdaptiveRate(0.01);
    let alarms = 0;
    // Squared: p-values that say 0.0001 where 0.01 would be right.
    for (let i = 0; i < 20_000; i++) if (rate.step(random.next() ** 2) <= 0.01) alarms++;
    expect(alarms / 200).toBeGreaterThan(0.7);
    expect(alarms / 200).toBeLessThan(1.3);
  });
});
