import { Redis } from 'ioredis';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { memoryStorage } from '../memory/index.js';
import { storageConformance } from '../testing/index.js';
import { lruCache, redisCache } from './cache.js';
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

  it('forgets only what a write touches', async () => {
    const storage = await memoryStorage();
    const asked = {
      latest: vi.spyOn(storage, 'latest'),
      rollup: vi.spyOn(storage, 'rollup'),
      list: vi.spyOn(storage, 'list'),
    };
    const front = cached(storage, lruCache());
    const ask = async () => {
      await front.latest(['a']);
      await front.rollup({ assetId: 'a', channel: 'voltage', step: '1h' });
      await front.list('predictions');
      const counts = Object.values(asked).map(({ mock }) => mock.calls.length);
      for (const spy of Object.values(asked)) spy.mockClear();
      return counts;
    };
    await front.write([{ assetId: 'a', time: 1, values: { voltage: 1 } }]);
    expect(await ask()).toEqual([1, 1, 1]);
    expect(await ask()).toEqual([0, 0, 0]);
    await front.write([{ assetId: 'b', time: 1, values: { voltage: 1 } }]);
    expect(await ask()).toEqual([0, 0, 0]);
    await front.commit({ readings: [{ assetId: 'a', time: 2, values: { voltage: 1 } }] });
    expect(await ask()).toEqual([1, 1, 0]);
    await front.commit({ put: { predictions: [{ id: 'p', time: 1, kind: 'power' }] } });
    expect(await ask()).toEqual([0, 0, 1]);
    await front.retain({ tables: { predictions: 0 } }, { now: 10 });
    expect(await ask()).toEqual([1, 1, 1]);
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

const redis = new Redis({ host: '127.0.0.1', port: 6379, lazyConnect: true, retryStrategy: () => null });
const there = await redis.connect().then(
  () => true,
  () => false,
);

if (!there && process.env.CI === undefined) {
  describe.skip('redis: no server at 127.0.0.1:6379', () => undefined);
} else {
  const prefix = `twinergy-test-${process.pid}:`;
  const forget = async () => {
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(keys);
  };
  storageConformance(
    { describe, it },
    {
      name: 'memory behind Redis',
      open: async () => cached(await memoryStorage(), redisCache(redis, prefix)),
      cleanUp: forget,
    },
  );

  describe('redisCache', () => {
    afterAll(async () => {
      await forget();
      redis.disconnect();
    });

    it('two nodes in front of one store: neither serves what the other has replaced', async () => {
      const storage = await memoryStorage();
      const other = redis.duplicate();
      const nodes = [
        cached(storage, redisCache(redis, `${prefix}two:`)),
        cached(storage, redisCache(other, `${prefix}two:`)),
      ];
      const asked = vi.spyOn(storage, 'latest');
      for (let i = 0; i < 10; i++) {
        await nodes[i % 2]?.write([{ assetId: 'a', time: i, values: { voltage: i } }]);
        for (const node of nodes) expect((await node.latest())[0]?.time).toBe(i);
      }
      // The second node found what the first had asked for.
      expect(asked).toHaveBeenCalledTimes(10);
      other.disconnect();
    });
  });
}
