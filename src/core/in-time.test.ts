import { expect, it } from 'vitest';
import { inTime } from './in-time.js';

it('gives what comes in time, and else what stands for it, or its error', async () => {
  const never = new Promise<number>(() => undefined);
  expect(await inTime(Promise.resolve(1), 1_000, () => 2)).toBe(1);
  expect(await inTime(never, 1, () => 2)).toBe(2);
  await expect(
    inTime(never, 1, () => {
      throw new Error('too late');
    }),
  ).rejects.toThrow('too late');
  await expect(inTime(Promise.reject(new Error('failed')), 1_000, () => 2)).rejects.toThrow('failed');
});
