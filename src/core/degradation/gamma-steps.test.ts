import { describe, expect, it } from 'vitest';
import { exp, log } from '../math/index.js';
import { Random } from '../random.js';
import { GammaSteps } from './gamma-steps.js';
import { together } from './together.js';

const full = 0.25;
const SIZE = 0.04;
const SD = 0.0015;

/** Wear by daily steps, measured with noise, from 20 days before its onset on. */
function measured(steps: readonly number[], random: Random) {
  const count = 20 + steps.length;
  let level = 0;
  const days = Float64Array.from({ length: count }, (_, i) => i - count + 1);
  const value = days.map((_, i) => {
    level += steps[i - 20] ?? 0;
    return level + SD * random.normal();
  });
  return { days, value, sd: new Float64Array(count).fill(SD) };
}

/** Steps of a Gamma process that comes to its full in `span` days. */
const gammaSteps = (span: number, age: number, random: Random) =>
  Array.from({ length: age }, () => random.gamma(1 / (SIZE * span), SIZE * full));

describe('the steps of a Gamma process', () => {
  it('tell how fast it goes as surely as they say, and no surer, whether it has rested or leapt', () => {
    const prior = {
      full,
      size: log(SIZE),
      density: (lnSpan: number, lnSize: number) =>
        -0.5 * ((lnSpan - log(300)) / 0.7) ** 2 - 0.5 * ((lnSize - log(SIZE)) / 0.6) ** 2,
    };
    const trials = 60;
    let inside = 0;
    let below = 0;
    for (let k = 0; k < trials; k++) {
      const random = new Random(k);
      const span = 300 * exp(0.7 * random.normal());
      const age = Math.max(10, Math.round(0.2 * span));
      const steps = new GammaSteps(measured(gammaSteps(span, age, random), random), prior);
      const drawn = Float64Array.from({ length: 100 }, () => exp(steps.draw(age, random).lnSpan)).sort();
      if (span >= (drawn[9] as number) && span <= (drawn[90] as number)) inside++;
      if (span < (drawn[50] as number)) below++;
    }
    expect(inside / trials).toBeGreaterThan(0.68);
    expect(inside / trials).toBeLessThan(0.92);
    expect(below / trials).toBeGreaterThan(0.33);
    expect(below / trials).toBeLessThan(0.67);
  });
});

describe('two histories', () => {
  it('go together where one cause made both, and not where each has its own', () => {
    const random = new Random(5);
    const shares = { one: 0, own: 0 };
    for (let k = 0; k < 10; k++) {
      const steps = gammaSteps(250, 90, random);
      const first = measured(steps, random);
      const scaled = measured(
        steps.map((step) => 2 * step),
        random,
      );
      shares.one += together(first, full, scaled, 2 * full) / 10;
      shares.own += together(first, full, measured(gammaSteps(250, 90, random), random), full) / 10;
    }
    expect(shares.one).toBeGreaterThan(0.9);
    expect(shares.own).toBeLessThan(0.4);
  });

  it('that are too short to compare are thought to go together', () => {
    const short = { days: Float64Array.of(-1, 0), value: Float64Array.of(0, 0.01), sd: Float64Array.of(SD, SD) };
    expect(together(short, full, short, full)).toBe(1);
  });
});
