import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from './frame.js';

const MINUTE = 60_000;

function frameOf(time: number[], values: number[], unit = 'W'): Frame {
  return new Frame(Float64Array.from(time), { p: { data: Float64Array.from(values), unit } });
}

describe('resample', () => {
  const frame = frameOf(
    [0, 5, 10, 31, 36].map((m) => m * MINUTE),
    [1, NaN, 3, 10, 20],
  );

  it.each([
    ['mean', [2, NaN, 15]],
    ['sum', [4, NaN, 30]],
    ['min', [1, NaN, 10]],
    ['max', [3, NaN, 20]],
    ['first', [1, NaN, 10]],
    ['last', [3, NaN, 20]],
    ['count', [2, 0, 2]],
  ] as const)('%s; gaps stay gaps', (how, expected) => {
    const result = frame.resample('15m', { how });
    expect([...result.time]).toStrictEqual([0, 15, 30].map((m) => m * MINUTE));
    expect([...result.column('p')]).toStrictEqual(expected);
    expect(result.unit('p')).toBe(how === 'count' ? '1' : 'W');
  });

  it('takes one way per column and refuses unknown ones', () => {
    const two = frame.withColumn('e', frame.column('p'), 'Wh');
    const result = two.resample('1h', { how: { e: 'sum' } });
    expect(result.column('e')[0]).toBe(34);
    expect(result.column('p')[0]).toBe(8.5);
    expect(() => two.resample('1h', { how: { x: 'sum' } })).toThrow(/no column "x"/);
    expect(() => two.resample('0h')).toThrow(/not a length of time/);
    expect(() => two.resample(0.000001)).toThrow(/more than a frame can hold/);
  });

  it('keeps the energy of a power, whatever the steps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), fc.double({ min: 0, max: 1e5, noNaN: true })), {
          minLength: 3,
          maxLength: 60,
        }),
        fc.constantFrom('1m', '5m', '15m', '1h', '1d'),
        (samples, step) => {
          let at = 0;
          const time = samples.map(([minutes]) => {
            at += minutes;
            return at * MINUTE;
          });
          const irregular = frameOf(
            time,
            samples.map(([, value]) => value),
          );
          // On one-minute steps each value stands alone: their sum is the energy.
          const fine = irregular.resample('1m', { how: 'energy' });
          const coarse = fine.resample(step, { how: { p: 'sum' } });
          const total = (frame: Frame) =>
            frame.column('p').reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
          expect(total(coarse)).toBeCloseTo(total(fine), 3);
          // And each held value reaches its share of the direct way (the last one is held beyond the last minute).
          const direct = irregular.resample(step, { how: 'energy' });
          const counts = fine.resample(step, { how: 'count' });
          for (let k = 0; k < direct.length - 1; k++) {
            const minutes = counts.column('p')[k] as number;
            if (minutes > 0)
              expect((direct.column('p')[k] as number) * minutes).toBeCloseTo(coarse.column('p')[k] as number, 3);
          }
        },
      ),
    );
  });

  it('days begin at local midnight and have 23 or 25 hours when clocks change; weeks begin on Monday', () => {
    const start = Date.UTC(2026, 2, 27, 23);
    const hours = Array.from({ length: 24 * 4 }, (_, i) => start + i * 60 * MINUTE);
    const frame = frameOf(
      hours,
      hours.map(() => 1),
    );
    const spring = frame.resample('1d', { how: 'sum', zone: 'Europe/Berlin' });
    expect([...spring.column('p')].slice(0, 3)).toStrictEqual([24, 23, 24]);
    const weeks = frame.resample('1w', { how: 'count' });
    expect([...weeks.time].map((t) => new Date(t).getUTCDay())).toStrictEqual([1, 1]);
  });

  it('asks for coverage where told', () => {
    const result = frameOf(
      [0, 5, 10, 15].map((m) => m * MINUTE),
      [1, NaN, NaN, 4],
    ).resample('15m', { minCoverage: 0.5 });
    expect([...result.column('p')]).toStrictEqual([NaN, NaN]);
  });
});
