import { describe, expect, it } from 'vitest';
import { DigitalTwin, examplePlant, type FaultRequest, sensorFaults } from '../index.js';

const period = { from: '2026-06-20', days: 3, step: '15m', seed: 4 } as const;
const twin = new DigitalTwin(examplePlant('roof'));
const sound = twin.simulate(period);

/** How each sensor fault shows: `was` and `is` are the sound and the faulty measurement of a row. */
const cases: Record<
  string,
  { fault: FaultRequest; channel: string; also?: string; check(was: Float64Array, is: Float64Array): void }
> = {
  bias: {
    fault: { id: 'bias', severity: 0.5, target: 'airTemperature' },
    channel: 'airTemperature',
    check: (was, is) => {
      for (const [row, value] of was.entries()) expect(is[row]).toBeCloseTo(value + 2, 9);
    },
  },
  drift: {
    fault: { id: 'drift', severity: 1, days: 3, target: 'moduleTemperature' },
    channel: 'moduleTemperature',
    check: (was, is) => {
      expect((is[0] as number) - (was[0] as number)).toBe(0);
      expect((is[287] as number) - (was[287] as number)).toBeCloseTo(7 * (287 / 288), 6);
    },
  },
  gain: {
    fault: { id: 'gain', severity: 1, target: 'string2.dcCurrent' },
    channel: 'string2.dcCurrent',
    check: (was, is) => {
      for (const [row, value] of was.entries()) expect(is[row]).toBeCloseTo(0.7 * value, 9);
    },
  },
  stuck: {
    fault: { id: 'stuck', from: '2026-06-21T10:00Z' },
    channel: 'poaGlobal',
    also: 'irradiance',
    check: (was, is) => {
      expect(is.slice(0, 136)).toEqual(was.slice(0, 136));
      expect(new Set(is.slice(136)).size).toBe(1);
      expect(is[136]).toBe(was[136]);
    },
  },
  spike: {
    fault: { id: 'spike', severity: 1, target: 'ghi' },
    channel: 'ghi',
    check: (was, is) => {
      const hit = was.filter((value, row) => value !== is[row]).length;
      expect(hit).toBeGreaterThan(3);
      expect(hit).toBeLessThan(40);
    },
  },
  noise: {
    fault: { id: 'noise', severity: 0.5, target: 'ghi' },
    channel: 'ghi',
    check: (was, is) => {
      const variance = was.reduce((sum, value, row) => sum + (value - (is[row] as number)) ** 2, 0) / was.length;
      expect(Math.sqrt(variance)).toBeGreaterThan(40);
      expect(Math.sqrt(variance)).toBeLessThan(60);
    },
  },
  dropout: {
    fault: { id: 'dropout', severity: 0.5, target: 'acPower' },
    channel: 'acPower',
    also: 'solarPower',
    check: (_, is) => {
      const missing = is.filter((value) => Number.isNaN(value)).length / is.length;
      expect(missing).toBeGreaterThan(0.2);
      expect(missing).toBeLessThan(0.6);
    },
  },
  'clock-shift': {
    fault: { id: 'clock-shift', severity: 1 / 3 },
    channel: 'poaGlobal',
    also: 'irradiance',
    check: (was, is) => expect(is.slice(4)).toEqual(was.slice(0, -4)),
  },
  'unit-mix-up': {
    fault: { id: 'unit-mix-up', target: 'meterPower' },
    channel: 'meterPower',
    check: (was, is) => {
      for (const [row, value] of was.entries()) expect(is[row]).toBeCloseTo(value / 1000, 9);
    },
  },
  'irradiance-sensor-soiling': {
    fault: { id: 'irradiance-sensor-soiling', severity: 1, days: 1 },
    channel: 'poaGlobal',
    also: 'irradiance',
    check: (was, is) => expect((is[240] as number) / (was[240] as number)).toBeCloseTo(0.7, 9),
  },
  'irradiance-sensor-misaligned': {
    fault: { id: 'irradiance-sensor-misaligned', severity: 1 },
    channel: 'poaGlobal',
    also: 'irradiance',
    check: (was, is) => {
      const gain = (from: number, to: number) => {
        const sum = (data: Float64Array) => data.subarray(from, to).reduce((total, value) => total + value, 0);
        return sum(is) / sum(was);
      };
      expect(gain(24, 36)).not.toBeCloseTo(1, 2);
    },
  },
  'swapped-channels': {
    fault: { id: 'swapped-channels', target: 'string1.dcCurrent', other: 'string4.dcCurrent' },
    channel: 'string1.dcCurrent',
    also: 'string4.dcCurrent',
    check: (_, is) => expect(is).toEqual(sound.telemetry.column('string4.dcCurrent')),
  },
};

describe('each sensor fault shows in its channel, and the plant does not notice', () => {
  it('covers the whole catalogue', () => {
    expect(Object.keys(cases).sort()).toEqual(sensorFaults.map(({ id }) => id).sort());
  });

  it.each(Object.entries(cases))('%s', (_, { fault, channel, also, check }) => {
    const faulty = twin.simulate({ ...period, faults: [fault] });
    check(sound.telemetry.column(channel), faulty.telemetry.column(channel));
    for (const [name, { data }] of sound.telemetry.columns()) {
      if (name !== channel && name !== also) expect(faulty.telemetry.column(name), name).toEqual(data);
    }
    for (const [name, { data }] of sound.truth.frame.columns())
      expect(faulty.truth.frame.column(name), name).toEqual(data);
    expect(faulty.truth.labels).toEqual([
      expect.objectContaining({ fault: fault.id, layer: 'measurement', lostEnergyKwh: 0 }),
    ]);
  });

  it('asks for the second channel of a swap', () => {
    expect(() => twin.simulate({ ...period, faults: [{ id: 'swapped-channels', target: 'ghi' }] })).toThrow(
      /needs `other`/,
    );
  });
});
