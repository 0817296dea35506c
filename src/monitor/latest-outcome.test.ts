import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../core/index.js';
import { HealthScoreCalculator } from '../models/index.js';
import { LatestOutcome } from './latest-outcome.js';
import { noHealth, type StageOutcome } from './stages.js';

const channel = (name: string) => ({ name, unit: 'W', title: name, fullScale: 1 });
const model = { channels: ['acPower', 'dcPower', 'temperature'].map(channel), stages: ['dcPower', 'acPower'] };
const calculator = new HealthScoreCalculator();

const figure = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
const some = (names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, figure])), { requiredKeys: [] }) as fc.Arbitrary<
    Record<string, number>
  >;
const anomaly = fc.record({ score: figure, pValue: figure, raw: figure, drift: fc.boolean(), anomalous: fc.boolean() });

const outcome: fc.Arbitrary<StageOutcome> = fc
  .record({
    time: fc.integer({ min: 0, max: 1e12 }),
    // One of the names is none of the model's.
    values: some(['acPower', 'dcPower', 'temperature', 'wind']),
    missing: fc.boolean(),
    quality: fc.boolean(),
    expected: some(['dcPower', 'acPower']),
    powerRatio: fc.option(figure, { nil: undefined }),
    anomaly: fc.option(anomaly, { nil: undefined }),
    health: fc.option(some(['powerRatio', 'temperature', 'batteryLevel', 'degradation']), { nil: undefined }),
    forecast: fc.boolean(),
    signals: fc.boolean(),
  })
  .map(({ time, values, missing, quality, expected, powerRatio, anomaly, health, forecast, signals }) => ({
    reading: {
      assetId: 'a',
      time,
      values: missing ? { ...values, acPower: Number.NaN } : values,
      ...(quality && { quality: { acPower: 1 } }),
    },
    expected,
    powerRatio,
    anomaly:
      anomaly === undefined
        ? undefined
        : {
            ...anomaly,
            time,
            contributions: anomaly.anomalous ? [{ channel: 'acPower', share: 1, value: 3, normal: 5, unit: 'W' }] : [],
            why: anomaly.anomalous ? 'Too low.' : undefined,
          },
    health: health === undefined ? noHealth : calculator.calculate(health),
    life: undefined,
    lifeIsNew: false,
    forecast: forecast ? new Frame(Float64Array.of(1), {}) : undefined,
    signals: signals ? { own: 1 } : undefined,
  }));

describe('LatestOutcome', () => {
  it('gives each outcome back as it was, whatever was kept before, and changes none that it gave', () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 6 }), (outcomes) => {
        const latest = new LatestOutcome(model);
        expect(latest.get()).toBeUndefined();
        const given = outcomes.map((one) => {
          latest.set(one);
          return latest.get();
        });
        expect(given).toEqual(outcomes);
        latest.clear();
        expect(latest.get()).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('keeps no object of an ordinary reading', () => {
    const latest = new LatestOutcome(model);
    const ordinary: StageOutcome = {
      reading: { assetId: 'a', time: 1, values: { acPower: 1 } },
      expected: { acPower: 2 },
      powerRatio: 0.5,
      anomaly: undefined,
      health: calculator.calculate({ powerRatio: 0.5 }),
      life: undefined,
      lifeIsNew: false,
      forecast: undefined,
      signals: undefined,
    };
    latest.set(ordinary);
    const got = latest.get();
    expect(got).toEqual(ordinary);
    expect(got).not.toBe(ordinary);
    expect(got?.reading.values).not.toBe(ordinary.reading.values);
  });
});
