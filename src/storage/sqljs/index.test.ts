import { describe, expect, it } from 'vitest';
import { storageConformance } from '../testing/index.js';
import { type SqlJsFile, sqlJsStorage } from './index.js';

let saved: Uint8Array | undefined;
const file: SqlJsFile = {
  load: async () => saved,
  save: async (data) => {
    saved = data;
  },
};
const open = () => sqlJsStorage({ file, durability: 'normal', saveInterval: 100_000 });

storageConformance({ describe, it }, { name: 'sqljs', open, reopen: open });

describe('sqlJsStorage', () => {
  it('saves before it acknowledges', async () => {
    let bytes: Uint8Array | undefined;
    const own: SqlJsFile = {
      load: async () => bytes,
      save: async (data) => {
        bytes = data;
      },
    };
    const first = await sqlJsStorage({ file: own });
    await first.write([{ assetId: 'a', time: 1, values: { voltage: 1 } }]);
    await first.write([{ assetId: 'a', time: 2, values: { voltage: 2 } }]);
    // Not closed: what a page that was shut leaves behind.
    const second = await sqlJsStorage({ file: own });
    expect((await second.read({ assetId: 'a' })).length).toBe(2);
    await first.close();
    await second.close();
  });
});
