import type { KvWatchEntry } from '@nats-io/kv';
import { expect, it, vi } from 'vitest';
import { TypedEvents } from '../core/index.js';
import { memoryStorage } from '../storage/index.js';
import type { ClusterLink } from './link.js';
import type { WorkEvents } from './work.js';
import { WorkerModels } from './worker-models.js';

const entry = (revision: number, tenant: string, isUpdate: boolean) =>
  ({ revision, isUpdate, json: () => ({ tenant }) }) as KvWatchEntry;

async function models() {
  const events = new TypedEvents<WorkEvents>();
  const troubles: unknown[] = [];
  events.on('trouble', (trouble) => troubles.push(trouble));
  const own = new WorkerModels({} as ClusterLink, { storage: await memoryStorage(), assets: [] }, events);
  return { own, troubles };
}

it('are looked up anew when others were spread, also while the watch was cut off', async () => {
  const { own } = await models();
  const shelves = () => [own.of('a'), own.of('b')];
  const [a, b] = shelves();
  // What was spread before the worker began is what it has.
  own.hear(entry(5, 'a', false));
  expect(shelves()).toEqual([a, b]);
  expect(own.of('a')).toBe(a);
  own.hear(entry(6, 'a', true));
  const next = own.of('a');
  expect(next).not.toBe(a);
  expect(own.of('b')).toBe(b);
  // A watch that begins anew with nothing new; then with something that it missed.
  own.hear(entry(6, 'a', false));
  expect(own.of('a')).toBe(next);
  own.hear(entry(8, 'a', false));
  expect(own.of('a')).not.toBe(next);
  expect(own.of('b')).not.toBe(b);
});

it('that cannot be taken into use are tried again, and hold up nobody', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { own, troubles } = await models();
  const used: number[] = [];
  const works = [1, 2].map((partition) => ({
    partition,
    useModels: async () => {
      if (partition === 1 && used.length === 0) throw new Error('away');
      used.push(partition);
    },
  }));
  await own.swap(works);
  expect(used).toEqual([2]);
  expect(troubles).toEqual([{ partition: 1, error: new Error('away') }]);
  // Not at once.
  await own.swap(works);
  expect(used).toEqual([2, 2]);
  vi.advanceTimersByTime(600);
  await own.swap(works);
  expect(used).toEqual([2, 2, 1, 2]);
  vi.useRealTimers();
});
