import { type RawBuilder, sql } from 'kysely';
import type { BlockCommit, BlockQuery, HourMark, StoredBlock } from '../contract/engine.js';
import { hourMs } from '../contract/time.js';
import type { SqlCompiler } from './compile.js';
import type { SqlDialect } from './dialect.js';
import type { SqlSession } from './driver.js';
import { telemetryTable } from './names.js';

/** Hours that were written to; see `StorageEngine.hours`. */
export async function selectHours(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
  query: { readonly assetId?: string; readonly stale: boolean; readonly before?: number },
): Promise<HourMark[]> {
  const conditions = [sql`tenant_id = ${tenantId}`, query.stale ? sql`version <> rolled` : sql`live = 1`];
  if (query.assetId !== undefined) conditions.push(sql`asset_id = ${query.assetId}`);
  if (query.before !== undefined) conditions.push(sql`hour < ${query.before}`);
  const rows = await compiler.run(
    session,
    sql`select asset_id, hour, version from hours where ${sql.join(conditions, sql` and `)} order by asset_id, hour`,
  );
  return rows.map(([assetId, hour, version]) => ({
    assetId: String(assetId),
    hour: Number(hour),
    version: Number(version),
  }));
}

/** Packed blocks by (day, channel). */
export async function selectBlocks(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
  query: BlockQuery,
): Promise<StoredBlock[]> {
  const only = query.channels === undefined ? sql`` : sql` and channel in (${sql.join(query.channels)})`;
  const rows = await compiler.run(
    session,
    sql`select day, channel, rows, data from blocks where tenant_id = ${tenantId} and asset_id = ${query.assetId} and kind = ${query.kind} and day >= ${query.from} and day < ${query.to}${only} order by day, channel`,
  );
  return rows.map(([day, channel, count, data]) => ({
    assetId: query.assetId,
    kind: query.kind,
    day: Number(day),
    channel: String(channel),
    rows: Number(count),
    data: data as Uint8Array,
  }));
}

/** Replaces blocks if the hours that they were made from are as expected; the rows go with an archive. */
export async function replaceBlocks(
  session: SqlSession,
  compiler: SqlCompiler,
  dialect: SqlDialect,
  tenantId: string,
  { assetId, expected, put, archive }: BlockCommit,
  parts: number,
): Promise<boolean> {
  const first = expected[0]?.hour ?? 0;
  const last = expected[expected.length - 1]?.hour ?? -1;
  const rows = await compiler.run(
    session,
    sql`select hour, version from hours where tenant_id = ${tenantId} and asset_id = ${assetId} and hour >= ${first} and hour <= ${last} order by hour ${sql.raw(dialect.lockRows)}`,
  );
  const hours = new Map(rows.map(([hour, version]) => [Number(hour), Number(version)]));
  if (!expected.every(({ hour, version }) => hours.get(hour) === version)) return false;
  const text = compiler.text('put block', () => putBlock());
  await session.many(text, put.length, 7, (row, values) => {
    const { kind, channel, day, rows: count, data } = put[row] as StoredBlock;
    [tenantId, assetId, kind, channel, day, count, data].forEach((value, i) => {
      values[i] = value;
    });
  });
  const here = sql`tenant_id = ${tenantId} and asset_id = ${assetId}`;
  for (const [from, to] of archive ? runsOf(expected) : []) {
    for (let part = 1; part <= parts; part++) {
      await compiler.run(
        session,
        sql`delete from ${sql.table(telemetryTable(part))} where ${here} and time >= ${from * hourMs} and time < ${to * hourMs}`,
      );
    }
  }
  const set = archive
    ? sql`rolled = case when rolled = version then version + 1 else rolled end, version = version + 1, live = 0`
    : sql`rolled = version`;
  await compiler.run(
    session,
    sql`update hours set ${set} where ${here} and hour in (${sql.join(expected.map(({ hour }) => hour))})`,
  );
  return true;
}

function putBlock(): RawBuilder<unknown> {
  return sql`insert into blocks (tenant_id, asset_id, kind, channel, day, rows, data) values (${''}, ${''}, ${''}, ${''}, ${0}, ${0}, ${null}) on conflict (tenant_id, asset_id, kind, channel, day) do update set rows = excluded.rows, data = excluded.data`;
}

/** Consecutive hours as ranges `from` ≤ hour < `to`. */
function runsOf(marks: readonly HourMark[]): [from: number, to: number][] {
  const runs: [from: number, to: number][] = [];
  for (const { hour } of marks) {
    const run = runs[runs.length - 1];
    if (run !== undefined && run[1] === hour) run[1]++;
    else runs.push([hour, hour + 1]);
  }
  return runs;
}
