import { expect, it } from 'vitest';
import type { WorkerLine } from './fleet.js';
import { Takeovers } from './takeovers.js';

const line = (type: WorkerLine['type'], worker: string, epoch: number, at = 0): WorkerLine => ({
  type,
  worker,
  partition: 1,
  epoch,
  at,
});

it('goes by epochs where lines of two workers come in another order', () => {
  const takeovers = new Takeovers();
  takeovers.hear(line('owned', 'b', 2));
  takeovers.hear(line('owned', 'a', 1));
  takeovers.hear(line('released', 'a', 1));
  expect([takeovers.owned, takeovers.owners]).toEqual([1, ['b']]);
  takeovers.hear(line('released', 'b', 2));
  expect(takeovers.owned).toBe(0);
});

it('does not count what a worker says that was taken away, and measures from then on', () => {
  const takeovers = new Takeovers();
  takeovers.lost('a');
  const late = Date.now() + 100;
  takeovers.hear(line('owned', 'a', 1, late));
  expect(takeovers.owned).toBe(0);
  takeovers.hear(line('owned', 'b', 2, late + 4_000));
  expect([takeovers.owned, takeovers.times]).toEqual([1, [4_000]]);
  takeovers.back('a');
  takeovers.hear(line('owned', 'a', 3, late + 5_000));
  expect([takeovers.owners, takeovers.times]).toEqual([['a'], [4_000]]);
});
