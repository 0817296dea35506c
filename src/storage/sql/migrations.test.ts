import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSqliteMigrations, sqliteStorage } from '../sqlite/index.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinergy-migrations-'));
});
afterAll(() => rm(folder, { recursive: true }));

const versions = (database: Libsql.Database) =>
  (database.prepare('select version from schema_migrations order by version').all() as { version: number }[]).map(
    ({ version }) => version,
  );

/** A file as a release left it that knew the migrations up to `version`. */
async function fileOfVersion(name: string, version: number): Promise<string> {
  const file = join(folder, name);
  const planned = await planSqliteMigrations(':memory:');
  const database = new Libsql(file);
  database.exec(
    'create table schema_migrations (version integer primary key, name text not null, checksum text not null, applied_at integer not null)',
  );
  const note = database.prepare('insert into schema_migrations values (?, ?, ?, 0)');
  for (const migration of planned.filter((one) => one.version <= version)) {
    for (const statement of migration.statements) database.exec(statement);
    note.run(migration.version, migration.name, migration.checksum);
  }
  database.close();
  return file;
}

describe('migrations', () => {
  it.each([0, 1, 2, 3, 4])('a file of version %i is brought up to date and keeps its rows', async (version) => {
    const file = await fileOfVersion(`from-${version}.db`, version);
    if (version >= 2) {
      const database = new Libsql(file);
      database.exec(`insert into outbox (tenant_id, id, time, topic, attempts) values ('default', 'old', 1, 't', 3)`);
      database.close();
    }
    const due = (await planSqliteMigrations(file)).map((migration) => migration.version);
    expect(due[0]).toBe(version + 1);
    const storage = await sqliteStorage(file);
    await storage.write([{ assetId: 'a', time: 1, values: { voltage: 1 } }]);
    const claimed = await storage.outbox.claim({ owner: 'w', now: 10 });
    expect(claimed.map(({ id, attempts }) => [id, attempts])).toEqual(version >= 2 ? [['old', 4]] : []);
    await storage.close();
    expect(await planSqliteMigrations(file)).toEqual([]);
  });

  it('one that fails leaves nothing of itself, and goes on once the obstacle is gone', async () => {
    const file = await fileOfVersion('obstacle.db', 1);
    const database = new Libsql(file);
    database.exec('create table quarantine (x)');
    await expect(sqliteStorage(file)).rejects.toThrow(/quarantine/);
    expect(versions(database)).toEqual([1]);
    expect(database.prepare(`select name from sqlite_master where name = 'alerts'`).all()).toEqual([]);
    database.exec('drop table quarantine');
    database.close();
    await (await sqliteStorage(file)).close();
    expect(await planSqliteMigrations(file)).toEqual([]);
  });

  it('one that ran in another form, or is of a later release, is refused, also by the dry run', async () => {
    for (const [name, change, code] of [
      ['edited.db', `update schema_migrations set checksum = 'x' where version = 1`, 'STORAGE_SCHEMA_CHANGED'],
      ['later.db', `insert into schema_migrations values (99, 'later', 'x', 0)`, 'STORAGE_SCHEMA_NEWER'],
    ] as const) {
      const file = join(folder, name);
      await (await sqliteStorage(file)).close();
      const database = new Libsql(file);
      database.exec(change);
      database.close();
      await expect(sqliteStorage(file)).rejects.toMatchObject({ code });
      await expect(planSqliteMigrations(file)).rejects.toMatchObject({ code });
    }
  });
});
