import { describe, expect, it } from 'vitest';
import { SqlCompiler } from './compile.js';
import type { SqlSession } from './driver.js';
import { PostgresDialect } from './postgres-dialect.js';
import { plainArrays, writeTelemetry } from './postgres-telemetry.js';

const dialect = new PostgresDialect({
  adapter: 'postgres',
  persistent: true,
  multiProcess: true,
  timescale: false,
  arrays: plainArrays,
});

/** Writes `count` rows through a session that answers as told; the statements, by their first words. */
async function statements(count: number, found: boolean, code?: string): Promise<string[]> {
  const said: string[] = [];
  const session = {
    rows: async (text: string) => {
      said.push(
        text.startsWith('insert') ? (text.includes('on conflict') ? 'upsert' : 'insert') : text.slice(0, 21).trim(),
      );
      if (code !== undefined && said[said.length - 1] === 'insert') throw Object.assign(new Error('no'), { code });
      return text.startsWith('select') && found ? [[1]] : [];
    },
  } as unknown as SqlSession;
  await writeTelemetry(session, new SqlCompiler(dialect), plainArrays, {
    tenantId: 't',
    table: 'telemetry',
    columns: ['voltage'],
    picks: [0],
    rows: {
      assetIds: new Array<string>(count).fill('a'),
      time: Array.from({ length: count }, (_, i) => i),
      channels: ['voltage'],
      columns: [Float64Array.from({ length: count }, (_, i) => i)],
      quality: undefined,
    },
  });
  return said;
}

describe('telemetry for PostgreSQL', () => {
  it('is inserted where there is nothing yet, and upserted where there is something', async () => {
    expect(await statements(10, false)).toEqual(['upsert']);
    const question = 'select 1 from "teleme';
    expect(await statements(500, true)).toEqual([question, 'upsert']);
    expect(await statements(25_000, false)).toEqual([
      question,
      'savepoint attempt',
      'insert',
      'insert',
      'insert',
      'release savepoint att',
    ]);
  });

  it('is upserted if another process was faster; other errors stay errors', async () => {
    const said = await statements(500, false, '23505');
    expect(said.slice(1)).toEqual(['savepoint attempt', 'insert', 'rollback to savepoint', 'upsert']);
    await expect(statements(500, false, '53100')).rejects.toThrow('no');
  });
});
