import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { storageConformance } from '../testing/index.js';
import { sqliteStorage } from './index.js';

const folder = await mkdtemp(join(tmpdir(), 'twinergy-sqlite-'));
const open = () => sqliteStorage(join(folder, 'plant.db'), { durability: 'normal' });

storageConformance(
  { describe, it },
  { name: 'sqlite', open, reopen: open, cleanUp: () => rm(folder, { recursive: true }) },
);

describe('sqliteStorage', () => {
  it('lets two stores write one file', async () => {
    const own = await mkdtemp(join(tmpdir(), 'twinergy-sqlite-'));
    const file = join(own, 'shared.db');
    const stores = await Promise.all([sqliteStorage(file), sqliteStorage(file)]);
    await Promise.all(
      stores.map((store, s) =>
        Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            store.write([{ assetId: 'a', time: i * 2 + s, values: { voltage: i } }]),
          ),
        ),
      ),
    );
    expect((await stores[0].read({ assetId: 'a' })).length).toBe(40);
    await Promise.all(stores.map((store) => store.close()));
    await rm(own, { recursive: true });
  });

  it('takes an open database, and on a full disk says so, loses nothing and goes on', async () => {
    const database = new Libsql(':memory:');
    const store = await sqliteStorage(database);
    // A quota stands for the disk.
    const { page_count: pages } = database.prepare('pragma page_count').get() as { page_count: number };
    database.exec(`pragma max_page_count = ${pages + 40}`);
    let written = 0;
    const write = () =>
      store.write(
        Array.from({ length: 100 }, (_, i) => ({ assetId: 'a', time: written * 100 + i, values: { voltage: i } })),
      );
    const refused = (async () => {
      for (;;) {
        await write();
        written++;
      }
    })();
    await expect(refused).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(written).toBeGreaterThan(0);
    expect((await store.read({ assetId: 'a' })).length).toBe(written * 100);
    database.exec('pragma max_page_count = 100000');
    await write();
    expect((await store.read({ assetId: 'a' })).length).toBe((written + 1) * 100);
    await store.close();
  });

  it('makes a backup while others write: whole batches up to one moment, and nothing in part', async () => {
    const own = await mkdtemp(join(tmpdir(), 'twinergy-sqlite-'));
    const store = await sqliteStorage(join(own, 'plant.db'), { durability: 'normal' });
    const other = await sqliteStorage(join(own, 'plant.db'), { durability: 'normal' });
    const commit = (n: number) =>
      other.commit({
        readings: Array.from({ length: 10 }, (_, i) => ({ assetId: 'a', time: n * 10 + i, values: { voltage: n } })),
        checkpoint: { id: 'c', time: n, position: n },
      });
    await commit(0);
    const writing = (async () => {
      for (let n = 1; n <= 60; n++) await commit(n);
    })();
    const backups = [1, 2, 3].map((n) => join(own, `backup-${n}.db`));
    for (const backup of backups) await store.backup(backup);
    await writing;
    for (const backup of backups) {
      const restored = await sqliteStorage(backup);
      const position = (await restored.get('checkpoints', 'c'))?.position as number;
      expect((await restored.read({ assetId: 'a' })).length).toBe((position + 1) * 10);
      expect(await restored.check()).toEqual({ ok: true, problems: [] });
      await restored.close();
    }
    await Promise.all([store.close(), other.close()]);
    await rm(own, { recursive: true });
  });
});
