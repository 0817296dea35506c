import { expect, it } from 'vitest';
import { HoldOff } from './hold-off.js';

it('waits twice as long after each failure in a row, up to a limit', () => {
  let now = 0;
  const holdOff = new HoldOff(() => now);
  const waits: number[] = [];
  for (let i = 0; i < 7; i++) {
    holdOff.failed(1);
    const began = now;
    while (holdOff.holds(1)) now += 100;
    waits.push(now - began);
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(holdOff.holds(2)).toBe(false);
  holdOff.succeeded(1);
  expect(holdOff.times(1)).toBe(0);
});
