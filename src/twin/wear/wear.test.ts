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
  it('are one for a sound plant, whatever its weather', () => {
    const { efficiency, testedCapacity, dcRatioBright: _bright, dcRatioDim: _dim, ...ratios } = lastDay(undefined);
    for (const [name, value] of Object.entries(ratios)) expect(value, name).toBeCloseTo(1, 1);
    expect(efficiency).toBeGreaterThan(0.9);
    expect(testedCapacity).toBeGreaterThan(0.85);
  });

  it('each tell the fault that is theirs', () => {
    const inverter = lastDay('inverter-efficiency');
    expect(inverter.conversionRatio).toBeLessThan(0.95);
    expect(inverter.dcRatio).toBeGreaterThan(0.97);
    const resistance = lastDay('series-resistance');
    expect(resistance.voltageRatio).toBeLessThan(0.97);
    expect(resistance.conversionRatio).toBeGreaterThan(0.98);
    expect(lastDay('battery-capacity-fade').testedCapacity).toBeLessThan(0.85);
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
