import { sql } from 'kysely';
import type { ColumnBlock, RangeQuery } from '../contract/engine.js';
import type { SqlCompiler } from './compile.js';
import type { ChannelColumn } from './dialect.js';
import type { SqlSession } from './driver.js';
import { telemetryTable } from './names.js';

/** Reads a range of one asset into columns; channels may be spread over several telemetry tables. */
export async function readRange(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
  query: RangeQuery,
  where: readonly (ChannelColumn | undefined)[],
): Promise<ColumnBlock> {
  const namesIn = (part: number) => [
    ...new Set(where.flatMap((column) => (column?.part === part ? [column.column] : []))),
  ];
  const select = (part: number, from: number, to: number, limit: number) => {
    const names = namesIn(part);
    const table = telemetryTable(part);
    // The direction is part of the text; all values are bound by position.
    const text = compiler.text(`${query.latest ? 'latest' : 'range'} ${table} ${names.join(' ')}`, () => {
      const columns = ['time', ...names].map((name) => sql.ref(name));
      return sql`select ${sql.join(columns)} from ${sql.table(table)} where tenant_id = ${''} and asset_id = ${''} and time >= ${0} and time < ${0} order by time ${sql.raw(query.latest ? 'desc' : 'asc')} limit ${0}`;
    });
    return session.columns(text, [tenantId, query.assetId, from, to, limit], names.length + 1);
  };
  const first = await select(1, query.from, query.to, query.limit);
  if (query.latest) for (const column of first) column.reverse();
  const time = first[0] as Float64Array;
  const found = new Map(namesIn(1).map((name, k) => [name, first[k + 1] as Float64Array]));
  const furtherParts = new Set(
    where.flatMap((column) => (column === undefined || column.part === 1 ? [] : [column.part])),
  );
  if (time.length > 0) {
    for (const part of furtherParts) {
      const block = await select(part, time[0] as number, (time[time.length - 1] as number) + 1, time.length);
      if (query.latest) for (const column of block) column.reverse();
      const rows = rowsOf(block[0] as Float64Array, time);
      namesIn(part).forEach((name, k) => {
        const spread = new Float64Array(time.length).fill(Number.NaN);
        const source = block[k + 1] as Float64Array;
        for (let i = 0; i < rows.length; i++) spread[rows[i] as number] = source[i] as number;
        found.set(name, spread);
      });
    }
  }
  return {
    time,
    columns: where.map(
      (column) =>
        (column === undefined ? undefined : found.get(column.column)) ?? new Float64Array(time.length).fill(Number.NaN),
    ),
  };
}

/** For each of `times` its row in `axis`; both ascend and every time is on the axis. */
function rowsOf(times: Float64Array, axis: Float64Array): Int32Array {
  const rows = new Int32Array(times.length);
  for (let i = 0, j = 0; i < times.length; i++) {
    while (axis[j] !== times[i]) j++;
    rows[i] = j;
  }
  return rows;
}

/** Quality flags (JSON) by time. */
export async function qualityIn(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
  assetId: string,
  from: number,
  to: number,
): Promise<Map<number, string>> {
  const rows = await compiler.run(
    session,
    sql`select time, quality from telemetry where tenant_id = ${tenantId} and asset_id = ${assetId} and time >= ${from} and time < ${to} and quality is not null`,
  );
  return new Map(rows.map(([time, quality]) => [Number(time), String(quality)]));
}
