import { describe, expect, it, vi } from 'vitest';
import { memoryStorage } from '../memory/index.js';
import { storageConformance } from '../testing/index.js';
import { lruCache } from './cache.js';
import { cached } from './cached.js';

storageConformance(
  { describe, it },
  { name: 'cached memory', open: async () => cached(await memoryStorage(), lruCache()) },
);

describe('cached', () => {
  it('asks the store once, and again after a write', async () => {
    const storage = await memoryStorage();
    const latest = vi.spyOn(storage, 'latest');
    const front = cached(storage, lruCache());
    await front.write([{ assetId: 'a', time: 1, values: { voltage: 1 } }]);
    await front.latest();
    await front.latest();
    expect(latest).toHaveBeenCalledTimes(1);
    await front.write([{ assetId: 'a', time: 2, values: { voltage: 2 } }]);
    expect((await front.latest())[0]?.values).toEqual({ voltage: 2 });
    expect(latest).toHaveBeenCalledTimes(2);
  });

  it('forgets by age and by number', async () => {
    let now = 0;
    const cache = lruCache(2, () => now);
    await cache.set('a', '1', 10);
    await cache.set('b', '2', 100);
    await cache.get('a');
    await cache.set('c', '3', 100);
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual(['1', undefined, '3']);
    now = 10;
    expect(await cache.get('a')).toBeUndefined();
  });
});
