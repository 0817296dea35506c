import { type RawBuilder, sql } from 'kysely';
import { mergeChannels } from '../contract/channels.js';
import { fenced } from '../contract/check.js';
import type {
  BlockCommit,
  BlockQuery,
  Cell,
  CellRow,
  Change,
  ClaimQuery,
  ColumnBlock,
  Holder,
  HourMark,
  Purge,
  RangeQuery,
  SelectQuery,
  Settlement,
  StorageEngine,
  StoredBlock,
} from '../contract/engine.js';
import { columnsOf, type TableName } from '../contract/tables.js';
import { dayMs, hourMs } from '../contract/time.js';
import type { IntegrityReport, StorageCapabilities, StoredChannel } from '../contract.js';
import { ChannelMap } from './channel-map.js';
import { SqlCompiler } from './compile.js';
import type { SqlDialect } from './dialect.js';
import type { SqlDriver, SqlSession, SqlValue } from './driver.js';
import { migrate, type PlannedMigration, plannedMigrations } from './migrations.js';
import { snakeCase, sqlTable, telemetryTable } from './names.js';
import { claimMessages, settleMessages } from './outbox.js';
import { qualityIn, readRange } from './range.js';
import { retrying } from './retry.js';
import { SeriesWriter } from './write-series.js';

/** The storage engine on any SQL database that has a `SqlDriver` and a `SqlDialect`. */
export class SqlEngine implements StorageEngine {
  readonly adapter: string;
  readonly capabilities: StorageCapabilities;
  readonly #driver: SqlDriver;
  readonly #dialect: SqlDialect;
  readonly #compiler: SqlCompiler;
  readonly #channels: ChannelMap;
  readonly #series: SeriesWriter;

  constructor(driver: SqlDriver, dialect: SqlDialect) {
    this.adapter = dialect.adapter;
    this.capabilities = { persistent: dialect.persistent, multiProcess: dialect.multiProcess, maxChannels: 100_000 };
    this.#driver = driver;
    this.#dialect = dialect;
    this.#compiler = new SqlCompiler(dialect);
    this.#channels = new ChannelMap(dialect, this.#compiler);
    this.#series = new SeriesWriter(dialect, this.#compiler, this.#channels);
  }

