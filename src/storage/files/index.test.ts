import { parquetMetadataAsync } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { readParquet } from '../../connect/parquet/index.js';
import { Frame } from '../../core/frame.js';
import { memoryStorage } from '../memory/index.js';
import { telemetryCsv, telemetryParquet } from './index.js';

const start = Date.UTC(2026, 5, 1);
const day = 86_400_000;

/** Three days of two channels with gaps; the first two days are archived. */
async function filled() {
  const storage = await memoryStorage();
  await storage.registerChannels([{ name: 'flow', unit: 'A' }]);
  await storage.write(
    Array.from({ length: 3 * 144 }, (_, i) => ({
      assetId: 'a',
      time: start + i * 600_000,
      values: { solarPower: i / 3, ...(i % 5 === 0 ? {} : { flow: -i }) },
    })),
  );
  expect(await storage.retain({ archiveAfter: day }, { now: start + 3 * day })).toMatchObject({ archivedDays: 2 });
  return storage;
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<ArrayBuffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Uint8Array.from(all.flatMap((piece) => [...piece])).buffer;
}

describe('files from storage', () => {
  it('Parquet has rows and archive together, bit for bit, in row groups', async () => {
    const storage = await filled();
    const file = await joined(telemetryParquet(storage, { assetId: 'a', rowGroup: 100 }));
    const columns = { solarPower: { column: 'solarPower', unit: 'W' }, flow: { column: 'flow', unit: 'A' } };
    const back = await readParquet(file, { columns });
    const there = await storage.read({ assetId: 'a', channels: ['solarPower', 'flow'] });
    expect(back.time).toEqual(there.time);
    for (const name of there.names) expect(back.column(name)).toEqual(there.column(name));
  });

  it('a range without rows is a file with columns and no rows', async () => {
    const storage = await filled();
    const file = await joined(telemetryParquet(storage, { assetId: 'a', from: start + 100 * day }));
    const metadata = await parquetMetadataAsync(file);
    expect(metadata.num_rows).toBe(0n);
    expect(metadata.schema.map(({ name }) => name)).toEqual(['root', 'time', 'flow', 'solarPower']);
  });

  it('CSV has one header and reads back bit for bit', async () => {
    const storage = await filled();
    let text = '';
    for await (const piece of telemetryCsv(storage, { assetId: 'a', chunk: 100 })) text += piece;
    expect(text.split('\n').filter((line) => line.startsWith('time'))).toHaveLength(1);
    const there = await storage.read({ assetId: 'a' });
    const back = Frame.fromCsv(text);
    expect(back.time).toEqual(there.time);
    for (const name of there.names) expect(back.column(name)).toEqual(there.column(name));
  });
});
