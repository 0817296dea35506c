import { sql } from 'kysely';
import type { ClaimQuery, Holder, Settlement } from '../contract/engine.js';
import { columnsOf } from '../contract/tables.js';
import type { SqlCompiler } from './compile.js';
import type { SqlDialect } from './dialect.js';
import type { SqlSession } from './driver.js';
import { snakeCase } from './names.js';

const columns = sql.join(columnsOf('outbox').map(([name]) => sql.ref(snakeCase(name))));

/** Takes due messages in a writing transaction; rows that another worker is just taking are passed over. */
export async function claimMessages(
  session: SqlSession,
  compiler: SqlCompiler,
  dialect: SqlDialect,
  tenantId: string,
  { owner, topic, limit, now, until }: ClaimQuery,
): Promise<readonly (readonly unknown[])[]> {
  const only = topic === undefined ? sql`` : sql` and topic = ${topic}`;
  const due = await compiler.run(
    session,
    sql`select id from outbox where tenant_id = ${tenantId} and state is null and (due_at is null or due_at <= ${now}) and (claimed_until is null or claimed_until <= ${now})${only} order by time, id limit ${limit} ${sql.raw(dialect.lockRows === '' ? '' : `${dialect.lockRows} skip locked`)}`,
  );
  if (due.length === 0) return [];
  const those = sql`tenant_id = ${tenantId} and id in (${sql.join(due.map(([id]) => String(id)))})`;
  await compiler.run(
    session,
    sql`update outbox set claimed_by = ${owner}, claimed_until = ${until}, attempts = coalesce(attempts, 0) + 1 where ${those}`,
  );
  return compiler.run(session, sql`select ${columns} from outbox where ${those} order by time, id`);
}

/** Settles what `holder` holds, in a writing transaction; the number of messages. */
export async function settleMessages(
  session: SqlSession,
  compiler: SqlCompiler,
  dialect: SqlDialect,
  tenantId: string,
  holder: Holder,
  ids: readonly string[],
  settlement: Settlement,
): Promise<number> {
  const held = holder === 'dead' ? sql`state = 'dead'` : sql`claimed_by = ${holder.owner}`;
  const found = await compiler.run(
    session,
    sql`select id from outbox where tenant_id = ${tenantId} and id in (${sql.join([...new Set(ids)])}) and ${held} ${sql.raw(dialect.lockRows)}`,
  );
  if (found.length === 0) return 0;
  const those = sql`tenant_id = ${tenantId} and id in (${sql.join(found.map(([id]) => String(id)))})`;
  if (settlement === 'remove') await compiler.run(session, sql`delete from outbox where ${those}`);
  else {
    const { state, dueAt, error, attempts } = settlement;
    const count = attempts === undefined ? sql`` : sql`, attempts = ${attempts}`;
    await compiler.run(
      session,
      sql`update outbox set state = ${state}, due_at = ${dueAt}, error = ${error}, claimed_by = null, claimed_until = null${count} where ${those}`,
    );
  }
  return found.length;
}
