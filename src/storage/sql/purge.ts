import { sql } from 'kysely';
import type { Purge } from '../contract/engine.js';
import { dayMs, hourMs } from '../contract/time.js';
import type { SqlCompiler } from './compile.js';
import type { SqlSession } from './driver.js';
import { sqlTable, telemetryTable } from './names.js';

/** Deletes one tenant's rows by age. */
export async function deleteByAge(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
  purge: Purge,
  parts: number,
): Promise<void> {
  if (purge.telemetry !== undefined) {
    for (let part = 1; part <= parts; part++) {
      // Asset by asset, so that the key (tenant, asset, time) finds the rows.
      await compiler.run(
        session,
        sql`delete from ${sql.table(telemetryTable(part))} where tenant_id = ${tenantId} and asset_id in (select asset_id from series where tenant_id = ${tenantId} and channel = '') and time < ${purge.telemetry}`,
      );
    }
    await compiler.run(
      session,
      sql`delete from hours where tenant_id = ${tenantId} and hour < ${Math.floor(purge.telemetry / hourMs)}`,
    );
  }
  for (const { table, before } of purge.tables) {
    await compiler.run(
      session,
      sql`delete from ${sql.table(sqlTable(table))} where tenant_id = ${tenantId} and time < ${before}`,
    );
  }
  for (const { kind, before } of purge.blocks) {
    await compiler.run(
      session,
      sql`delete from blocks where tenant_id = ${tenantId} and kind = ${kind} and day < ${Math.floor(before / dayMs)}`,
    );
  }
}
