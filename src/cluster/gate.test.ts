import { expect, it } from 'vitest';
import { Gate } from './gate.js';

it('lets so many through at a time, in their order, also after one that failed', async () => {
  const gate = new Gate(2);
  const began: number[] = [];
  let most = 0;
  let now = 0;
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4].map((number) =>
      gate.pass(async () => {
        began.push(number);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        if (number === 1) throw new Error('no');
        return number;
      }),
    ),
  );
  expect([began, most]).toEqual([[0, 1, 2, 3, 4], 2]);
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true, true]);
});
