import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryStorage, type Storage } from '../storage/index.js';
import { balance, weightsOf } from './balance.js';
import { LeaseWatch } from './expiry.js';
import { type FencedTenant, takeFence } from './fenced-storage.js';
import { decodeMessage, encodeMessage } from './message.js';
import { clusterMetrics, workerMetrics } from './metrics.js';
import { clusterNames } from './names.js';
import { ArrivalOrder } from './order.js';
import { PartitionMap, partitionOf } from './partition.js';
import { withReplica } from './read-replica.js';
import { Spool } from './spool.js';
import { claimed, emptyTable, ownedBy, released } from './table.js';

describe('partitions', () => {
  it('are the same for ever, evenly filled, and move few assets when a stream gets more of them', () => {
    // Fixed values: a change of the hash would send assets to other partitions than those that hold their state.
    expect(['a', 'plant-1', 'Übersee', ''].map((id) => partitionOf('default', id))).toEqual(
      ['a', 'plant-1', 'Übersee', ''].map((id) => new PartitionMap(64).of('default', id)),
    );
    expect(['plant-0', 'plant-1', 'plant-2', 'plant-3'].map((id) => partitionOf('default', id))).toMatchInlineSnapshot(`
      [
        45,
        35,
        35,
        19,
      ]
    `);
    const counts = new Array<number>(64).fill(0);
    let moved = 0;
    for (let i = 0; i < 20_000; i++) {
      const partition = partitionOf('t', `asset-${i}`);
      counts[partition] = (counts[partition] as number) + 1;
      if (partitionOf('t', `asset-${i}`, 65) !== partition) moved++;
    }
    // Poisson: 312 ± 18; five deviations.
    expect(Math.min(...counts)).toBeGreaterThan(220);
    expect(Math.max(...counts)).toBeLessThan(405);
    expect(moved / 20_000).toBeLessThan(0.025);
  });

  it('of a tenant are not those of another', () => {
    const same = Array.from({ length: 200 }, (_, i) => partitionOf('a', `x${i}`) === partitionOf('b', `x${i}`));
    expect(same.filter(Boolean).length).toBeLessThan(20);
  });
});

describe('messages', () => {
  it('come back as they were, and what is none is refused', () => {
    const message = {
      tenantId: 't',
      publisher: 'p',
      number: 3,
      readings: [
        { assetId: 'a', time: 1, values: { voltage: 0.1 }, quality: { voltage: 2 } },
        { assetId: 'b', time: 2, values: {} },
      ],
    };
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
    const bytes = (text: string) => new TextEncoder().encode(text);
    for (const text of [
      '',
      'null',
      '[]',
      '{}',
      '{"format":1,"tenant":"t","rows":[[1]]}',
      '{"format":1,"tenant":"","rows":[]}',
    ])
      expect(() => decodeMessage(bytes(text))).toThrow(expect.objectContaining({ code: 'CLUSTER_BAD_MESSAGE' }));
    expect(() => decodeMessage(bytes('{"format":9}'))).toThrow(
      expect.objectContaining({ code: 'CLUSTER_NEWER_MESSAGE' }),
    );
  });

  it('have subjects that no tenant can break out of', () => {
    expect(clusterNames('x').live('a.b > *', 'reading')).toBe('x.live.a=2e=b=20==3e==20==2a=.reading');
  });
});

describe('what may be taken in together', () => {
  it('is what is newer than all that came before of its asset', () => {
    const order = new ArrivalOrder();
    const at = (assetId: string, time: number) => ({ assetId, time, values: {} });
    expect(order.follows([at('a', 1), at('b', 1)])).toBe(false);
    expect(order.follows([at('a', 2), at('b', 2)])).toBe(true);
    expect(order.follows([at('a', 2)])).toBe(false);
    expect(order.follows([at('a', 4), at('a', 3)])).toBe(true);
    expect(order.follows([at('a', 4), at('b', 9)])).toBe(false);
    expect(order.follows([at('b', Number.NaN)])).toBe(false);
  });
});

describe('leases', () => {
  it('run out when they stand still for the observer, not by anybody’s clock', () => {
    let now = 0;
    const watch = new LeaseWatch(() => now);
    expect(watch.age('a')).toBe(Number.POSITIVE_INFINITY);
    watch.see('a', 1);
    now = 3_000;
    watch.see('a', 1);
    expect(watch.age('a')).toBe(3_000);
    watch.see('a', 2);
    expect(watch.age('a')).toBe(0);
    now = 60_000;
    watch.forgive(55_000);
    expect(watch.age('a')).toBe(2_000);
    watch.forgive(55_000);
    expect(watch.age('a')).toBe(0);
  });
});

