// Row-level security: the second wall between tenants, which holds for whoever writes SQL of his own.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Storage } from '../contract.js';
import { postgresStorage } from './index.js';
import { administer, connectionString, serverExpected } from './test-server.js';

const schema = `tenants_${process.pid}`;
const role = `${schema}_plain`;
const day = 86_400_000;
const june = Date.UTC(2026, 5, 1);

describe.skipIf(!serverExpected)('a plain role of PostgreSQL, which does not own the tables', () => {
  let owner: Storage;
  let plain: Storage;
  let pool: pg.Pool;
  let tables: string[] = [];

  beforeAll(async () => {
    owner = await postgresStorage({ connectionString, schema, connections: 2 });
    for (const [tenant, voltage] of [
      ['red', 1],
      ['blue', 2],
    ] as const) {
      await owner.tenant(tenant).write([
        { assetId: 'a', time: june, values: { voltage }, quality: { voltage } },
        { assetId: 'a', time: june - 3 * day, values: { voltage } },
        { assetId: 'a', time: -1e13, values: { voltage } },
      ]);
      await owner
        .tenant(tenant)
        .put('alerts', [{ id: tenant, time: 1, severity: 'HIGH', state: 'active', title: 't' }]);
      await owner.tenant(tenant).retain({ archiveAfter: 0 }, { now: june - day });
      await owner.tenant(tenant).refreshRollups();
    }
    await administer(
      `create role ${role}`,
      `grant usage on schema ${schema} to ${role}`,
      `grant select, insert, update, delete on all tables in schema ${schema} to ${role}`,
    );
    pool = new pg.Pool({ connectionString, max: 1, options: `-c role=${role} -c search_path=${schema}` });
    plain = await postgresStorage({ pool });
    const found = await administer(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid where c.relnamespace = '${schema}'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'tenant_id' order by 1`,
    );
    tables = found.map(({ name }) => String(name));
  });

  afterAll(async () => {
    await Promise.all([owner.close(), plain.close()]);
    await pool.end();
    await administer(`drop schema ${schema} cascade`, `drop role ${role}`);
  });

  /** Speaks SQL as the plain role, as the tenant red. */
  async function asRed<T extends object>(statement: string): Promise<pg.QueryResult<T>> {
    await pool.query(`select set_config('twinergy.tenant', 'red', false)`);
    return pool.query<T>(statement);
  }

  it('sees, table by table and partition by partition, only what is its tenant’s', async () => {
    expect(tables).toEqual(
      expect.arrayContaining(['telemetry', 'telemetry_2026_05', 'telemetry_other', 'blocks', 'alerts']),
    );
    let seen = 0;
    for (const table of tables) {
      const { rows } = await asRed<{ tenant_id: string }>(`select tenant_id from ${table}`);
      expect(rows.filter(({ tenant_id }) => tenant_id !== 'red')).toEqual([]);
      seen += rows.length;
    }
    expect(seen).toBeGreaterThan(10);
    await pool.query(`select set_config('twinergy.tenant', '', false)`);
    for (const table of tables) expect((await pool.query(`select 1 from ${table}`)).rows).toEqual([]);
  });

  it('cannot write, change or delete what is another tenant’s', async () => {
    for (const table of tables) {
      expect((await asRed(`delete from ${table} where tenant_id = 'blue'`)).rowCount).toBe(0);
      expect((await asRed(`update ${table} set tenant_id = 'red' where tenant_id = 'blue'`)).rowCount).toBe(0);
    }
    for (const statement of [
      `insert into telemetry (tenant_id, asset_id, time) values ('blue', 'a', 5)`,
      `insert into telemetry_other (tenant_id, asset_id, time) values ('blue', 'a', 5)`,
      `insert into telemetry_2026_06 (tenant_id, asset_id, time) values ('blue', 'a', ${june + 1})`,
      `update telemetry set tenant_id = 'blue'`,
      `insert into alerts (tenant_id, id, time, severity, state, title) values ('blue', 'x', 1, 'HIGH', 'active', 't')`,
      `update alerts set tenant_id = 'blue'`,
    ])
      await expect(asRed(statement)).rejects.toThrow(/row-level security/);
    expect((await owner.tenant('blue').read({ assetId: 'a' })).column('voltage')).toEqual(Float64Array.of(2, 2, 2));
  });

  it('writes and reads by the calls of the storage, in months that nobody has made a partition for', async () => {
    const red = plain.tenant('red');
    const later = june + 400 * day;
    await red.write([{ assetId: 'b', time: later, values: { voltage: 3 } }]);
    await red.put('alerts', [{ id: 'own', time: 2, severity: 'LOW', state: 'active', title: 'own' }]);
    expect((await red.latest()).map(({ assetId, values }) => [assetId, values.voltage])).toEqual([
      ['a', 1],
      ['b', 3],
    ]);
    expect((await red.rollup({ assetId: 'b', channel: 'voltage', step: '1h' })).length).toBe(1);
    expect((await red.list('alerts')).rows.map(({ id }) => id)).toEqual(['red', 'own']);
    // The owner finds rows of that month in the default partition, and goes on.
    await owner.tenant('blue').write([{ assetId: 'b', time: later + 1, values: { voltage: 4 } }]);
    expect((await owner.tenant('blue').read({ assetId: 'b' })).length).toBe(1);
    expect((await owner.tenant('red').read({ assetId: 'b' })).length).toBe(1);
  });
});
