import { type RawBuilder, sql } from 'kysely';
import type { TelemetryRows } from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import type { SqlCompiler } from './compile.js';
import type { TelemetryWrite } from './dialect.js';
import type { SqlSession, SqlValue } from './driver.js';
import { attempted } from './savepoint.js';

/** How columns of values reach the server as one parameter each. */
export interface ArrayEncoder {
  numbers(values: readonly number[] | Float64Array, rows: readonly number[]): SqlValue;
  times(values: readonly number[], rows: readonly number[]): SqlValue;
  texts(values: readonly (string | null)[], rows: readonly number[]): SqlValue;
}

/** Arrays as JavaScript has them, for drivers that turn them into PostgreSQL's. */
export const plainArrays: ArrayEncoder = {
  numbers: (values, rows) => rows.map((row) => (Number.isNaN(values[row]) ? null : (values[row] as number))),
  times: (values, rows) => rows.map((row) => values[row] as number),
  texts: (values, rows) => rows.map((row) => values[row] ?? null),
};

const maxRows = 10_000;
/** From so many rows of one asset on, it is worth a question whether any of them is there already. */
const manyRows = 500;

/** Upserts rows as arrays, one parameter for each column. */
export async function writeTelemetry(
  session: SqlSession,
  compiler: SqlCompiler,
  arrays: ArrayEncoder,
  write: TelemetryWrite,
): Promise<void> {
  const { assetIds } = write.rows;
  const single = assetIds.every((assetId) => assetId === assetIds[0]);
  const runs = inOrder(write.rows);
  const [first] = runs;
  if (single && first !== undefined && runs.length === 1 && first.length >= manyRows) {
    if (await insertedNew(session, compiler, arrays, write, first)) return;
  }
  for (const order of runs) await insert(session, compiler, arrays, write, order, { single, upsert: true });
}

/**
 * Inserts rows of one asset where none are yet, which costs two thirds of an upsert. False, and nothing written, if there are
 * some; another process may write them between the question and the insert.
 */
async function insertedNew(
  session: SqlSession,
  compiler: SqlCompiler,
  arrays: ArrayEncoder,
  write: TelemetryWrite,
  order: readonly number[],
): Promise<boolean> {
  const { tenantId, table, rows } = write;
  const [from, to] = [rows.time[order[0] as number], rows.time[order[order.length - 1] as number]];
  const found = await compiler.run(
    session,
    sql`select 1 from ${sql.table(table)} where tenant_id = ${tenantId} and asset_id = ${rows.assetIds[0]} and time >= ${from} and time <= ${to} limit 1`,
  );
  if (found.length > 0) return false;
  return attempted(session, [uniqueViolation], () =>
    insert(session, compiler, arrays, write, order, { single: true, upsert: false }),
  );
}

const uniqueViolation = '23505';

/** How rows are inserted: all of one asset, or each with its own; and what becomes of those that are there. */
interface InsertKind {
  readonly single: boolean;
  readonly upsert: boolean;
}

async function insert(
  session: SqlSession,
  compiler: SqlCompiler,
  arrays: ArrayEncoder,
  { tenantId, table, columns, picks, rows }: TelemetryWrite,
  order: readonly number[],
  kind: InsertKind,
): Promise<void> {
  const quality = rows.quality !== undefined;
  const text = compiler.text(`${kind.single} ${kind.upsert} ${quality} ${table} ${columns.join(' ')}`, () =>
    insertText(table, columns, quality, kind),
  );
  let sent: Promise<unknown> = Promise.resolve();
  for (let start = 0; start < order.length; start += maxRows) {
    const some = order.length <= maxRows ? order : order.slice(start, start + maxRows);
    const parameters: SqlValue[] = [
      tenantId,
      kind.single ? (rows.assetIds[0] as string) : arrays.texts(rows.assetIds, some),
      arrays.times(rows.time, some),
      ...picks.map((pick) => arrays.numbers(rows.columns[pick] as readonly number[] | Float64Array, some)),
    ];
    if (rows.quality !== undefined) parameters.push(arrays.texts(rows.quality, some));
    // The server works on one piece while the next is encoded.
    await sent;
    sent = session.rows(text, parameters);
  }
  await sent;
}

/** Arrays are unnested side by side in the list of the select: as a table function, each would be put down first. */
function insertText(
  table: string,
  columns: readonly string[],
  quality: boolean,
  { single, upsert }: InsertKind,
): RawBuilder<unknown> {
  const own = ['time', ...columns, ...(quality ? ['quality'] : [])];
  const names = ['tenant_id', 'asset_id', ...own].map((name) => sql.ref(name));
  const values = [
    sql`${''}::text`,
    single ? sql`${''}::text` : sql`unnest(${''}::text[])`,
    sql`unnest(${0}::int8[])`,
    ...columns.map(() => sql`unnest(${0}::float8[])`),
    ...(quality ? [sql`unnest(${''}::text[])`] : []),
  ];
  const inserted = sql`insert into ${sql.table(table)} (${sql.join(names)}) select ${sql.join(values)}`;
  if (!upsert) return inserted;
  const sets = own
    .slice(1)
    .map((name) => sql`${sql.ref(name)} = coalesce(excluded.${sql.ref(name)}, ${sql.table(table)}.${sql.ref(name)})`);
  const key = sql`${inserted} on conflict (tenant_id, asset_id, time)`;
  return sets.length === 0 ? sql`${key} do nothing` : sql`${key} do update set ${sql.join(sets)}`;
}

/** Row numbers sorted by key, in as many runs as needed for no key to come twice in one statement. */
function inOrder({ assetIds, time }: TelemetryRows): number[][] {
  const rows = Array.from(time, (_, i) => i);
  const compare = (a: number, b: number) =>
    compareText(assetIds[a] as string, assetIds[b] as string) || (time[a] as number) - (time[b] as number);
  let sorted = true;
  for (let i = 1; i < rows.length && sorted; i++) sorted = compare(i - 1, i) < 0;
  if (sorted) return [rows];
  rows.sort((a, b) => compare(a, b) || a - b);
  const runs: number[][] = [];
  let depth = 0;
  rows.forEach((row, i) => {
    depth = i > 0 && compare(rows[i - 1] as number, row) === 0 ? depth + 1 : 0;
    const run = runs[depth];
    if (run === undefined) runs.push([row]);
    else run.push(row);
  });
  return runs;
}
