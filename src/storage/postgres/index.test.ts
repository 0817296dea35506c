import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import { storageCommand } from '../command/index.js';
import { sqliteStorage } from '../sqlite/index.js';
import { storageConformance } from '../testing/index.js';
import { postgresStorage } from './index.js';
import { administer, connectionString, serverExpected } from './test-server.js';

const schema = `conformance_${process.pid}`;
const channels = ['left', 'right', 'late'].map((name) => ({ name, unit: 'V' }));
const open = () => postgresStorage({ connectionString, schema, durability: 'normal' });

if (!serverExpected) {
  describe.skip('postgres: no server at 127.0.0.1:5432', () => undefined);
} else {
  storageConformance(
    { describe, it },
    {
      name: 'postgres',
      open,
      reopen: open,
      cleanUp: async () => {
        await administer(`drop schema ${schema} cascade`);
      },
    },
  );

  describe('postgresStorage', () => {
    it('lets ten stores migrate and write at once', async () => {
      const own = `${schema}_ten`;
      const stores = await Promise.all(
        Array.from({ length: 10 }, () => postgresStorage({ connectionString, schema: own, connections: 2 })),
      );
      await Promise.all(
        stores.map((store, s) =>
          Promise.all(
            Array.from({ length: 5 }, (_, i) =>
              store.write([{ assetId: 'a', time: i * 10 + s, values: { voltage: s, current: i } }]),
            ),
          ),
        ),
      );
      expect((await (stores[0] as (typeof stores)[number]).read({ assetId: 'a' })).length).toBe(50);
      await Promise.all(stores.map((store) => store.close()));
      await administer(`drop schema ${own} cascade`);
    });

    it('merges long frames of the same rows from two stores, whichever comes first', async () => {
      const own = `${schema}_race`;
      const [one, two] = await Promise.all([
        postgresStorage({ connectionString, schema: own, connections: 2 }),
        postgresStorage({ connectionString, schema: own, connections: 2 }),
      ]);
      const time = Float64Array.from({ length: 2_000 }, (_, i) => i * 1_000);
      const frame = (name: string) => new Frame(time, { [name]: { data: time.map((t) => t / 7), unit: 'V' } });
      await Promise.all([one.registerChannels(channels), two.channels()]);
      for (const assetId of ['a', 'b', 'c', 'd']) {
        await Promise.all([one.writeFrame(assetId, frame('left')), two.writeFrame(assetId, frame('right'))]);
        await two.writeFrame(assetId, frame('late').sliceRows(500, 1_500));
        const found = await one.read({ assetId });
        expect(found.length).toBe(2_000);
        expect(found.column('left')).toEqual(frame('left').column('left'));
        expect(found.column('right')).toEqual(frame('right').column('right'));
        expect(found.column('late').filter((value) => !Number.isNaN(value)).length).toBe(1_000);
      }
      await Promise.all([one.close(), two.close()]);
      await administer(`drop schema ${own} cascade`);
    });

    it('takes over a SQLite file by one command, while the file is written', async () => {
      const own = `${schema}_moved`;
      const folder = await mkdtemp(join(tmpdir(), 'twinergy-move-'));
      const file = join(folder, 'plant.db');
      const source = await sqliteStorage(file);
      const hour = 3_600_000;
      const readings = Array.from({ length: 500 }, (_, i) => ({
        assetId: 'roof',
        time: i * hour,
        values: { solarPower: i / 3 },
      }));
      await source.tenant('acme').write(readings);
      await source.tenant('acme').retain({ archiveAfter: 0 }, { now: 400 * hour });
      await source.commit({ checkpoint: { id: 'monitor', time: 1, position: 7 } });
      const target = `${connectionString}?schema=${own}`;
      const streams = { write: () => undefined, say: () => undefined, lines: async function* () {} };
      await storageCommand(['copy', file, target], streams);
      await source.write([{ assetId: 'late', time: 1, values: { voltage: 1 } }]);
      await storageCommand(['copy', file, target], streams);
      const moved = await postgresStorage({ connectionString, schema: own });
      expect(await moved.tenants()).toEqual(['acme', 'default']);
      const [there, here] = await Promise.all([
        moved.tenant('acme').read({ assetId: 'roof' }),
        source.tenant('acme').read({ assetId: 'roof' }),
      ]);
      expect(there.toCsv()).toBe(here.toCsv());
      expect((await moved.get('checkpoints', 'monitor'))?.position).toBe(7);
      expect((await moved.latest(['late'])).length).toBe(1);
      await Promise.all([moved.close(), source.close()]);
      await rm(folder, { recursive: true });
      await administer(`drop schema ${own} cascade`);
    });
  });
}
