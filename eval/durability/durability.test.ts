// The short form of `npm run eval -- durability`: a few of each trial.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { type Cluster, makeCluster } from './cluster.js';
import { dumpWhileWriting } from './dump.js';
import { killWriters } from './kills.js';
import { cutConnections, stopServer } from './server-away.js';
import { fillDisk, mountSmallDisk } from './small-disk.js';
import { writeTogether } from './together.js';

const random = new Random(1);
let folder = '';
let cluster: Cluster | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinergy-durability-'));
  cluster = await makeCluster();
  if (cluster === undefined && process.env.CI !== undefined) throw new Error('PostgreSQL is not installed.');
}, 60_000);

afterAll(async () => {
  await cluster?.remove();
  await rm(folder, { recursive: true });
});

const whole = (trials: number) => ({ trials, lost: 0, duplicates: 0, torn: 0 });

describe('durability', () => {
  it('a SQLite file keeps what was acknowledged when its writer is killed, and nothing in part', async () => {
    expect(await killWriters({ adapter: 'sqlite', path: join(folder, 'killed.db') }, 2, random)).toEqual(whole(2));
  });

  it('two processes write one SQLite file', async () => {
    const result = await writeTogether({ adapter: 'sqlite', path: join(folder, 'shared.db') }, 2);
    expect(result).toEqual({ writers: 2, lostUpdates: 0, errors: 0 });
  });

  it.each(['sqlite', 'sqljs'] as const)('%s on a full disk says so, loses nothing, and goes on', async (adapter) => {
    const root = join(folder, `small-${adapter}`);
    const disk = await mountSmallDisk(root, 8);
    // Only root may mount; the quota in src/storage/sqlite/index.test.ts needs no rights.
    if (disk === undefined) return;
    try {
      expect(await fillDisk({ adapter, path: join(root, 'plant.db') }, root, 1)).toEqual({
        ...whole(1),
        otherErrors: 0,
      });
    } finally {
      await disk.unmount();
    }
  });

  it('PostgreSQL: connections that are cut in mid-batch cost nothing', async () => {
    if (cluster === undefined) return;
    const place = { adapter: 'postgres', url: cluster.url, schema: 'cuts' } as const;
    expect(await cutConnections(place, 10, random)).toEqual(whole(10));
  });

  it('PostgreSQL: a crash of the server and its restart cost nothing', async () => {
    if (cluster === undefined) return;
    expect(await stopServer(cluster, 'stops', 1, random)).toEqual(whole(1));
  });

  it('PostgreSQL: what pg_dump takes while a writer goes on is one moment, and a store', {
    timeout: 90_000,
  }, async () => {
    if (cluster === undefined) return;
    expect(await dumpWhileWriting(cluster, 'dumped')).toEqual(whole(1));
  });

  it('PostgreSQL: four processes write the same rows', { timeout: 90_000 }, async () => {
    if (cluster === undefined) return;
    const result = await writeTogether({ adapter: 'postgres', url: cluster.url, schema: 'shared' }, 4);
    expect(result).toEqual({ writers: 4, lostUpdates: 0, errors: 0 });
  });
});
