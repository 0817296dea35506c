import { describe, expect, it } from 'vitest';
import type { DaySummary } from './day.js';
import { naturalLevels, wetnessOf } from './natural.js';

const NATURAL = { rate: 0.002, clean: 0.01 };

/** Days that are known by their rain alone, mm. */
const days = (...rain: number[]): DaySummary[] => rain.map((mm) => ({ rain: mm }) as DaySummary);
const levels = (rain: readonly DaySummary[], values: readonly number[]) =>
  naturalLevels(
    values,
    NATURAL,
    0,
    rain.map((_, d) => wetnessOf(rain, d)),
  );

describe('natural soiling', () => {
  it('follows a loss no faster than dust settles', () => {
    const dry = levels(days(0, 0, 0, 0), [-0.05, -0.05, -0.05, -0.05]);
    expect(dry).toEqual([-0.002, -0.004, -0.006, -0.008].map((value) => expect.closeTo(value, 12)));
  });

  it('explains nothing by dust while the ground is damp', () => {
    const wet = levels(days(6, 0, 0, 0, 0, 0, 0, 2), Array(8).fill(-0.05));
    // Five days after the rain that washes it settles again, but not on the day of a drizzle.
    expect(wet.slice(0, 6)).toEqual(
      Array(6)
        .fill(0)
        .map((value) => expect.closeTo(value, 12)),
    );
    expect(wet[6]).toBeCloseTo(-0.002, 12);
    expect(wet[7]).toBeCloseTo(-0.002, 12);
  });

  it('leaves little after rain that washes', () => {
    const washed = levels(days(0, 0, 0, 8, 0), [-0.01, -0.01, -0.01, -0.01, -0.01]);
    expect(washed[4]).toBeCloseTo(0.3 * (washed[3] as number), 12);
  });

  it('takes every day for dry where nobody measures the rain', () => {
    expect(wetnessOf(days(Number.NaN, Number.NaN), 1)).toEqual({ washed: false, damp: false });
  });
});
