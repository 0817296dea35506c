import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('refuses a file of a later release', async () => {
    const own = await mkdtemp(join(tmpdir(), 'twinergy-sqlite-'));
    const file = join(own, 'later.db');
    await (await sqliteStorage(file)).close();
    const { default: Database } = (await import('libsql')) as unknown as {
      default: new (file: string) => { exec(sql: string): void; close(): void };
    };
    const raw = new Database(file);
    raw.exec(`insert into schema_migrations values (99, 'later', 'x', 0)`);
    raw.close();
    await expect(sqliteStorage(file)).rejects.toMatchObject({ code: 'STORAGE_SCHEMA_NEWER' });
    await rm(own, { recursive: true });
  });
});
