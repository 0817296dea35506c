/** A writer that is killed: writes batches without end and says on stdout which were acknowledged. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Storage } from '../../src/storage/contract.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { sqliteStorage } from '../../src/storage/sqlite/index.js';
import { sqlJsStorage } from '../../src/storage/sqljs/index.js';

/** Readings of one batch. */
export const batchSize = 20;

/** Opens the store that a writer and its judge share. */
export async function openStore(adapter: string, place: string): Promise<Storage> {
  if (adapter === 'postgres')
    return postgresStorage({ connectionString: 'postgres://postgres@127.0.0.1:5432/test', schema: place });
  if (adapter === 'sqlite') return sqliteStorage(place);
  return sqlJsStorage({ file: wholeFile(place) });
}

/** A file that is replaced as a whole: written beside, flushed to disk, renamed. */
function wholeFile(path: string) {
  return {
    load: () => readFile(path).catch(() => undefined),
    save: async (data: Uint8Array) => {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(`${path}.new`, 'w');
      await handle.writeFile(data);
      await handle.sync();
      await handle.close();
      await rename(`${path}.new`, path);
    },
  };
}

/** Batch `n`: readings, an anomaly and the checkpoint. */
export function batch(n: number) {
  return {
    readings: Array.from({ length: batchSize }, (_, i) => ({
      assetId: 'a',
      time: n * 1_000 + i,
      values: { voltage: n, current: i },
    })),
    put: { anomalies: [{ id: `${n}`, time: n, score: n }] },
    checkpoint: { id: 'writer', time: n, position: n },
  };
}

const [, script, adapter, place, first] = process.argv;
if (script?.endsWith('writer.ts') && adapter !== undefined && place !== undefined) {
  const storage = await openStore(adapter, place);
  process.stdout.write('ready\n');
  for (let n = Number(first); ; n++) {
    await storage.commit(batch(n));
    process.stdout.write(`${n}\n`);
  }
}
