import { describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import { type DegradationLaw, dailyGrowth, drawLaws, historyLikelihood, meanGrowth } from './index.js';

const law = (changes: Partial<DegradationLaw>): DegradationLaw => ({
  slope: 0.001,
  growth: 0,
  age: 60,
  noise: 0,
  monotone: false,
  ...changes,
});

/** A history of a law from 20 days before its onset to `law.age` days after it, measured with noise. */
function history(truth: DegradationLaw, sd: number, random: Random) {
  const count = 20 + truth.age;
  const days = Float64Array.from({ length: count }, (_, i) => i - count + 1);
  let level = 0;
  const value = days.map((day) => {
    if (day > -truth.age) level += dailyGrowth(truth, day - 1, random);
    return level + sd * random.normal();
  });
  return { days, value, sd: new Float64Array(count).fill(sd) };
}

describe('degradation laws', () => {
  it('grow by a line or an exponential, and not before the onset', () => {
    expect(meanGrowth(law({}), 10)).toBeCloseTo(0.01, 12);
    expect(meanGrowth(law({ growth: 0.02 }), 50)).toBeCloseTo((0.001 * (Math.E - 1)) / 0.02, 12);
    expect(meanGrowth(law({}), -60)).toBe(meanGrowth(law({}), -600));
  });

  it('move by chance with the mean and variance of their process', () => {
    for (const monotone of [false, true]) {
      const random = new Random(3);
      const steps = Float64Array.from({ length: 20000 }, () => dailyGrowth(law({ noise: 0.002, monotone }), 5, random));
      const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
      const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / steps.length;
      expect(mean).toBeCloseTo(0.001, 4);
      expect(variance / 0.002 ** 2).toBeGreaterThan(0.9);
      expect(variance / 0.002 ** 2).toBeLessThan(1.1);
      expect(steps.some((step) => step < 0)).toBe(!monotone);
    }
  });

  it('make a history likelier than laws that are off it', () => {
    const random = new Random(4);
    const truth = law({});
    const told = history(truth, 0.0005, random);
    const present = { mean: 0, variance: 0 };
    const own = historyLikelihood(truth, told, 0.02, 1, present);
    expect(present.mean).toBeCloseTo(0.06, 2);
    for (const other of [law({ slope: 0.002 }), law({ slope: 0.0005 }), law({ growth: 0.05 }), law({ noise: 0.01 })])
      expect(historyLikelihood(other, told, 0.02, 1, present)).toBeLessThan(own);
  });

  const full = 0.25;
  /** Wear that comes to its full in `span` days, as it is after `age` of them. */
  const straight = (span: number, age: number) => law({ slope: full / span, age });
  const bent = (span: number, age: number) =>
    law({ slope: (full * 4 * Math.exp((4 * age) / span)) / span / Math.expm1(4), growth: 4 / span, age });
  const draw = (told: ReturnType<typeof history>, random: Random, usual?: 'linear' | 'exponential') =>
    drawLaws(told, 100, { full, first: 0.01, usual }, random);

  it('are drawn so that their slopes hold the true one as often as they say', () => {
    let inside = 0;
    const trials = 20;
    for (let k = 0; k < trials; k++) {
      const random = new Random(100 + k);
      const span = random.uniform(150, 400);
      const truth = (k % 2 === 0 ? straight : bent)(span, Math.round(random.uniform(0.3, 0.6) * span));
      const slopes = Float64Array.from(draw(history(truth, 0.0008, random), random), ({ law }) => law.slope).sort();
      if (truth.slope >= (slopes[5] as number) && truth.slope <= (slopes[94] as number)) inside++;
    }
    expect(inside / trials).toBeGreaterThan(0.75);
  });

  it('are of the kind that the history shows, and of the usual one where it shows none', () => {
    const share = (truth: DegradationLaw, sd: number, kind: string, usual?: 'linear' | 'exponential') => {
      const random = new Random(9);
      const draws = draw(history(truth, sd, random), random, usual);
      return draws.filter((one) => one.kind === kind).length / draws.length;
    };
    expect(share(straight(300, 120), 0.0008, 'linear')).toBeGreaterThan(0.8);
    expect(share(bent(300, 150), 0.0008, 'exponential')).toBeGreaterThan(0.8);
    const early = bent(300, 60);
    expect(share(early, 0.004, 'exponential', 'exponential')).toBeGreaterThan(share(early, 0.004, 'exponential'));
  });

  it('repeat to the bit', () => {
    const again = () => draw(history(straight(250, 60), 0.001, new Random(1)), new Random(2));
    expect(again()).toEqual(again());
  });
});
