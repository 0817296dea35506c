import { sql } from 'kysely';
import { compareText } from '../contract/order.js';
import type { SqlCompiler } from './compile.js';
import type { ChannelColumn, SqlDialect } from './dialect.js';
import type { SqlSession } from './driver.js';
import { columnFor, telemetryTable } from './names.js';

/** Which column of which telemetry table each channel has. Columns are shared by tenants; units and names are not. */
export class ChannelMap {
  readonly #dialect: SqlDialect;
  readonly #compiler: SqlCompiler;
  #known: ReadonlyMap<string, ChannelColumn> | undefined;

  constructor(dialect: SqlDialect, compiler: SqlCompiler) {
    this.#dialect = dialect;
    this.#compiler = compiler;
  }

  /** Drops what is remembered, after a transaction that may have added columns was rolled back. */
  forget(): void {
    this.#known = undefined;
  }

  /** Where channels live; one that no tenant ever registered is undefined. */
  async locate(session: SqlSession, channels: readonly string[]): Promise<(ChannelColumn | undefined)[]> {
    const known = this.#known;
    const current =
      known !== undefined && channels.every((name) => known.has(name)) ? known : await this.#load(session);
    return channels.map((name) => current.get(name));
  }

  /** Number of telemetry tables. */
  async parts(session: SqlSession): Promise<number> {
    const [row] = await this.#compiler.run(session, sql`select max(part) from telemetry_columns`);
    return Math.max(1, Number(row?.[0] ?? 1));
  }

  /** Gives each channel a column, adding what is missing. Runs in a writing transaction. */
  async ensure(session: SqlSession, channels: readonly string[]): Promise<void> {
    if ((await this.locate(session, channels)).every((column) => column !== undefined)) return;
    // Columns are added under the lock of migrations, so that two processes cannot add the same one.
    for (const statement of this.#dialect.lockMigrations()) await this.#compiler.run(session, statement);
    const known = new Map(await this.#load(session));
    const taken = new Set([...known.values()].map(({ column }) => column));
    let part = 1;
    const counts = new Map<number, number>();
    for (const column of known.values()) {
      counts.set(column.part, (counts.get(column.part) ?? 0) + 1);
      part = Math.max(part, column.part);
    }
    const fresh: { channel: string; part: number; column: string }[] = [];
    for (const channel of [...new Set(channels)].filter((name) => !known.has(name)).sort(compareText)) {
      if ((counts.get(part) ?? 0) >= this.#dialect.channelsPerTable) {
        part++;
        for (const statement of [
          ...this.#dialect.createTelemetry(telemetryTable(part)),
          ...this.#dialect.guardPartitions(),
        ])
          await this.#compiler.run(session, statement);
      }
      const column = columnFor(channel, taken);
      taken.add(column);
      counts.set(part, (counts.get(part) ?? 0) + 1);
      fresh.push({ channel, part, column });
      known.set(channel, { part, column });
    }
    for (const to of new Set(fresh.map((entry) => entry.part))) {
      const columns = fresh.filter((entry) => entry.part === to).map(({ column }) => column);
      for (const statement of this.#dialect.addColumns(telemetryTable(to), columns))
        await this.#compiler.run(session, statement);
    }
    const text = this.#compiler.text(
      'channel column',
      () => sql`insert into telemetry_columns (channel, part, column_name) values (${''}, ${0}, ${''})`,
    );
    await session.many(text, fresh.length, 3, (row, values) => {
      const entry = fresh[row];
      values[0] = entry?.channel ?? null;
      values[1] = entry?.part ?? null;
      values[2] = entry?.column ?? null;
    });
    this.#known = known;
  }

  async #load(session: SqlSession): Promise<ReadonlyMap<string, ChannelColumn>> {
    const rows = await this.#compiler.run(session, sql`select channel, part, column_name from telemetry_columns`);
    this.#known = new Map(
      rows.map(([channel, part, column]) => [String(channel), { part: Number(part), column: String(column) }]),
    );
    return this.#known;
  }
}
