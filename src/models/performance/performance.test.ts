import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import {
  batteryFigures,
  degradationRate,
  dustModel,
  energyLosses,
  keyFigures,
  lossWaterfall,
  soilingRatio,
  yearOnYear,
} from './index.js';

const HOUR = 3_600_000;

/** Daily figures with season, trend, dust and noise. */
function daily(years: number, rate: number, { noise = 0.01, dust = 0, seed = 1 } = {}) {
  const random = new Random(seed);
  const n = Math.round(years * 365.25);
  let dirt = 0;
  const value = Float64Array.from({ length: n }, (_, d) => {
    if (random.next() < 0.04) dirt = 0;
    dirt += dust;
    const season = 1 + 0.03 * Math.cos((2 * Math.PI * d) / 365.2425);
    return 0.9 * season * (1 + (rate * d) / 365.2425) * (1 - dirt) * (1 + random.normal(0, noise));
  });
  const day = Float64Array.from({ length: n }, (_, d) => 18_000 + d);
  return { day, value, weight: new Float64Array(n).fill(1), witnessed: true };
}

/** Hourly days of a plant of 10 kW whose output is `yieldOf(hour)` of the light. */
function plantFrame(days: number, output: (i: number, light: number) => number): Frame {
  const n = days * 24;
  const time = Float64Array.from({ length: n }, (_, i) => i * HOUR);
  const light = Float64Array.from({ length: n }, (_, i) =>
    Math.max(0, 1000 * Math.sin(((i % 24) - 6) * (Math.PI / 12))),
  );
  return new Frame(time, {
    acPower: { data: light.map((g, i) => output(i, g)), unit: 'W' },
    poaGlobal: { data: light, unit: 'W/m²' },
    moduleTemperature: { data: new Float64Array(n).fill(45), unit: '°C' },
    expectedPower: { data: light.map((g) => 8 * g), unit: 'W' },
  });
}

describe('keyFigures', () => {
  it('gives yields, performance ratios and availability by their definitions', () => {
    const frame = plantFrame(10, (i, g) => (i % 24 === 12 ? 0 : 8 * g));
    const figures = keyFigures(frame, { ratedPower: 10_000, temperatureCoefficient: -0.004, acLimit: 8000 });
    const noon =
      1000 /
      frame
        .column('poaGlobal')
        .slice(0, 24)
        .reduce((a, b) => a + b, 0);
    expect(figures.performanceRatio).toBeCloseTo(0.8 * (1 - noon), 9);
    expect(figures.performanceRatio25).toBeCloseTo((0.8 * (1 - noon)) / 0.92, 9);
    expect(figures.performanceRatioAnnual).toBeCloseTo(0.8 * (1 - noon), 9);
    expect(figures.finalYield).toBeCloseTo((figures.referenceYield as number) * 0.8 * (1 - noon), 9);
    expect(figures.timeAvailability).toBeCloseTo(10 / 11, 9);
    expect(figures.energyAvailability).toBeCloseTo(1 - noon, 9);
    expect(figures.capacityFactor).toBeCloseTo(figures.energy / (8 * 240), 9);
    expect(figures.coverage).toBe(1);
  });

  it('does not let a gap of the irradiance sensor change the ratio', () => {
    const frame = plantFrame(10, (_, g) => 8 * g);
    const light = frame.column('poaGlobal').slice();
    light.fill(Number.NaN, 40, 90);
    const figures = keyFigures(frame.withColumn('poaGlobal', light, 'W/m²'), { ratedPower: 10_000 });
    expect(figures.performanceRatio).toBeCloseTo(0.8, 9);
    expect(figures.coverage).toBeCloseTo(190 / 240, 9);
  });

  it('refuses a plant without a rating and a frame without power', () => {
    const frame = plantFrame(1, () => Number.NaN);
    expect(() => keyFigures(frame, { ratedPower: 0 })).toThrow(
      expect.objectContaining({ code: 'PERFORMANCE_BAD_RATING' }),
    );
    expect(() => keyFigures(frame, { ratedPower: 1 })).toThrow(
      expect.objectContaining({ code: 'PERFORMANCE_NO_DATA' }),
    );
  });
});

