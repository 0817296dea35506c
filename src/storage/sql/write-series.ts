import { sql } from 'kysely';
import { TwinergyError } from '../../core/errors.js';
import type { Change, TelemetryRows } from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import { hourMs } from '../contract/time.js';
import type { ChannelMap } from './channel-map.js';
import type { SqlCompiler } from './compile.js';
import type { SqlDialect } from './dialect.js';
import type { SqlSession } from './driver.js';
import { telemetryTable } from './names.js';

/** Writes telemetry rows, marks the hours they fall into, and notes which asset has which channel. */
export class SeriesWriter {
  readonly #dialect: SqlDialect;
  readonly #compiler: SqlCompiler;
  readonly #channels: ChannelMap;
  /** `tenant NUL asset` → channels that are noted as reported. */
  readonly #seen = new Map<string, ReadonlySet<string>>();

  constructor(dialect: SqlDialect, compiler: SqlCompiler, channels: ChannelMap) {
    this.#dialect = dialect;
    this.#compiler = compiler;
    this.#channels = channels;
  }

  /** Writes the rows; what it returns is run once the transaction is committed. */
  async write(session: SqlSession, { tenantId, stamp, telemetry = [] }: Change): Promise<() => void> {
    const hours = new Map<string, Set<number>>();
    const channelsOf = new Map<string, Set<string>>();
    for (const rows of telemetry) {
      if (rows.time.length === 0) continue;
      await this.#writeGroup(session, tenantId, rows);
      let lastAsset: string | undefined;
      let lastHour = Number.NaN;
      for (let i = 0; i < rows.time.length; i++) {
        const assetId = rows.assetIds[i] as string;
        const hour = Math.floor((rows.time[i] as number) / hourMs);
        if (assetId === lastAsset && hour === lastHour) continue;
        const set = hours.get(assetId) ?? new Set();
        hours.set(assetId, set.add(hour));
        if (assetId !== lastAsset) {
          const names = channelsOf.get(assetId) ?? new Set(['']);
          channelsOf.set(assetId, names);
          for (const name of rows.channels) names.add(name);
        }
        lastAsset = assetId;
        lastHour = hour;
      }
    }
    await this.#markHours(session, tenantId, stamp, hours);
    return this.#noteChannels(session, tenantId, channelsOf);
  }

  async #writeGroup(session: SqlSession, tenantId: string, rows: TelemetryRows): Promise<void> {
    const where = await this.#channels.locate(session, rows.channels);
    const parts = new Map<number, { columns: string[]; picks: number[] }>([[1, { columns: [], picks: [] }]]);
    where.forEach((column, pick) => {
      if (column === undefined) {
        throw new TwinergyError('STORAGE_UNKNOWN_CHANNEL', `Channel "${rows.channels[pick]}" has no column.`, {
          path: rows.channels[pick] as string,
        });
      }
      const part = parts.get(column.part) ?? { columns: [], picks: [] };
      part.columns.push(column.column);
      part.picks.push(pick);
      parts.set(column.part, part);
    });
    for (const [part, { columns, picks }] of parts) {
      const own = part === 1 ? rows : { ...rows, quality: undefined };
      await this.#dialect.upsertTelemetry(session, {
        tenantId,
        table: telemetryTable(part),
        columns,
        picks,
        rows: own,
      });
    }
  }

  async #markHours(
    session: SqlSession,
    tenantId: string,
    stamp: number,
    hours: ReadonlyMap<string, ReadonlySet<number>>,
  ): Promise<void> {
    // Sorted, so that two writers take the rows in the same order and cannot block each other for ever.
    const marks = [...hours.keys()]
      .sort(compareText)
      .flatMap((assetId) =>
        [...(hours.get(assetId) ?? [])].sort((a, b) => a - b).map((hour) => [assetId, hour] as const),
      );
    const text = this.#compiler.text(
      'mark hours',
      () =>
        sql`insert into hours (tenant_id, asset_id, hour, version, rolled, live) values (${''}, ${''}, ${0}, ${0}, 0, 1) on conflict (tenant_id, asset_id, hour) do update set version = hours.version + 1, live = 1`,
    );
    await session.many(text, marks.length, 4, (row, values) => {
      const [assetId, hour] = marks[row] as readonly [string, number];
      values[0] = tenantId;
      values[1] = assetId;
      values[2] = hour;
      values[3] = stamp;
    });
  }

  async #noteChannels(
    session: SqlSession,
    tenantId: string,
    channelsOf: ReadonlyMap<string, ReadonlySet<string>>,
  ): Promise<() => void> {
    const fresh: [assetId: string, channel: string][] = [];
    for (const assetId of [...channelsOf.keys()].sort(compareText)) {
      const seen = this.#seen.get(`${tenantId}\u0000${assetId}`);
      for (const channel of [...(channelsOf.get(assetId) ?? [])].sort(compareText))
        if (!seen?.has(channel)) fresh.push([assetId, channel]);
    }
    if (fresh.length === 0) return () => undefined;
    const text = this.#compiler.text(
      'note channel',
      () => sql`insert into series (tenant_id, asset_id, channel) values (${''}, ${''}, ${''}) on conflict do nothing`,
    );
    await session.many(text, fresh.length, 3, (row, values) => {
      const [assetId, channel] = fresh[row] as [string, string];
      values[0] = tenantId;
      values[1] = assetId;
      values[2] = channel;
    });
    return () => {
      for (const [assetId, channel] of fresh) {
        const key = `${tenantId}\u0000${assetId}`;
        this.#seen.set(key, new Set([...(this.#seen.get(key) ?? []), channel]));
      }
    };
  }
}