describe('balance', () => {
  const ownersOf = (
    table: ReturnType<typeof emptyTable>,
    workers: readonly string[],
    rates = new Map<number, number>(),
  ) => {
    let current = table;
    for (let round = 0; round < 50; round++) {
      const moves = balance({ table: current, workers, rates });
      if (moves.length === 0) break;
      for (const { partition, from, to } of moves) {
        if (from !== null) current = released(current, from, new Map([[partition, to]]));
        current = claimed(current, to, [partition]);
      }
    }
    return current;
  };

  it('shares evenly, moves little when a worker comes, and nothing when nothing changed', () => {
    const one = ownersOf(emptyTable(64), ['a']);
    expect(ownedBy(one, 'a').length).toBe(64);
    const two = ownersOf(one, ['a', 'b']);
    expect([ownedBy(two, 'a').length, ownedBy(two, 'b').length].sort()).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(Math.abs(ownedBy(two, 'a').length - 32)).toBeLessThanOrEqual(4);
    const three = ownersOf(two, ['a', 'b', 'c']);
    const moved = three.partitions.filter(({ owner }, i) => owner !== two.partitions[i]?.owner);
    expect(moved.every(({ owner }) => owner === 'c')).toBe(true);
    expect(balance({ table: three, workers: ['a', 'b', 'c'], rates: new Map() })).toEqual([]);
  });

  it('goes by load as well as by count', () => {
    const rates = new Map(Array.from({ length: 16 }, (_, i) => [i, i === 0 ? 1_000 : 1]));
    const table = ownersOf(emptyTable(16), ['a', 'b'], rates);
    const busy = table.partitions[0]?.owner as string;
    const other = busy === 'a' ? 'b' : 'a';
    expect(ownedBy(table, busy).length).toBeLessThan(ownedBy(table, other).length);
    expect(weightsOf(16, rates).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1);
  });

  it('leaves what belongs to somebody who is leaving', () => {
    const table = claimed(emptyTable(4), 'gone', [0, 1]);
    const moves = balance({ table, workers: ['a'], rates: new Map() });
    expect(moves.map(({ partition }) => partition).sort()).toEqual([2, 3]);
  });

  it('gives what was promised to whom it was promised', () => {
    const table = released(claimed(emptyTable(2), 'a', [0, 1]), 'a', new Map([[1, 'c']]));
    expect(balance({ table, workers: ['a', 'b', 'c'], rates: new Map() })).toContainEqual({
      partition: 1,
      from: null,
      to: 'c',
    });
  });

  it('epochs only grow, also beyond what the table knows', () => {
    const table = claimed(emptyTable(3), 'a', [0, 2]);
    expect(table.partitions.map(({ epoch }) => epoch)).toEqual([1, 0, 2]);
    expect(claimed(table, 'b', [0], 41).partitions[0]).toEqual({ owner: 'b', epoch: 42 });
    expect(released(table, 'b', new Map([[0, undefined]]))).toEqual(table);
  });
});

describe('fenced storage', () => {
  const reading = (time: number) => ({ assetId: 'a', time, values: { voltage: 1 } });
  const take = (storage: Storage, epoch: number): Promise<FencedTenant> => takeFence(storage, 'c/1/', epoch, 1);

  it('refuses every write of an owner that has a successor, and stores nothing of it', async () => {
    const storage = await memoryStorage();
    const first = await take(storage, 1);
    await first.storage.commit({ readings: [reading(1)] });
    const second = await take(storage, 2);
    const message = { id: 'm', time: 1, topic: 't' };
    const refused = expect.objectContaining({ code: 'STORAGE_FENCED' });
    await expect(first.storage.commit({ readings: [reading(2)] })).rejects.toThrow(refused);
    await expect(first.storage.write([reading(2)])).rejects.toThrow(refused);
    await expect(first.storage.put('outbox', [message])).rejects.toThrow(refused);
    await expect(first.storage.remove('outbox', ['x'])).rejects.toThrow(refused);
    await expect(first.storage.import([])).rejects.toThrow(expect.objectContaining({ code: 'CLUSTER_UNFENCED' }));
    await expect(take(storage, 1)).rejects.toThrow(refused);
    await second.storage.write([reading(3)]);
    expect((await storage.read({ assetId: 'a' })).length).toBe(2);
    expect((await storage.list('outbox')).rows).toEqual([]);
  });

  it('keeps positions with what was written, and each partition’s state apart and checked', async () => {
    const storage = await memoryStorage();
    const own = await take(storage, 1);
    own.position = { sequence: 7, publishers: { p: 3 } };
    await own.storage.commit({ put: { checkpoints: [{ id: 'monitor', time: 1, state: { a: [0.1, -0, null] } }] } });
    const other = await takeFence(storage, 'c/2/', 5, 1);
    expect(await other.storage.get('checkpoints', 'monitor')).toBeUndefined();
    expect((await other.storage.list('checkpoints')).rows.map(({ id }) => id)).toEqual(['fence']);
    const next = await take(storage, 2);
    expect(next.position).toEqual({ sequence: 7, publishers: { p: 3 } });
    expect((await next.storage.get('checkpoints', 'monitor'))?.state).toEqual({ a: [0.1, 0, null] });
    await storage.put('checkpoints', [{ id: 'c/1/monitor', time: 1, state: { a: [0.2] }, position: { crc32: 1 } }]);
    const damaged = expect.objectContaining({ code: 'CLUSTER_DAMAGED_STATE' });
    await expect(next.storage.get('checkpoints', 'monitor')).rejects.toThrow(damaged);
  });

  it('deflates long state, gives it back as it was, and knows when it is damaged', async () => {
    const storage = await memoryStorage();
    const own = await take(storage, 1);
    const state = {
      tracks: Array.from({ length: 60 }, (_, i) => ({ rule: `rule-${i % 4}`, value: 1 / (i + 3), text: 'Ü\u0000' })),
    };
    await own.storage.put('checkpoints', [{ id: 'long', time: 1, state }]);
    const stored = await storage.get('checkpoints', 'c/1/long');
    expect(JSON.stringify(stored?.state).length).toBeLessThan(JSON.stringify(state).length / 2);
    const [read, listed] = [await own.storage.get('checkpoints', 'long'), await own.storage.list('checkpoints')];
    expect(read?.state).toEqual(state);
    expect(listed.rows.find(({ id }) => id === 'long')?.state).toEqual(state);
    const damaged = expect.objectContaining({ code: 'CLUSTER_DAMAGED_STATE' });
    const { deflated } = (stored?.state ?? { deflated: '' }) as { deflated: string };
    for (const bad of [`A${deflated.slice(1)}`, deflated.slice(0, -8), '']) {
      await storage.put('checkpoints', [{ ...stored, id: 'c/1/long', time: 1, state: { deflated: bad } }]);
      await expect(own.storage.get('checkpoints', 'long')).rejects.toThrow(damaged);
    }
  });

  it('lets partitions share the outbox without seeing each other’s messages', async () => {
    const storage = await memoryStorage();
    const one = await take(storage, 1);
    const two = await takeFence(storage, 'c/2/', 1, 1);
    await one.storage.put('outbox', [{ id: 'k', time: 1, topic: 'alert' }]);
    expect((await two.storage.list('outbox', { where: { topic: 'alert' } })).rows).toEqual([]);
    expect((await one.storage.list('outbox', { where: { topic: 'alert' } })).rows).toEqual([
      { id: 'k', time: 1, topic: 'alert' },
    ]);
  });
});