  /** Brings the schema up to date. */
  async migrate(now: () => number): Promise<void> {
    await retrying(this.#dialect, () => migrate(this.#driver, this.#dialect, this.#compiler, now));
  }

  /** What `migrate` would do. */
  plannedMigrations(): Promise<PlannedMigration[]> {
    return plannedMigrations(this.#driver, this.#dialect, this.#compiler);
  }

  channels(tenantId: string): Promise<StoredChannel[]> {
    return this.#read(tenantId, (session) => this.#channelsIn(session, tenantId));
  }

  channelsOf(tenantId: string, assetId: string): Promise<string[]> {
    return this.#read(tenantId, async (session) => {
      const rows = await this.#run(
        session,
        sql`select channel from series where tenant_id = ${tenantId} and asset_id = ${assetId} and channel <> '' order by channel`,
      );
      return rows.map(([channel]) => String(channel));
    });
  }

  assets(tenantId: string): Promise<string[]> {
    return this.#read(tenantId, async (session) => {
      const rows = await this.#run(
        session,
        sql`select asset_id from series where tenant_id = ${tenantId} and channel = '' order by asset_id`,
      );
      return rows.map(([assetId]) => String(assetId));
    });
  }

  async apply(changes: readonly Change[]): Promise<void> {
    await retrying(this.#dialect, async () => {
      const remember: (() => void)[] = [];
      try {
        await this.#driver.write(async (session) => {
          for (const change of changes) remember.push(await this.#applyOne(session, change));
        });
      } catch (error) {
        this.#channels.forget();
        throw error;
      }
      for (const keep of remember) keep();
    });
  }

  range(tenantId: string, query: RangeQuery): Promise<ColumnBlock> {
    return this.#read(tenantId, async (session) => {
      const where = await this.#channels.locate(session, query.channels);
      return readRange(session, this.#compiler, tenantId, query, where);
    });
  }

  quality(tenantId: string, assetId: string, from: number, to: number): Promise<Map<number, string>> {
    return this.#read(tenantId, (session) => qualityIn(session, this.#compiler, tenantId, assetId, from, to));
  }

  lastTimes(tenantId: string, assetIds: readonly string[]): Promise<Map<string, number>> {
    return this.#read(tenantId, async (session) => {
      const result = new Map<string, number>();
      const text = this.#compiler.text(
        'last',
        () => sql`select max(time) from telemetry where tenant_id = ${''} and asset_id = ${''}`,
      );
      for (const assetId of assetIds) {
        const [row] = await session.rows(text, [tenantId, assetId]);
        if (row?.[0] != null) result.set(assetId, Number(row[0]));
      }
      return result;
    });
  }

  select(tenantId: string, query: SelectQuery): Promise<CellRow[]> {
    const columns = columnsOf(query.table);
    const conditions = [sql`tenant_id = ${tenantId}`];
    if (query.assetId !== undefined) conditions.push(sql`asset_id = ${query.assetId}`);
    if (query.from !== undefined) conditions.push(sql`time >= ${query.from}`);
    if (query.to !== undefined) conditions.push(sql`time < ${query.to}`);
    for (const [column, value] of query.where) {
      const name = sql.ref(snakeCase(column));
      conditions.push(value === null ? sql`${name} is null` : sql`${name} = ${this.#bind(value)}`);
    }
    const direction = sql.raw(query.descending ? 'desc' : 'asc');
    if (query.after !== undefined) {
      conditions.push(
        sql`(time, id) ${sql.raw(query.descending ? '<' : '>')} (${query.after.time}, ${query.after.id})`,
      );
    }
    return this.#read(tenantId, async (session) => {
      const rows = await this.#run(
        session,
        sql`select ${sql.join(columns.map(([name]) => sql.ref(snakeCase(name))))} from ${sql.table(sqlTable(query.table))} where ${sql.join(conditions, sql` and `)} order by time ${direction}, id ${direction} limit ${query.limit}`,
      );
      return rows.map((row) => cellsFrom(query.table, row));
    });
  }

  hours(
    tenantId: string,
    query: { readonly assetId?: string; readonly stale: boolean; readonly before?: number },
  ): Promise<HourMark[]> {
    const conditions = [sql`tenant_id = ${tenantId}`, query.stale ? sql`version <> rolled` : sql`live = 1`];
    if (query.assetId !== undefined) conditions.push(sql`asset_id = ${query.assetId}`);
    if (query.before !== undefined) conditions.push(sql`hour < ${query.before}`);
    return this.#read(tenantId, async (session) => {
      const rows = await this.#run(
        session,
        sql`select asset_id, hour, version from hours where ${sql.join(conditions, sql` and `)} order by asset_id, hour`,
      );
      return rows.map(([assetId, hour, version]) => ({
        assetId: String(assetId),
        hour: Number(hour),
        version: Number(version),
      }));
    });
  }

  blocks(tenantId: string, query: BlockQuery): Promise<StoredBlock[]> {
    if (query.channels?.length === 0) return Promise.resolve([]);
    const only = query.channels === undefined ? sql`` : sql` and channel in (${sql.join(query.channels)})`;
    return this.#read(tenantId, async (session) => {
      const rows = await this.#run(
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
    });
  }

  lastBlockDay(tenantId: string, assetId: string): Promise<number | undefined> {
    return this.#read(tenantId, async (session) => {
      const [row] = await this.#run(
        session,
        sql`select max(day) from blocks where tenant_id = ${tenantId} and asset_id = ${assetId} and kind = 'raw' and channel = '#time'`,
      );
      return row?.[0] == null ? undefined : Number(row[0]);
    });
  }

  commitBlocks(tenantId: string, commit: BlockCommit): Promise<boolean> {
    return this.#write(tenantId, async (session) => {
      const hours = new Map<number, number>();
      const { assetId, expected, put, archive } = commit;
      const first = expected[0]?.hour ?? 0;
      const last = expected[expected.length - 1]?.hour ?? -1;

      const rows = await this.#run(
        session,
        sql`select hour, version from hours where tenant_id = ${tenantId} and asset_id = ${assetId} and hour >= ${first} and hour <= ${last} order by hour ${sql.raw(this.#dialect.lockRows)}`,
      );
      for (const [hour, version] of rows) hours.set(Number(hour), Number(version));
      if (!expected.every(({ hour, version }) => hours.get(hour) === version)) return false;
      for (const block of put) await this.#run(session, putBlock(tenantId, block));
      const parts = archive ? await this.#channels.parts(session) : 0;
      for (const { hour, version } of expected) {
        const here = sql`tenant_id = ${tenantId} and asset_id = ${assetId}`;
        if (archive) {
          for (let part = 1; part <= parts; part++) {
            await this.#run(
              session,
              sql`delete from ${sql.table(telemetryTable(part))} where ${here} and time >= ${hour * hourMs} and time < ${(hour + 1) * hourMs}`,
            );
          }
          await this.#run(
            session,
            sql`update hours set rolled = case when rolled = version then version + 1 else rolled end, version = version + 1, live = 0 where ${here} and hour = ${hour}`,
          );
        } else {
          await this.#run(session, sql`update hours set rolled = ${version} where ${here} and hour = ${hour}`);
        }
      }
      return true;
    });
  }

  claim(tenantId: string, query: ClaimQuery): Promise<CellRow[]> {
    return this.#write(tenantId, async (session) => {
      const rows = await claimMessages(session, this.#compiler, this.#dialect, tenantId, query);
      return rows.map((row) => cellsFrom('outbox', row));
    });
  }

  settle(tenantId: string, holder: Holder, ids: readonly string[], settlement: Settlement): Promise<number> {
    return this.#write(tenantId, (session) =>
      settleMessages(session, this.#compiler, this.#dialect, tenantId, holder, ids, settlement),
    );
  }

  purge(tenantId: string, purge: Purge): Promise<void> {
    return this.#write(tenantId, async (session) => {
      if (purge.telemetry !== undefined) {
        const parts = await this.#channels.parts(session);
        for (let part = 1; part <= parts; part++) {
          // Asset by asset, so that the key (tenant, asset, time) finds the rows.
          await this.#run(
            session,
            sql`delete from ${sql.table(telemetryTable(part))} where tenant_id = ${tenantId} and asset_id in (select asset_id from series where tenant_id = ${tenantId} and channel = '') and time < ${purge.telemetry}`,
          );
        }
        await this.#run(
          session,
          sql`delete from hours where tenant_id = ${tenantId} and hour < ${Math.floor(purge.telemetry / hourMs)}`,
        );
      }
      for (const { table, before } of purge.tables) {
        await this.#run(
          session,
          sql`delete from ${sql.table(sqlTable(table))} where tenant_id = ${tenantId} and time < ${before}`,
        );
      }
      for (const { kind, before } of purge.blocks) {
        await this.#run(
          session,
          sql`delete from blocks where tenant_id = ${tenantId} and kind = ${kind} and day < ${Math.floor(before / dayMs)}`,
        );
      }
    });
  }

  check(): Promise<IntegrityReport> {
    return this.#read(undefined, (session) => this.#dialect.check(session));
  }

  vacuum(): Promise<void> {
    return this.#read(undefined, (session) => this.#dialect.vacuum(session));
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  #read<T>(tenantId: string | undefined, work: (session: SqlSession) => Promise<T>): Promise<T> {
    return retrying(this.#dialect, () => this.#driver.read((session) => entering(session, tenantId, work)));
  }

  #write<T>(tenantId: string, work: (session: SqlSession) => Promise<T>): Promise<T> {
    return retrying(this.#dialect, () => this.#driver.write((session) => entering(session, tenantId, work)));
  }

  #run(session: SqlSession, query: RawBuilder<unknown>): Promise<readonly (readonly unknown[])[]> {
    return this.#compiler.run(session, query);
  }

  #bind(value: Cell): SqlValue {
    return typeof value === 'boolean' && this.#dialect.type('boolean') === 'integer' ? Number(value) : value;
  }

  async #channelsIn(session: SqlSession, tenantId: string): Promise<StoredChannel[]> {
    const rows = await this.#run(
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

  /** Applies one change; what it returns is run once the transaction is committed. */
  async #applyOne(session: SqlSession, change: Change): Promise<() => void> {
    const { tenantId } = change;
    await session.enter(tenantId);
    if (change.fence !== undefined) await this.#checkFence(session, tenantId, change.fence);
    if (change.channels !== undefined && change.channels.length > 0)
      await this.#putChannels(session, tenantId, change.channels);
    const remember = await this.#series.write(session, tenantId, change.telemetry ?? []);
    for (const { table, rows } of change.put ?? []) await this.#putRows(session, tenantId, table, rows);
    for (const { table, ids } of change.remove ?? []) {
      const text = this.#compiler.text(
        `remove ${table}`,
        () => sql`delete from ${sql.table(sqlTable(table))} where tenant_id = ${''} and id = ${''}`,
      );
      await session.many(text, ids.length, 2, (row, values) => {
        values[0] = tenantId;
        values[1] = ids[row] as string;
      });
    }
    return remember;
  }

  async #checkFence(
    session: SqlSession,
    tenantId: string,
    { id, fence }: { readonly id: string; readonly fence: number },
  ): Promise<void> {
    const [row] = await this.#run(
      session,
      sql`select fence from checkpoints where tenant_id = ${tenantId} and id = ${id} ${sql.raw(this.#dialect.lockRows)}`,
    );
    if (row?.[0] != null && Number(row[0]) > fence) throw fenced(id, Number(row[0]), fence);
  }

  async #putChannels(session: SqlSession, tenantId: string, declared: readonly StoredChannel[]): Promise<void> {
    const known = new Map((await this.#channelsIn(session, tenantId)).map((channel) => [channel.name, channel]));
    const merged = mergeChannels(known, declared);
    const changed = [...new Set(declared.map(({ name }) => name))].flatMap((name) => {
      const channel = merged.get(name);
      return channel === undefined || JSON.stringify(channel) === JSON.stringify(known.get(name)) ? [] : [channel];
    });
    const text = this.#compiler.text(
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
    await this.#channels.ensure(
      session,
      declared.map(({ name }) => name),
    );
  }

  async #putRows(session: SqlSession, tenantId: string, table: TableName, rows: readonly CellRow[]): Promise<void> {
    const columns = columnsOf(table);
    const text = this.#compiler.text(`put ${table}`, () => {
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
        values[i + 1] = this.#bind(cell);
      });
    });
  }
}

async function entering<T>(
  session: SqlSession,
  tenantId: string | undefined,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  if (tenantId !== undefined) await session.enter(tenantId);
  return work(session);
}

function putBlock(tenantId: string, { assetId, kind, channel, day, rows, data }: StoredBlock): RawBuilder<unknown> {
  return sql`insert into blocks (tenant_id, asset_id, kind, channel, day, rows, data) values (${tenantId}, ${assetId}, ${kind}, ${channel}, ${day}, ${rows}, ${data}) on conflict (tenant_id, asset_id, kind, channel, day) do update set rows = excluded.rows, data = excluded.data`;
}

/** A row with the columns of `columnsOf(table)`. */
function cellsFrom(table: TableName, row: readonly unknown[]): CellRow {
  return columnsOf(table).map(([, kind], i) => cellFrom(kind, row[i]));
}

function cellFrom(kind: string, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (kind.startsWith('boolean')) return value === true || value === 1 || value === 1n;
  return kind.startsWith('text') || kind.startsWith('json') ? String(value) : Number(value);
}
