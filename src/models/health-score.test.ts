import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HealthScoreCalculator } from './health-score.js';

const well = { powerRatio: 1, temperature: 25, batteryLevel: 80, inverterEfficiency: 97 };
const calculator = new HealthScoreCalculator();

const anyValue = fc.option(fc.double({ min: -1000, max: 1000 }), { nil: undefined });
const anyInput = fc.record({
  powerRatio: anyValue,
  temperature: anyValue,
  batteryLevel: anyValue,
  inverterEfficiency: anyValue,
  degradation: anyValue,
});

describe('HealthScoreCalculator', () => {
  it('gives 100 to an asset that is well, with the declared weights as shares', () => {
    const { score, label, components, confidence } = calculator.calculate(well);
    expect(score).toBe(100);
    expect(label).toBe('good');
    expect(confidence).toBeCloseTo(1, 12);
    const shares = Object.fromEntries(components.map(({ name, share }) => [name, share]));
    for (const [name, share] of Object.entries({ power: 0.3, temperature: 0.25, battery: 0.25, inverter: 0.2 }))
      expect(shares[name]).toBeCloseTo(share, 12);
  });

  it('takes degradation off as points', () => {
    expect(calculator.calculate({ ...well, degradation: 0.08 }).score).toBeCloseTo(92, 12);
  });

  it('puts the corners at the alert thresholds', () => {
    const only = (input: object) => calculator.calculate(input as Record<string, number>).score;
    expect([only({ temperature: 45 }), only({ temperature: 60 }), only({ temperature: 70 })]).toEqual([85, 75, 60]);
    expect([only({ powerRatio: 0.85 }), only({ powerRatio: 0.7 }), only({ powerRatio: 0.5 })]).toEqual([85, 75, 60]);
  });

  it('weights the others up when a value is missing, and says so', () => {
    const { score, missing, confidence, reason, components } = calculator.calculate({ ...well, batteryLevel: null });
    expect(score).toBe(100);
    expect(missing).toEqual(['battery']);
    expect(confidence).toBeCloseTo(0.75, 12);
    expect(reason).toContain('battery');
    expect(components.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('is unknown, not NaN, when nothing is known', () => {
    expect(calculator.calculate({ temperature: Number.NaN })).toMatchObject({
      score: null,
      label: 'unknown',
      confidence: 0,
    });
  });

  it('is bounded, and explains every point that it takes off', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { score, components, degradation } = calculator.calculate(input);
        if (score === null) return components.length === 0;
        const lost = components.reduce((sum, component) => sum + component.lost, 0) + degradation;
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(score).toBeCloseTo(Math.max(0, 100 - lost), 9);
        return true;
      }),
    );
  });

  it('is monotone and continuous in each value', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 1e-3, noNaN: true }),
        (ratio, step) => {
          const lower = calculator.calculate({ ...well, powerRatio: ratio }).score as number;
          const upper = calculator.calculate({ ...well, powerRatio: ratio + step }).score as number;
          expect(upper).toBeGreaterThanOrEqual(lower - 1e-12);
          expect(upper - lower).toBeLessThanOrEqual(0.3 * 120 * step + 1e-9);
        },
      ),
    );
  });

  it('does not let a label flap at an edge', () => {
    const at = (score: number) => ({ powerRatio: 1, degradation: (100 - score) / 100 });
    expect(calculator.calculate(at(84.5)).label).toBe('fair');
    expect(calculator.calculate(at(84.5), { previous: 'good' }).label).toBe('good');
    expect(calculator.calculate(at(83.5), { previous: 'good' }).label).toBe('fair');
    expect(calculator.calculate(at(85.5), { previous: 'fair' }).label).toBe('fair');
    expect(calculator.calculate(at(86.5), { previous: 'fair' }).label).toBe('good');
  });

  it('trusts old and doubtful values less, and scores them the same', () => {
    const fresh = calculator.calculate(well);
    const old = calculator.calculate(well, { age: { batteryLevel: 3_600_000 }, quality: { powerRatio: 0.5 } });
    expect(old.score).toBe(fresh.score);
    expect(old.confidence).toBeCloseTo(1 - 0.5 * 0.25 - 0.5 * 0.3, 12);
  });

  it('refuses a component that could not score', () => {
    const component = { name: 'oil', input: 'oil', weight: 1, curve: [[0, 0]] as [number, number][] };
    expect(() => new HealthScoreCalculator({ components: [{ ...component, weight: 0 }] })).toThrow(
      expect.objectContaining({ code: 'HEALTH_BAD_WEIGHT', path: 'components[0].weight' }),
    );
    expect(
      () =>
        new HealthScoreCalculator({
          components: [
            {
              ...component,
              curve: [
                [1, 0],
                [0, 5],
              ],
            },
          ],
        }),
    ).toThrow(expect.objectContaining({ code: 'HEALTH_BAD_CURVE' }));
    expect(() => new HealthScoreCalculator({ bands: [{ label: 'x', from: 5 }] })).toThrow(
      expect.objectContaining({ code: 'HEALTH_BAD_BANDS' }),
    );
  });
});
