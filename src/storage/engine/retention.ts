import { quote, TwinergyError } from '../../core/errors.js';
import { checkTable, checkTime } from '../contract/check.js';
import type { StorageEngine } from '../contract/engine.js';
import type { RetentionPolicy, RetentionReport } from '../contract.js';
import { archiveDays } from './archive.js';
import { refreshRollups } from './rollup.js';
import { keptKinds } from './rollup-day.js';

/** Rolls up, deletes by age, and compacts. */
export async function retain(
  engine: StorageEngine,
  tenantId: string,
  policy: RetentionPolicy,
  now: number,
  signal: AbortSignal | undefined,
): Promise<RetentionReport> {
  const before = (age: unknown, path: string) => {
    if (age === undefined) return undefined;
    if (typeof age !== 'number' || !Number.isFinite(age) || age < 0)
      throw new TwinergyError('STORAGE_BAD_LIMIT', `${path} is ${quote(age)}.`, {
        path,
        value: age,
        hint: 'Give an age in ms.',
      });
    return Math.floor(checkTime(now, 'now') - age);
  };
  const telemetry = before(policy.telemetry, 'telemetry');
  const archiveBefore = before(policy.archiveAfter, 'archiveAfter');
  const tables = Object.entries(policy.tables ?? {}).flatMap(([name, age]) => {
    const limit = before(age, `tables.${name}`);
    return limit === undefined ? [] : [{ table: checkTable(name), before: limit }];
  });
  const blocks = Object.entries(policy.rollups ?? {}).flatMap(([kind, age]) => {
    if (!(keptKinds as readonly string[]).includes(kind)) {
      throw new TwinergyError('STORAGE_BAD_STEP', `There is no kept roll-up ${quote(kind)}.`, {
        path: 'rollups',
        value: kind,
        hint: `Steps are: ${keptKinds.join(', ')}.`,
      });
    }
    const limit = before(age, `rollups.${kind}`);
    return limit === undefined ? [] : [{ kind, before: limit }];
  });
  if (telemetry !== undefined) blocks.push({ kind: 'raw', before: telemetry });
  // Roll-ups outlive the rows that they are made from, so they are made first.
  if (telemetry !== undefined) await refreshRollups(engine, tenantId, { signal });
  if (telemetry !== undefined || tables.length > 0 || blocks.length > 0)
    await engine.purge(tenantId, { telemetry, tables, blocks });
  return archiveBefore === undefined
    ? { archivedDays: 0, archivedRows: 0 }
    : archiveDays(engine, tenantId, archiveBefore, signal);
}
