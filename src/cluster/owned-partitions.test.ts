import type { KV, KvEntry } from '@nats-io/kv';
import { expect, it } from 'vitest';
import { TypedEvents } from '../core/index.js';
import { memoryStorage, type Storage } from '../storage/index.js';
import { examplePlant } from '../twin/index.js';
import { readTable } from './bucket.js';
import { Gate } from './gate.js';
import type { ClusterLink } from './link.js';
import { clusterNames } from './names.js';
import { OwnedPartitions } from './owned-partitions.js';
import { claimed, emptyTable } from './table.js';
import type { WorkEvents } from './work.js';

/** A bucket in memory: the calls that partitions make of it. */
function memoryBucket(): KV {
  const values = new Map<string, { readonly text: string; readonly revision: number }>();
  let revision = 0;
  const put = async (key: string, text: string): Promise<number> => {
    values.set(key, { text, revision: ++revision });
    return revision;
  };
  const get = async (key: string): Promise<Partial<KvEntry> | null> => {
    const found = values.get(key);
    if (found === undefined) return null;
    const { text } = found;
    return { operation: 'PUT', revision: found.revision, length: text.length, json: <T>() => JSON.parse(text) as T };
  };
  return { get, create: put, update: put } as unknown as KV;
}

async function partitionsOn(storage: Storage, startLimit: number) {
  const bucket = memoryBucket();
  const table = claimed(emptyTable(2), 'me', [0, 1]);
  await bucket.create('table', JSON.stringify(table));
  // There is no stream: readers try again and again.
  const link = { bucket, names: clusterNames('t'), name: 't', partitions: 2, js: {}, manager: {} } as ClusterLink;
  const events = new TypedEvents<WorkEvents>();
  const troubles: unknown[] = [];
  events.on('trouble', ({ error }) => troubles.push(error));
  const assets = Array.from({ length: 4 }, (_, i) => examplePlant('home', `a${i}`));
  const owned = new OwnedPartitions({
    id: 'me',
    startLimit,
    mayStart: () => true,
    onChange: () => undefined,
    context: {
      link,
      events,
      options: { storage, assets, monitor: { models: false }, tick: 0 },
      models: () => false,
      onMonitor: () => undefined,
      onStored: () => undefined,
      writes: new Gate(4),
      onLost: () => undefined,
    },
  });
  const owner = async (partition: number) => (await readTable(bucket, 2)).table.partitions[partition]?.owner;
  return { owned, table, owner, troubles };
}

/** A store of which the first question about partition 1 is answered by `answer`. */
async function storageThat(answer: () => Promise<never>): Promise<Storage> {
  const storage = await memoryStorage();
  let asked = false;
  const troubled = new Proxy(storage.tenant('default'), {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      if (key !== 'get') return member.bind(target);
      return (table: 'checkpoints', id: string) => {
        if (asked || !id.startsWith('t/1/')) return target.get(table, id);
        asked = true;
        return answer();
      };
    },
  });
  return new Proxy(storage, {
    get: (target, key) => (key === 'tenant' ? () => troubled : Reflect.get(target, key, target)),
  });
}

it.each([
  ['fails', () => Promise.reject(new Error('The disk is broken.')), 'The disk is broken.'],
  ['hangs', () => new Promise<never>(() => undefined), 'Beginning partition 1 took more than 0.3 s.'],
])(
  'a partition whose start %s is given back with its reason, and begins when it is tried again',
  async (_, answer, reason) => {
    const { owned, table, owner, troubles } = await partitionsOn(await storageThat(answer), 300);
    owned.follow(table);
    await until(async () => owned.counts.failedStarts === 1 && (await owner(1)) === null);
    expect(troubles).toEqual([expect.objectContaining({ message: reason })]);
    expect([owned.numbers, await owner(0)]).toEqual([[0], 'me']);
    // Not at once: others may do better.
    expect(owned.holdsOff(1)).toBe(true);
    owned.follow(table);
    expect(owned.counts.failedStarts).toBe(1);
    await until(async () => !owned.holdsOff(1));
    owned.follow(claimed(table, 'me', [1]));
    await until(async () => owned.numbers.length === 2);
    expect(owned.counts).toEqual({ takeovers: 2, handovers: 0, failedStarts: 1 });
    await owned.endAll(true);
  },
);

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    if (i > 400) throw new Error('It did not come to be.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
