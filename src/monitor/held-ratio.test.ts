import { describe, expect, it } from 'vitest';
import { HeldRatio } from './held-ratio.js';

const HOUR = 3_600_000;

describe('the ratio that is held over the night', () => {
  it('weighs hours by their expected output, so that dusk does not decide', () => {
    const held = new HeldRatio();
    for (let minute = 0; minute < 360; minute += 5) held.add(minute * 60_000, 500, 1000);
    held.add(6 * HOUR, 30, 30);
    const { value, age } = held.at(14 * HOUR) ?? {};
    expect(value).toBeGreaterThan(0.49);
    expect(value).toBeLessThan(0.52);
    expect(age).toBe(8 * HOUR);
  });

  it('is forgotten when it is too old, and follows what comes', () => {
    const held = new HeldRatio();
    expect(held.at(0)).toBeUndefined();
    held.add(0, 500, 1000);
    expect(held.at(37 * HOUR)).toBeUndefined();
    held.add(24 * HOUR, 1000, 1000);
    expect(held.at(25 * HOUR)?.value).toBeCloseTo(1, 3);
  });

  it('counts a reading once, and goes on from its state', () => {
    const held = new HeldRatio();
    held.add(0, 500, 1000);
    const again = new HeldRatio();
    again.restore(held.save());
    held.add(0, 0, 1000);
    expect(held.at(HOUR)).toEqual(again.at(HOUR));
  });
});
