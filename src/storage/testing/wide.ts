import { equal } from './assert.js';
import { type ConformanceCase, day, one, start } from './cases.js';

/** Many columns. Run last: a wide table makes the integrity check and the vacuum of the other cases slow. */
export const wideCases: readonly ConformanceCase[] = [
  {
    name: 'channels: 1,000 columns in one reading',
    run: async ({ tenant }) => {
      const names = Array.from({ length: 1_000 }, (_, i) => `wide${i}`);
      await tenant.registerChannels(names.map((name) => ({ name, unit: 'V' })));
      await tenant.write(
        [0, 1, 2].map((t) => one(start + t, Object.fromEntries(names.map((name, i) => [name, i + t / 7])))),
      );
      const frame = await tenant.read({ assetId: 'a' });
      equal([frame.names.length, frame.length], [1_000, 3]);
      for (const i of [0, 699, 700, 999]) equal([...frame.column(`wide${i}`)], [i, i + 1 / 7, i + 2 / 7]);
      equal(
        [...(await tenant.read({ assetId: 'a', channels: ['wide999', 'wide3'], last: 1 })).column('wide999')],
        [999 + 2 / 7],
      );
      // Archived from and deleted in each of the tables that the channels are spread over.
      equal((await tenant.retain({ archiveAfter: 0 }, { now: start + 3 * day })).archivedRows, 3);
      await tenant.write([one(start + 3, { wide0: 5, wide999: 6 })]);
      const archived = await tenant.read({ assetId: 'a' });
      equal([...archived.column('wide998')].slice(0, 3), [998, 998 + 1 / 7, 998 + 2 / 7]);
      equal([archived.column('wide0')[3], archived.column('wide999')[3]], [5, 6]);
    },
  },
];
