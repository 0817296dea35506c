import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqliteStorage } from '../sqlite/index.js';
import { storageCommand } from './index.js';

let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinergy-command-'));
  const storage = await sqliteStorage(at('plant.db'));
  await storage.write([{ assetId: 'a', time: 1, values: { voltage: 230 }, quality: { voltage: 2 } }]);
  await storage.tenant('acme').put('alerts', [{ id: 'x', time: 1, severity: 'HIGH', state: 'active', title: 't' }]);
  await storage.close();
});
afterAll(() => rm(folder, { recursive: true }));

async function run(args: readonly string[], input: readonly string[] = []) {
  const out: string[] = [];
  const said: string[] = [];
  await storageCommand(args, {
    write: (piece) => void out.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1')),
    say: (line) => void said.push(line),
    lines: async function* () {
      yield* input;
    },
  });
  return { out: out.join(''), said };
}

/** What a store has of what was written above. */
async function contents(file: string) {
  const storage = await sqliteStorage(file);
  const found = [
    await storage.tenants(),
    await storage.latest(),
    (await storage.tenant('acme').list('alerts')).rows.length,
  ];
  await storage.close();
  return found;
}

const whole = [['acme', 'default'], [{ assetId: 'a', time: 1, values: { voltage: 230 }, quality: { voltage: 2 } }], 1];

describe('twinergy storage', () => {
  it('copy takes all tenants along, and may be run again', async () => {
    await run(['copy', at('plant.db'), at('copy.db')]);
    const { said } = await run(['copy', at('plant.db'), at('copy.db')]);
    expect(said.at(-1)).toBe('2 tenants: acme, default');
    expect(await contents(at('copy.db'))).toEqual(whole);
    await run(['copy', at('plant.db'), at('one.db'), '--tenant', 'acme']);
    expect((await contents(at('one.db')))[0]).toEqual(['acme']);
  });

  it('backup writes a file that is a store, and refuses to write over one', async () => {
    await run(['backup', at('plant.db'), at('backup.db')]);
    expect(await contents(at('backup.db'))).toEqual(whole);
    await expect(run(['backup', at('plant.db'), at('backup.db')])).rejects.toThrow(/exists/);
  });

  it('export and import carry a tenant', async () => {
    const { out } = await run(['export', at('plant.db'), '--tenant', 'acme']);
    await run(['import', at('imported.db'), '--tenant', 'acme'], out.split('\n'));
    expect((await contents(at('imported.db')))[2]).toBe(1);
  });

  it('telemetry writes CSV and Parquet', async () => {
    const csv = await run(['telemetry', at('plant.db'), 'a']);
    expect(csv.out).toBe('time,voltage [V]\n1970-01-01T00:00:00.001Z,230\n');
    const parquet = await run([
      'telemetry',
      at('plant.db'),
      'a',
      '--format',
      'parquet',
      '--from',
      '1969-01-01T00:00:00Z',
    ]);
    expect([parquet.out.slice(0, 4), parquet.out.slice(-4)]).toEqual(['PAR1', 'PAR1']);
  });

  it('migrate --dry-run shows the SQL and changes nothing; check and vacuum find a sound store', async () => {
    const dry = await run(['migrate', at('new.db'), '--dry-run']);
    expect(dry.out).toMatch(/create table "telemetry"/);
    const again = await run(['migrate', at('new.db'), '--dry-run']);
    expect(again).toEqual(dry);
    await run(['migrate', at('new.db')]);
    expect((await run(['migrate', at('new.db'), '--dry-run'])).said).toEqual(['0 migrations are due']);
    await run(['vacuum', at('plant.db')]);
    expect((await run(['check', at('plant.db')])).said).toEqual(['no problems']);
  });

  it('says how it is used when it is used otherwise', async () => {
    for (const args of [[], ['no'], ['copy', 'x'], ['copy', 'x', 'y', '--nothing'], ['constructor']])
      await expect(run(args)).rejects.toMatchObject({ code: 'STORAGE_USAGE' });
    expect(existsSync('x')).toBe(false);
  });
});
