import { type RawBuilder, sql } from 'kysely';
import { fenced } from '../contract/check.js';
import type {
  BlockCommit,
  BlockQuery,
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
import { tableNames } from '../contract/tables.js';
import type { IntegrityReport, StorageCapabilities, StoredChannel } from '../contract.js';
import { replaceBlocks, selectBlocks, selectHours } from './blocks.js';
import { ChannelMap } from './channel-map.js';
import { putChannels, selectChannels } from './channels.js';
import { SqlCompiler } from './compile.js';
import type { SqlDialect } from './dialect.js';
import type { SqlDriver, SqlSession } from './driver.js';
import { migrate, type PlannedMigration, plannedMigrations } from './migrations.js';
import { sqlTable } from './names.js';
import { claimMessages, settleMessages } from './outbox.js';
import { deleteByAge } from './purge.js';
import { qualityIn, readRange } from './range.js';
import { cellsFrom, putRecords, removeRecords, selectRecords } from './records.js';
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
  readonly backup?: (path: string) => Promise<void>;

  constructor(driver: SqlDriver, dialect: SqlDialect) {
    this.adapter = dialect.adapter;
    this.capabilities = { persistent: dialect.persistent, multiProcess: dialect.multiProcess, maxChannels: 100_000 };
    const { backup } = dialect;
    if (backup !== undefined)
      this.backup = (path) => this.#read(undefined, (session) => backup.call(dialect, session, path));
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
    return this.#read(tenantId, (session) => selectChannels(session, this.#compiler, tenantId));
  }

  channelsOf(tenantId: string, assetId: string): Promise<string[]> {
    return this.#texts(
      tenantId,
      sql`select channel from series where tenant_id = ${tenantId} and asset_id = ${assetId} and channel <> '' order by channel`,
    );
  }

  assets(tenantId: string): Promise<string[]> {
    return this.#texts(
      tenantId,
      sql`select asset_id from series where tenant_id = ${tenantId} and channel = '' order by asset_id`,
    );
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
    return this.#read(tenantId, (session) => selectRecords(session, this.#compiler, this.#dialect, tenantId, query));
  }

  hours(
    tenantId: string,
    query: { readonly assetId?: string; readonly stale: boolean; readonly before?: number },
  ): Promise<HourMark[]> {
    return this.#read(tenantId, (session) => selectHours(session, this.#compiler, tenantId, query));
  }

  blocks(tenantId: string, query: BlockQuery): Promise<StoredBlock[]> {
    if (query.channels?.length === 0) return Promise.resolve([]);
    return this.#read(tenantId, (session) => selectBlocks(session, this.#compiler, tenantId, query));
  }

  lastBlockDay(tenantId: string, assetId: string): Promise<number | undefined> {
    return this.#read(tenantId, async (session) => {
      const [row] = await this.#compiler.run(
        session,
        sql`select max(day) from blocks where tenant_id = ${tenantId} and asset_id = ${assetId} and kind = 'raw' and channel = '#time'`,
      );
      return row?.[0] == null ? undefined : Number(row[0]);
    });
  }

  commitBlocks(tenantId: string, commit: BlockCommit): Promise<boolean> {
    return this.#write(tenantId, async (session) => {
      const parts = commit.archive ? await this.#channels.parts(session) : 0;
      return replaceBlocks(session, this.#compiler, this.#dialect, tenantId, commit, parts);
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
      const parts = purge.telemetry === undefined ? 0 : await this.#channels.parts(session);
      await deleteByAge(session, this.#compiler, tenantId, purge, parts);
    });
  }

  tenants(): Promise<string[]> {
    const sources = ['channels', 'series', ...tableNames.map(sqlTable)].map(
      (table) => sql`select tenant_id from ${sql.table(table)}`,
    );
    return this.#texts(
      undefined,
      sql`select tenant_id from (${sql.join(sources, sql` union `)}) as used order by tenant_id`,
    );
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

  /** The one column of a query. */
  #texts(tenantId: string | undefined, query: RawBuilder<unknown>): Promise<string[]> {
    return this.#read(tenantId, async (session) =>
      (await this.#compiler.run(session, query)).map(([value]) => String(value)),
    );
  }

  /** Applies one change; what it returns is run once the transaction is committed. */
  async #applyOne(session: SqlSession, change: Change): Promise<() => void> {
    const { tenantId, fence, channels } = change;
    await session.enter(tenantId);
    if (fence !== undefined) await this.#checkFence(session, tenantId, fence.id, fence.fence);
    if (channels !== undefined && channels.length > 0) {
      await putChannels(session, this.#compiler, tenantId, channels);
      await this.#channels.ensure(
        session,
        channels.map(({ name }) => name),
      );
    }
    const remember = await this.#series.write(session, change);
    for (const { table, rows } of change.put ?? [])
      await putRecords(session, this.#compiler, this.#dialect, tenantId, table, rows);
    for (const { table, ids } of change.remove ?? [])
      await removeRecords(session, this.#compiler, tenantId, table, ids);
    return remember;
  }

  async #checkFence(session: SqlSession, tenantId: string, id: string, fence: number): Promise<void> {
    const [row] = await this.#compiler.run(
      session,
      sql`select fence from checkpoints where tenant_id = ${tenantId} and id = ${id} ${sql.raw(this.#dialect.lockRows)}`,
    );
    if (row?.[0] != null && Number(row[0]) > fence) throw fenced(id, Number(row[0]), fence);
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