describe('lossWaterfall', () => {
  it('adds up exactly, in kWh and in money, in any order', () => {
    const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.array(fc.record({ name: fc.string(), energy: amount }), { maxLength: 12 }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (expected, measured, losses, price) => {
          const fall = lossWaterfall({ expected, measured, losses, price });
          for (const steps of [fall.steps, [...fall.steps].reverse()]) {
            expect(steps.reduce((sum, { energy }) => sum + energy, fall.expected)).toBe(fall.measured);
            expect(steps.reduce((sum, { money }) => sum + money, fall.expectedMoney)).toBe(fall.measuredMoney);
          }
          expect(Math.abs(fall.expected - expected)).toBeLessThanOrEqual(1 / 2048);
          expect(fall.steps.at(-1)?.level).toBe(fall.measured);
        },
      ),
    );
  });

  it('finds where the energy went, and counts nothing twice', () => {
    const frame = plantFrame(20, (i, g) => (i < 48 ? 0 : i < 96 ? 2 * g : 8 * g * 0.95 * 0.98))
      .withColumn(
        'curtailed',
        Float64Array.from({ length: 480 }, (_, i) => (i >= 48 && i < 96 ? 1 : 0)),
        '1',
      )
      .withColumn('soilingRatio', new Float64Array(480).fill(0.95), '1');
    const { steps, expected, measured } = energyLosses(frame, { degradation: 0.02, price: 0.1 });
    const of = (name: string) => -(steps.find((step) => step.name === name)?.energy ?? Number.NaN);
    const day = expected / 20;
    expect(of('outage')).toBeCloseTo(2 * day, 1);
    expect(of('curtailment')).toBeCloseTo(2 * day * 0.75, 1);
    expect(of('soiling')).toBeCloseTo(16 * day * 0.05, 1);
    expect(of('degradation')).toBeCloseTo(16 * day * 0.95 * 0.02, 1);
    expect(Math.abs(of('unexplained'))).toBeLessThan(0.01);
    expect(steps.reduce((sum, { energy }) => sum + energy, expected)).toBe(measured);
  });
});

describe('yearOnYear', () => {
  it.each([-0.004, -0.012, 0.002])('finds a rate of %d a year through season and noise', (rate) => {
    const found = yearOnYear(daily(5, rate));
    expect(Math.abs(found.rate - rate)).toBeLessThan(3e-4);
    expect(found.lower).toBeLessThan(found.rate);
    expect(found.upper).toBeGreaterThan(found.rate);
    expect(found.upper - found.lower).toBeLessThan(1.5e-3);
  });

  it('repeats to the bit, and refuses less than a year', () => {
    expect(yearOnYear(daily(3, -0.01))).toEqual(yearOnYear(daily(3, -0.01)));
    expect(() => yearOnYear(daily(0.9, -0.01))).toThrow(expect.objectContaining({ code: 'DEGRADATION_TOO_SHORT' }));
  });
});

describe('dust', () => {
  it('is told from ageing: the clock finds rate and loss', () => {
    const days = daily(4, -0.008, { dust: 0.0015, noise: 0.006 });
    const { rate, loss } = dustModel(days);
    expect(rate).toBeGreaterThan(0.0012);
    expect(rate).toBeLessThan(0.0018);
    const clean = { day: days.day, value: days.value.map((v, i) => v / (1 - (loss[i] as number))) };
    expect(Math.abs(yearOnYear(clean).rate + 0.008)).toBeLessThan(1e-3);
  });

  it('is not seen where there is none', () => {
    const { loss } = dustModel(daily(2.5, -0.008));
    expect(loss.reduce((sum, part) => sum + part, 0) / loss.length).toBeLessThan(0.005);
  });

  it('shows in the soiling ratio, with an interval about it', () => {
    const { ratio, lower, upper, rate } = soilingRatio(daily(2, 0, { dust: 0.002, noise: 0.004 }));
    expect(rate).toBeLessThan(-0.001);
    expect(lower).toBeLessThanOrEqual(ratio);
    expect(upper).toBeGreaterThanOrEqual(ratio);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(0.985);
    expect(soilingRatio(daily(2, 0, { noise: 0.004 })).ratio).toBeGreaterThan(0.99);
  });
});

describe('degradationRate', () => {
  const years = (rate: number, drift: number, count = 2) => {
    const random = new Random(3);
    const frame = plantFrame(
      count * 365 + 40,
      (i, g) => 8.5 * g * (1 + (rate * i) / 8766) * (1 + random.normal(0, 0.005)),
    );
    const light = frame.column('poaGlobal');
    return frame.withColumn('clearSkyPoa', light.slice(), 'W/m²').withColumn(
      'poaGlobal',
      light.map((g, i) => g * (1 + (drift * i) / 8766)),
      'W/m²',
    );
  };

  it('takes the drift of a sensor back with the help of the clear sky', () => {
    const found = degradationRate(years(-0.008, -0.01, 5), { ratedPower: 10_000, resamples: 100 });
    expect(found.method).toBe('sensor');
    expect(found.sensor?.rate).toBeGreaterThan(0);
    expect(found.sensorDrift?.probability).toBeGreaterThan(0.99);
    expect(Math.abs(found.rate + 0.008)).toBeLessThan(6e-4);
  });

  it('does without a sensor, and says what it needs', () => {
    const frame = years(-0.01, 0).select('acPower', 'clearSkyPoa');
    const found = degradationRate(frame, { ratedPower: 10_000 });
    expect(found.method).toBe('clear-sky');
    expect(Math.abs(found.rate + 0.01)).toBeLessThan(6e-4);
    expect(() => degradationRate(frame.select('acPower'), { ratedPower: 1 })).toThrow(
      expect.objectContaining({ code: 'DEGRADATION_NO_LIGHT' }),
    );
  });
});

