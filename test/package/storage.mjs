// A project that keeps its data by `node:sqlite`, which is in Node 24: the conformance suite, and the command line.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sqliteStorage } from 'twinergy/storage/sqlite';
import { storageConformance } from 'twinergy/storage/testing';

const folder = mkdtempSync(join(tmpdir(), 'twinergy-node-sqlite-'));
after(() => rmSync(folder, { recursive: true }));

const open = () => sqliteStorage(join(folder, 'suite.db'), { driver: 'node:sqlite', durability: 'normal' });
storageConformance({ describe, it }, { name: 'node:sqlite', open, reopen: open });

describe('npx twinergy storage', () => {
  function twinergy(...args) {
    const program = join('node_modules', 'twinergy', 'bin', 'twinergy.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'storage', ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  it('copies, backs up, checks and exports', async () => {
    const file = join(folder, 'plant.db');
    const storage = await sqliteStorage(file);
    await storage.tenant('acme').write([{ assetId: 'roof', time: 1, values: { voltage: 230 } }]);
    for (const copied of [
      ['copy', file, join(folder, 'copy.db')],
      ['backup', file, join(folder, 'backup.db')],
    ]) {
      const { status, stderr } = twinergy(...copied);
      assert.equal(status, 0, stderr);
      const copy = await sqliteStorage(copied[2]);
      assert.deepEqual(await copy.tenant('acme').latest(), await storage.tenant('acme').latest());
      await copy.close();
    }
    await storage.close();
    assert.match(twinergy('check', file).stderr, /no problems/);
    assert.match(twinergy('export', file, '--tenant', 'acme').stdout, /"voltage":230/);
    assert.deepEqual([twinergy('check').status, twinergy().status], [1, 2]);
  });
});