describe('spool', () => {
  it('keeps messages in order over a restart, and goes on counting', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'twinergy-spool-'));
    const file = join(folder, 'spool.db');
    const message = (spool: Spool, partition: number) => {
      const number = spool.nextNumber(partition);
      return { partition, id: `${spool.publisher}:${partition}:${number}`, body: `${partition}/${number}` };
    };
    const first = await Spool.open(file);
    await Promise.all([
      first.add([message(first, 1), message(first, 2)]),
      first.add([message(first, 1)]),
      first.add([message(first, 1)]),
    ]);
    await first.remove((await first.oldest(1)).map(({ id }) => id));
    await first.close();
    const second = await Spool.open(file);
    expect([second.waiting, second.publisher]).toEqual([3, first.publisher]);
    await second.add([message(second, 1)]);
    expect((await second.oldest(10)).map(({ body }) => body)).toEqual(['2/1', '1/2', '1/3', '1/4']);
    await second.close();
    await rm(folder, { recursive: true });
  });
});

describe('read replica', () => {
  it('answers questions; writes go to the database', async () => {
    const [primary, replica] = [await memoryStorage(), await memoryStorage()];
    const both = withReplica(primary, replica);
    await both.tenant('t').write([{ assetId: 'a', time: 1, values: { voltage: 1 } }]);
    expect((await primary.tenant('t').latest()).length).toBe(1);
    expect(await both.tenant('t').latest()).toEqual([]);
    await replica.tenant('t').write([{ assetId: 'a', time: 5, values: { voltage: 1 } }]);
    expect((await both.tenant('t').latest()).map(({ time }) => time)).toEqual([5]);
    await both.close();
    await expect(replica.latest()).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_CLOSED' }));
  });
});

describe('metrics', () => {
  it('are in the text format of Prometheus', () => {
    const record = {
      format: 1,
      id: 'w"1',
      run: 'r',
      started: 0,
      beat: 1,
      draining: false,
      reads: 1,
      partitions: [{ partition: 0, epoch: 1, lag: 3, rate: 2.5, sequence: 9 }],
      readings: 10,
      takeovers: 1,
      handovers: 0,
      fenced: 0,
      failedStarts: 2,
      p50: 12,
      p99: null,
    };
    const text = workerMetrics(record);
    expect(text).toContain('twinergy_cluster_lag_messages{worker="w\\"1"} 3\n');
    expect(text).toContain('twinergy_cluster_wait_seconds{worker="w\\"1",quantile="0.5"} 0.012\n');
    expect(text).toContain('quantile="0.99"} NaN');
    expect(text).toContain('twinergy_cluster_failed_starts_total{worker="w\\"1"} 2\n');
    const cluster = clusterMetrics({
      name: 'c',
      workers: [{ ...record, leaseAge: 500 }],
      partitions: [{ partition: 0, owner: null, epoch: 1, lag: null, rate: null, sequence: null }],
      shadows: [],
      stream: { messages: 5, bytes: 100, lastSequence: 9 },
    });
    expect(cluster).toContain('twinergy_cluster_partitions_orphaned{cluster="c"} 1\n');
    for (const line of `${text}${cluster}`.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+\{.+\} (NaN|-?[\d.e+-]+))$/);
  });
});