describe('degradationRate under a hazy sky', () => {
  const rate = -0.006;
  const n = (3 * 365 + 30) * 24;
  /** Three years whose haze grows: the clear sky of the last is dimmer than that of the first. */
  const hazy = (warm: (i: number, light: number) => number) => {
    const random = new Random(5);
    const time = Float64Array.from({ length: n }, (_, i) => i * HOUR);
    const clear = Float64Array.from({ length: n }, (_, i) =>
      Math.max(0, 1000 * Math.sin(((i % 24) - 6) * (Math.PI / 12))),
    );
    let haze = 0;
    const light = clear.map((g, i) => {
      if (i % 24 === 0) haze = random.uniform(-0.04, 0.04) - (0.004 * i) / 8766;
      return g * (1 + haze);
    });
    const wind = light.map(() => random.uniform(0, 5));
    return new Frame(time, {
      acPower: { data: light.map((g, i) => 8.5 * g * (1 + (rate * i) / 8766)), unit: 'W' },
      clearSkyPoa: { data: clear, unit: 'W/m²' },
      airTemperature: { data: new Float64Array(n).fill(15), unit: '°C' },
      moduleTemperature: {
        data: light.map((g, i) => 15 + warm(i, g) / (25 + 6.8 * (wind[i] as number)) + random.normal(0, 0.2)),
        unit: '°C',
      },
      windSpeed: { data: wind, unit: 'm/s' },
    });
  };
  const options = { ratedPower: 10_000, temperatureCoefficient: 0, resamples: 50 };

  it('is told the haze by the warmth of the modules', () => {
    const frame = hazy((_, g) => g);
    const found = degradationRate(frame, options);
    const alone = degradationRate(frame.select('acPower', 'clearSkyPoa'), options);
    expect(alone.rate).toBeLessThan(rate - 0.003);
    expect(Math.abs(found.rate - rate)).toBeLessThan(1e-3);
    expect(found.standardError).toBeLessThan(alone.standardError / 2);
    // Without a witness the interval is wide enough for what the haze did.
    expect(alone.upper).toBeGreaterThan(rate);
  });

  it('does not listen to a temperature sensor that comes off', () => {
    const frame = hazy((i, g) => g * (1 - (0.05 * i) / 8766));
    const deaf = degradationRate(frame, options);
    expect(deaf.standardError).toBeGreaterThan(0.003);
    expect(Math.abs(deaf.rate - rate)).toBeLessThan(0.006);
  });
});

describe('batteryFigures', () => {
  it('counts charge and energy', () => {
    const n = 24 * 20;
    const time = Float64Array.from({ length: n }, (_, i) => i * HOUR);
    // Twelve hours of charge and of discharge a day, on 90 Ah of a battery that once had 100, with a tenth lost on the way.
    const current = Float64Array.from({ length: n }, (_, i) => (i % 24 < 12 ? 6 : -6));
    const level = Float64Array.from(
      { length: n },
      (_, i) => 10 + (100 * 6 * (i % 24 < 12 ? i % 24 : 24 - (i % 24))) / 90,
    );
    const frame = new Frame(time, {
      'battery.current': { data: current, unit: 'A' },
      batteryLevel: { data: level, unit: '%' },
      'battery.power': { data: current.map((a) => (a > 0 ? a * 50 : a * 45)), unit: 'W' },
    });
    const figures = batteryFigures(frame, { nominalCapacity: 100 });
    expect(figures.stateOfHealth).toBeCloseTo(0.9, 6);
    expect(figures.roundTripEfficiency).toBeCloseTo(0.9, 2);
    expect(figures.cycles).toBeCloseTo(0.72 * 20, 6);
    expect(figures.swings).toBeGreaterThan(30);
  });

  it('says nothing where the charge never swung', () => {
    const column = (value: number) => ({ data: new Float64Array(48).fill(value), unit: 'A' });
    const frame = new Frame(
      Float64Array.from({ length: 48 }, (_, i) => i * HOUR),
      { 'battery.current': column(0), batteryLevel: column(50), 'battery.power': column(0) },
    );
    expect(batteryFigures(frame, { nominalCapacity: 100 })).toMatchObject({
      stateOfHealth: null,
      roundTripEfficiency: null,
    });
  });
});
