import { sql } from 'kysely';
import { mergeChannels } from '../contract/channels.js';
import type { StoredChannel } from '../contract.js';
import type { SqlCompiler } from './compile.js';
import type { SqlSession } from './driver.js';

/** The registered channels of a tenant, by name. */
export async function selectChannels(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
): Promise<StoredChannel[]> {
  const rows = await compiler.run(
    session,
    sql`select name, unit, rest_name, title, min, max from channels where tenant_id = ${tenantId} order by name`,
  );
  return rows.map(([name, unit, restName, title, min, max]) => ({
    name: String(name),
    unit: String(unit),
    ...(restName == null ? {} : { restName: String(restName) }),
    ...(title == null ? {} : { title: String(title) }),
    ...(min == null ? {} : { min: Number(min) }),
    ...(max == null ? {} : { max: Number(max) }),
  }));
}

/** Registers channels of a tenant. @throws TwinergyError `STORAGE_CHANNEL_UNIT` */
export async function putChannels(
  session: SqlSession,
  compiler: SqlCompiler,
  tenantId: string,
  declared: readonly StoredChannel[],
): Promise<void> {
  const known = new Map((await selectChannels(session, compiler, tenantId)).map((channel) => [channel.name, channel]));
  const merged = mergeChannels(known, declared);
  const changed = [...new Set(declared.map(({ name }) => name))].flatMap((name) => {
    const channel = merged.get(name);
    return channel === undefined || JSON.stringify(channel) === JSON.stringify(known.get(name)) ? [] : [channel];
  });
  const text = compiler.text(
    'put channel',
    () =>
      sql`insert into channels (tenant_id, name, unit, rest_name, title, min, max) values (${''}, ${''}, ${''}, ${null}, ${null}, ${null}, ${null}) on conflict (tenant_id, name) do update set rest_name = excluded.rest_name, title = excluded.title, min = excluded.min, max = excluded.max`,
  );
  await session.many(text, changed.length, 7, (row, values) => {
    const { name, unit, restName = null, title = null, min = null, max = null } = changed[row] as StoredChannel;
    [tenantId, name, unit, restName, title, min, max].forEach((value, i) => {
      values[i] = value;
    });
  });
}
