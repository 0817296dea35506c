import { sql } from 'kysely';
import type { Cell, CellRow, SelectQuery } from '../contract/engine.js';
import { columnsOf, type TableName } from '../contract/tables.js';
import type { SqlCompiler } from './compile.js';
import type { SqlDialect } from './dialect.js';
import type { SqlSession, SqlValue } from './driver.js';
import { snakeCase, sqlTable } from './names.js';

/** Reads rows of a table of records. */
export async function selectRecords(
  session: SqlSession,
  compiler: SqlCompiler,
  dialect: SqlDialect,
  tenantId: string,
  query: SelectQuery,
): Promise<CellRow[]> {
  const conditions = [sql`tenant_id = ${tenantId}`];
  if (query.assetId !== undefined) conditions.push(sql`asset_id = ${query.assetId}`);
  if (query.idPrefix !== undefined) {
    // Ids are compared by code point: those that begin so lie between the prefix and the greatest that follows it.
    conditions.push(sql`id >= ${query.idPrefix} and id < ${`${query.idPrefix}\u{10ffff}`}`);
  }
  if (query.from !== undefined) conditions.push(sql`time >= ${query.from}`);
  if (query.to !== undefined) conditions.push(sql`time < ${query.to}`);
  for (const [column, value] of query.where) {
    const name = sql.ref(snakeCase(column));
    conditions.push(value === null ? sql`${name} is null` : sql`${name} = ${bound(dialect, value)}`);
  }
  const direction = sql.raw(query.descending ? 'desc' : 'asc');
  if (query.after !== undefined)
    conditions.push(sql`(time, id) ${sql.raw(query.descending ? '<' : '>')} (${query.after.time}, ${query.after.id})`);
  const names = columnsOf(query.table).map(([name]) => sql.ref(snakeCase(name)));
  const rows = await compiler.run(
    session,
    sql`select ${sql.join(names)} from ${sql.table(sqlTable(query.table))} where ${sql.join(conditions, sql` and `)} order by time ${direction}, id ${direction} limit ${query.limit}`,
  );
  return rows.map((row) => cellsFrom(query.table, row));
}

/** Inserts or replaces rows of a table of records. */
export async function putRecords(
  session: SqlSession,
  compiler: SqlCompiler,
  dialect: SqlDialect,
  tenantId: string,
  table: TableName,
  rows: readonly CellRow[],
): Promise<void> {
  const columns = columnsOf(table);
  const text = compiler.text(`put ${table}`, () => {
    const names = columns.map(([name]) => sql.ref(snakeCase(name)));
    const sets = columns
      .slice(1)
      .map(([name]) => sql`${sql.ref(snakeCase(name))} = excluded.${sql.ref(snakeCase(name))}`);
    return sql`insert into ${sql.table(sqlTable(table))} (tenant_id, ${sql.join(names)}) values (${''}, ${sql.join(names.map(() => sql`${null}`))}) on conflict (tenant_id, id) do update set ${sql.join(sets)}`;
  });
  // Of two records of the same id the later one counts.
  const unique = [...new Map(rows.map((row) => [row[0], row])).values()];
  await session.many(text, unique.length, columns.length + 1, (row, values) => {
    values[0] = tenantId;
    (unique[row] as CellRow).forEach((cell, i) => {
      values[i + 1] = bound(dialect, cell);
    });
  });
}

/** Removes rows of a table of records by id. */
export async function removeRecords(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
  table: TableName,
  ids: readonly string[],
): Promise<void> {
  const text = compiler.text(
    `remove ${table}`,
    () => sql`delete from ${sql.table(sqlTable(table))} where tenant_id = ${''} and id = ${''}`,
  );
  await session.many(text, ids.length, 2, (row, values) => {
    values[0] = tenantId;
    values[1] = ids[row] as string;
  });
}

/** A row with the columns of `columnsOf(table)`. */
export function cellsFrom(table: TableName, row: readonly unknown[]): CellRow {
  return columnsOf(table).map(([, kind], i) => cellFrom(kind, row[i]));
}

function cellFrom(kind: string, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (kind.startsWith('boolean')) return value === true || value === 1 || value === 1n;
  return kind.startsWith('text') || kind.startsWith('json') ? String(value) : Number(value);
}

function bound(dialect: SqlDialect, value: Cell): SqlValue {
  return typeof value === 'boolean' && dialect.type('boolean') === 'integer' ? Number(value) : value;
}
