// Runs in a page: the conformance suite of the adapters that live there.
import { type PgliteDatabase, pgliteStorage } from '../../src/storage/pglite/index.js';
import { indexedDbFile, opfsFile, type SqlJsModule, sqlJsStorage } from '../../src/storage/sqljs/index.js';
import { storageConformance } from '../../src/storage/testing/index.js';

/** What the suite found: how many cases ran, and those that failed. */
export interface Outcome {
  readonly cases: number;
  readonly failures: readonly string[];
}

/** The parts of the peers that the page loads by itself. */
interface Peers {
  initSqlJs(options: { locateFile(file: string): string }): Promise<SqlJsModule>;
  PGlite: { create(dataDir?: string): Promise<PgliteDatabase> };
}

/** Runs the suite on an adapter of this page; the stores of sql.js are closed and opened again at the end. */
export async function conformance(name: 'indexeddb' | 'opfs' | 'pglite', peers: Peers): Promise<Outcome> {
  const file = name === 'opfs' ? opfsFile('conformance.db') : indexedDbFile('conformance');
  const open = async () =>
    name === 'pglite'
      ? pgliteStorage({ database: await peers.PGlite.create() })
      : sqlJsStorage({ sqlJs: await sqlJsOf(peers), file, durability: 'normal', saveInterval: 1e9 });
  const cases: { readonly title: string; readonly body: () => Promise<void> }[] = [];
  storageConformance(
    { describe: (_title, body) => body(), it: (title, body) => cases.push({ title, body }) },
    { name, open, ...(name === 'pglite' ? {} : { reopen: open }) },
  );
  const failures: string[] = [];
  for (const { title, body } of cases) {
    try {
      await body();
    } catch (error) {
      failures.push(`${title}: ${String(error)}`);
    }
  }
  return { cases: cases.length, failures };
}

/** Writes with full durability and never closes: what a page leaves that is shut. Returns what is found afterwards. */
export async function shutWithoutClosing(peers: Peers): Promise<number[]> {
  const sqlJs = await sqlJsOf(peers);
  const openers = [
    () => sqlJsStorage({ file: indexedDbFile('shut'), sqlJs }),
    () => sqlJsStorage({ file: opfsFile('shut.db'), sqlJs }),
    async () => pgliteStorage({ database: await peers.PGlite.create('idb://shut') }),
  ];
  const found: number[] = [];
  for (const open of openers) {
    const first = await open();
    for (let i = 0; i < 3; i++) await first.write([{ assetId: 'a', time: i, values: { voltage: i } }]);
    const second = await open();
    found.push((await second.read({ assetId: 'a' })).length);
  }
  return found;
}

function sqlJsOf(peers: Peers): Promise<SqlJsModule> {
  return peers.initSqlJs({ locateFile: (file) => `/${file}` });
}
