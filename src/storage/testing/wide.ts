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
    },
  },
  {
    name: 'channels: of further tables, after the wide one, are archived with the others',
    run: async ({ tenant }) => {
      await tenant.registerChannels([{ name: 'afterWide', unit: 'V' }]);
      await tenant.write([one(start, { voltage: 1, afterWide: 2 }), one(start + 1, { voltage: 3 })]);
      equal((await tenant.retain({ archiveAfter: 0 }, { now: start + day })).archivedRows, 2);
      await tenant.write([one(start + 1, { afterWide: 4 }), one(start + 2, { afterWide: 5 })]);
      const frame = await tenant.read({ assetId: 'a', channels: ['afterWide', 'voltage'] });
      equal([...frame.column('afterWide')], [2, 4, 5]);
      equal([...frame.column('voltage')], [1, 3, Number.NaN]);
    },
  },
];
