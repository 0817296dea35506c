import { quote, TwinergyError } from '../../core/errors.js';
import { Frame } from '../../core/frame.js';
import type { Reading } from '../../core/reading.js';
import { throwIfAborted } from '../../core/work.js';
import { checkCount, checkId, rangeOf } from '../contract/check.js';
import { cursorOf, keyOfCursor } from '../contract/cursor.js';
import type { ColumnBlock, StorageEngine } from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import type { ChartQuery, Page, RollupQuery, RollupStep, TelemetryQuery } from '../contract.js';
import { lastArchivedTime, readMerged, readQuality } from './archive.js';
import type { ChannelBook } from './channel-book.js';
import { chartRows } from './chart.js';
import type { RecentFrames } from './recent.js';
import { readRollup, refreshRollups } from './rollup.js';

const maxPage = 100_000;
const rollupSteps: readonly RollupStep[] = ['1m', '15m', '1h', '1d'];

/** The reading calls of one tenant's telemetry. */
export class TelemetryReader {
  readonly #tenantId: string;
  readonly #engine: StorageEngine;
  readonly #book: ChannelBook;
  readonly #recent: RecentFrames;
  readonly #maxRows: number;

  constructor(tenantId: string, engine: StorageEngine, book: ChannelBook, recent: RecentFrames, maxRows: number) {
    this.#tenantId = tenantId;
    this.#engine = engine;
    this.#book = book;
    this.#recent = recent;
    this.#maxRows = maxRows;
  }

  async read(query: TelemetryQuery): Promise<Frame> {
    const { channels, block } = await this.#range(query, this.#maxRows);
    const found = await this.#book.find(channels);
    return new Frame(
      block.time,
      new Map(found.map(({ name, unit }, k) => [name, { data: block.columns[k] as Float64Array, unit }])),
    );
  }

