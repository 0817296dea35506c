import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { mountSmallDisk } from '../durability/small-disk.js';
import { killRedis } from './kills.js';
import { fillStore, stopReading } from './pressure.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinergy-server-faults-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// The whole of it, with kills of the server and of PostgreSQL, is `npm run eval -- server-faults`.
describe('the server, in short', () => {
  it('goes on by itself after a full disk, with everything that was acknowledged', async () => {
    const disk = await mountSmallDisk(join(folder, 'disk'), 24);
    if (disk === undefined) return;
    const tally = await fillStore(join(folder, 'disk'), 1).finally(() => disk.unmount());
    expect(tally).toMatchObject({ trials: 1, lost: 0, wrong5xx: 0 });
    expect(tally.refused).toBeGreaterThan(0);
  }, 120_000);

  it.skipIf(spawnSync('which', ['redis-server']).status !== 0)(
    'does not mind the death of Redis',
    async () => {
      const tally = await killRedis(join(folder, 'redis.db'), 1, new Random(1));
      expect(tally).toMatchObject({ trials: 1, lost: 0, wrong5xx: 0 });
    },
    120_000,
  );

  it('leaves a client behind that does not read, and nobody else', async () => {
    const { others, told, grownMb } = await stopReading(join(folder, 'slow.db'), 100);
    expect(others).toBe(1);
    expect(told).toBe(true);
    expect(grownMb).toBeLessThan(200);
  }, 120_000);
});
