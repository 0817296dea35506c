import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCsvFile } from '../csv/index.js';
import { readParquet } from './index.js';

const folder = '../shared/data/pvanalytics';
const absent = !existsSync(folder) && process.env.CI === undefined;

describe.skipIf(absent)('files of real plants (skipped where ../shared is absent)', () => {
  it('reads Parquet, whole or by column and row', async () => {
    const bytes = readFileSync(`${folder}/system_50_ac_power_2_full_DST_psm3.parquet`);
    const frame = await readParquet(bytes);
    expect(frame.length).toBe(52608);
    expect(frame.names).toContain('ghi_clear');
    expect(frame.time[0]).toBe(Date.UTC(2011, 0, 1, 7));
    const part = await readParquet(bytes, {
      columns: { air: { column: 'temp_air', unit: '°C', as: 'K' } },
      rows: [100, 200],
    });
    expect(part.names).toStrictEqual(['air']);
    expect(part.unit('air')).toBe('K');
    expect(part.time).toStrictEqual(frame.time.slice(100, 200));
    expect(part.column('air')[5]).toBeCloseTo((frame.column('temp_air')[105] as number) + 273.15, 9);
    await expect(readParquet(bytes, { columns: { a: 'b' } })).rejects.toMatchObject({ code: 'PARQUET_NO_COLUMN' });
    await expect(readParquet(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('reads a CSV file as a stream, with progress', async () => {
    const done: number[] = [];
    const path = `${folder}/serf_east_15min_ac_power.csv`;
    const frame = await readCsvFile(path, { onProgress: (progress) => done.push(progress.done / progress.total) });
    expect(frame.names).toStrictEqual(['ac_power']);
    expect(frame.length).toBeGreaterThan(9000);
    expect(done.at(-1)).toBe(1);
  });
});

describe('files that are none', () => {
  it('are refused with a code', async () => {
    await expect(readParquet(new Uint8Array(100))).rejects.toMatchObject({ code: 'PARQUET_BAD_FILE' });
    await expect(readCsvFile('/no/such/file.csv')).rejects.toMatchObject({ code: 'CSV_NO_FILE' });
  });
});
