import { describe, expect, it } from 'vitest';
import { DigitalTwin, examplePlant } from '../index.js';
import { examplePump, PumpModel } from '../pump/model.js';
import { dailyWear, wearMeterOf } from './index.js';

const DAY = 86_400_000;

/** Figures of the last of some days, by name. */
function lastDay(fault: string | undefined, days = 6): Record<string, number> {
  const twin = new DigitalTwin(examplePlant());
  const { telemetry } = twin.simulate({
    from: '2026-06-01',
    days,
    step: '1h',
    seed: 2,
    ...(fault !== undefined && { faults: [{ id: fault, severity: 0.8, progression: 'step' as const }] }),
  });
  const rows = dailyWear(twin.model, telemetry, DAY);
  expect(rows).toHaveLength(days);
  return Object.fromEntries(wearMeterOf(twin.model).channels.map(({ name }, c) => [name, rows.at(-1)?.[c] as number]));
}

describe('figures of wear', () => {
  it('are one for a sound plant, or nothing where they tell what is missing, whatever its weather', () => {
    const { shuntLeak, voltageMissing, dcRatioBright: _bright, dcRatioDim: _dim, ...ratios } = lastDay(undefined);
    for (const [name, value] of Object.entries(ratios)) expect(value, name).toBeCloseTo(1, 1);
    for (const value of [shuntLeak, voltageMissing]) expect(Math.abs(value as number)).toBeLessThan(0.05);
  });

  it('each tell the fault that is theirs', () => {
    const inverter = lastDay('inverter-efficiency');
    expect(inverter.conversionRatio).toBeLessThan(0.95);
    expect(inverter.efficiency).toBeLessThan(0.9);
    expect(inverter.dcRatio).toBeGreaterThan(0.97);
    const resistance = lastDay('series-resistance');
    expect(resistance.voltageRatio).toBeLessThan(0.97);
    expect(resistance.voltageMissing).toBeGreaterThan(0.1);
    expect(resistance.conversionRatio).toBeGreaterThan(0.98);
    expect(lastDay('battery-capacity-fade').testedCapacity).toBeLessThan(0.85);
  });

  it('tell leaking shunts alike in bright and dull weeks, and about 1 where a fifth of the output is lost', () => {
    const twin = new DigitalTwin(examplePlant());
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const figures = (severity: number) => {
      const { telemetry } = twin.simulate({
        from: '2026-03-01',
        days: 42,
        step: '1h',
        seed: 2,
        faults: [{ id: 'pid', severity, progression: 'step', days: 0 }],
      });
      const rows = dailyWear(twin.model, telemetry, DAY);
      const names = wearMeterOf(twin.model).channels.map(({ name }) => name);
      const weeks = (name: string, sign: number, shift: number) =>
        Array.from({ length: 6 }, (_, w) => {
          const days = rows.slice(7 * w, 7 * w + 7).map((row) => sign * ((row[names.indexOf(name)] as number) - shift));
          return mean(days.filter(Number.isFinite));
        });
      return { leak: weeks('shuntLeak', 1, 0), loss: weeks('dcRatio', -1, 1) };
    };
    const range = (weeks: number[]) => (Math.max(...weeks) - Math.min(...weeks)) / mean(weeks);
    const [half, whole] = [figures(0.25), figures(0.5)];
    expect(range(whole.leak)).toBeLessThan(0.1);
    expect(range(whole.loss)).toBeGreaterThan(3 * range(whole.leak));
    // It grows with the severity, while the loss grows by factors.
    expect(mean(whole.leak) / mean(half.leak)).toBeCloseTo(2, 0);
    expect(mean(whole.leak) / mean(half.leak)).toBeLessThan(2.5);
    expect(mean(whole.loss) / mean(half.loss)).toBeGreaterThan(2.8);
    expect(mean(whole.loss)).toBeGreaterThan(0.1);
    expect(Math.abs(mean(whole.leak) - 0.9)).toBeLessThan(0.3);
  });

  it('go on to the bit after a day was interrupted', () => {
    const twin = new DigitalTwin(examplePlant());
    const { telemetry } = twin.simulate({ from: '2026-06-01', days: 1, step: '1h', seed: 2 });
    const [whole, first, second] = [0, 1, 2].map(() => wearMeterOf(twin.model));
    const expected = [...twin.expected(telemetry).rows()];
    [...telemetry.rows()].forEach(({ time, values }, i) => {
      whole?.add(time, values, expected[i]?.values ?? {});
      (i < 13 ? first : second)?.add(time, values, expected[i]?.values ?? {});
      if (i === 12) second?.load(JSON.parse(JSON.stringify(first?.save())));
    });
    expect(second?.take()).toEqual(whole?.take());
  });

  it('are one ratio a stage for assets that name none', () => {
    const model = new PumpModel(examplePump);
    expect(wearMeterOf(model).channels).toHaveLength(model.stages.length);
  });
});