  async *stream(query: Omit<TelemetryQuery, 'last'> & { readonly chunk?: number }): AsyncIterable<Frame> {
    const chunk = checkCount(query.chunk ?? 10_000, 'chunk', 1, this.#maxRows);
    const { to } = rangeOf(query);
    let { from } = rangeOf(query);
    let left =
      query.limit === undefined
        ? Number.POSITIVE_INFINITY
        : checkCount(query.limit, 'limit', 0, Number.MAX_SAFE_INTEGER);
    const channels = query.channels ?? (await this.#channelsOf(query.assetId));
    while (left > 0) {
      const frame = await this.read({
        assetId: query.assetId,
        from,
        to,
        channels,
        limit: Math.min(chunk, left),
        signal: query.signal,
      });
      if (frame.length === 0) return;
      yield frame;
      left -= frame.length;
      from = (frame.time[frame.length - 1] as number) + 1;
    }
  }

  async readings(query: TelemetryQuery & { readonly after?: string | undefined }): Promise<Page<Reading>> {
    const limit = checkCount(query.limit ?? 1_000, 'limit', 1, maxPage);
    const bounds = rangeOf(query);
    const from = query.after === undefined ? bounds.from : Math.max(bounds.from, keyOfCursor(query.after).time + 1);
    const { after: _after, ...rest } = query;
    const { channels, block } = await this.#range({ ...rest, from, to: bounds.to, limit }, maxPage);
    const count = block.time.length;
    const first = block.time[0];
    const last = block.time[count - 1];
    if (first === undefined || last === undefined) return { rows: [] };
    const quality = await readQuality(this.#engine, this.#tenantId, query.assetId, first, last + 1);
    const rows = Array.from(block.time, (time, i) => readingAt(query.assetId, channels, block, i, quality.get(time)));
    return count < limit ? { rows } : { rows, next: cursorOf(last, '') };
  }

  async latest(assetIds?: readonly string[]): Promise<Reading[]> {
    const wanted =
      assetIds === undefined
        ? await this.#engine.assets(this.#tenantId)
        : [...new Set(assetIds.map((id, i) => checkId(id, `assetIds[${i}]`)))].sort(compareText);
    const lastTimes = await this.#engine.lastTimes(this.#tenantId, wanted);
    const result: Reading[] = [];
    for (const assetId of wanted) {
      const archived = (await lastArchivedTime(this.#engine, this.#tenantId, assetId)) ?? Number.NEGATIVE_INFINITY;
      const time = Math.max(lastTimes.get(assetId) ?? Number.NEGATIVE_INFINITY, archived);
      if (time === Number.NEGATIVE_INFINITY) continue;
      const page = await this.readings({ assetId, from: time, to: time + 1 });
      const [reading] = page.rows;
      if (reading !== undefined) result.push(reading);
    }
    return result;
  }

  async chart(query: ChartQuery): Promise<Frame> {
    const points = checkCount(query.points, 'points', 3, 1_000_000);
    const { channel, points: _points, method = 'lttb', ...range } = query;
    if (method !== 'lttb' && method !== 'minmax') {
      throw new TwinergyError('STORAGE_BAD_METHOD', `method is ${quote(method)}.`, {
        path: 'method',
        value: method,
        hint: 'Methods are "lttb" and "minmax".',
      });
    }
    const frame = await this.read({ ...range, channels: [channel] });
    const values = frame.column(channel);
    const rows = chartRows(frame.time, values, points, method);
    return new Frame(
      Float64Array.from(rows, (row) => frame.time[row] as number),
      { [channel]: { data: Float64Array.from(rows, (row) => values[row] as number), unit: frame.unit(channel) } },
    );
  }

  async rollup(query: RollupQuery): Promise<Frame> {
    throwIfAborted(query.signal);
    checkId(query.assetId, 'assetId');
    if (!rollupSteps.includes(query.step)) {
      throw new TwinergyError('STORAGE_BAD_STEP', `step is ${quote(query.step)}.`, {
        path: 'step',
        value: query.step,
        hint: `Steps are: ${rollupSteps.join(', ')}.`,
      });
    }
    const [channel] = await this.#book.find([query.channel]);
    await refreshRollups(this.#engine, this.#tenantId, {
      assetId: query.assetId,
      recent: this.#recent,
      signal: query.signal,
    });
    return readRollup(
      this.#engine,
      this.#tenantId,
      { assetId: query.assetId, channel: query.channel, step: query.step, ...rangeOf(query) },
      channel?.unit ?? '1',
    );
  }

  #channelsOf(assetId: string): Promise<string[]> {
    return this.#engine.channelsOf(this.#tenantId, checkId(assetId, 'assetId'));
  }

  async #range(query: TelemetryQuery, maxRows: number): Promise<{ channels: readonly string[]; block: ColumnBlock }> {
    throwIfAborted(query.signal);
    checkId(query.assetId, 'assetId');
    if (query.limit !== undefined && query.last !== undefined) {
      throw new TwinergyError('STORAGE_BAD_LIMIT', 'Give either limit or last, not both.', {
        path: 'last',
        value: query.last,
      });
    }
    const asked = query.limit ?? query.last;
    const limit =
      asked === undefined ? maxRows + 1 : checkCount(asked, query.limit === undefined ? 'last' : 'limit', 0, maxRows);
    const { from, to } = rangeOf(query);
    const channels = query.channels ?? (await this.#channelsOf(query.assetId));
    if (query.channels !== undefined) await this.#book.find(channels);
    const block = await readMerged(this.#engine, this.#tenantId, {
      assetId: query.assetId,
      channels,
      from,
      to,
      limit,
      latest: query.last !== undefined,
    });
    throwIfAborted(query.signal);
    if (asked === undefined && block.time.length > maxRows) {
      throw new TwinergyError('STORAGE_TOO_MANY_ROWS', `The range has more than ${maxRows} rows.`, {
        path: 'limit',
        hint: 'Give a limit, or read it with stream().',
      });
    }
    return { channels, block };
  }
}

function readingAt(
  assetId: string,
  channels: readonly string[],
  block: ColumnBlock,
  row: number,
  quality: string | undefined,
): Reading {
  const values: Record<string, number> = {};
  channels.forEach((name, k) => {
    const value = block.columns[k]?.[row];
    if (value !== undefined && !Number.isNaN(value)) values[name] = value;
  });
  const reading = { assetId, time: block.time[row] as number, values };
  return quality === undefined ? reading : { ...reading, quality: JSON.parse(quality) as Record<string, number> };
}
