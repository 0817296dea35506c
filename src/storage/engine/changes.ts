import { quote, TwinergyError } from '../../core/errors.js';
import type { Column, Frame } from '../../core/frame.js';
import { unitConversion } from '../../core/units.js';
import { cellsOf, checkId, checkTable, checkTimes, telemetryRows } from '../contract/check.js';
import type { CellRow, Change, TelemetryRows } from '../contract/engine.js';
import type { StorageRecord, TableName } from '../contract/tables.js';
import type { Batch, StoredChannel } from '../contract.js';
import type { ChannelBook } from './channel-book.js';
import { newStamp } from './recent.js';

/** A batch as a checked change, or undefined if there is nothing in it. */
export async function changeOfBatch(tenantId: string, batch: Batch, book: ChannelBook): Promise<Change | undefined> {
  const telemetry = batch.readings === undefined ? [] : telemetryRows(batch.readings);
  const channels = new Map<string, StoredChannel>();
  for (const rows of telemetry)
    for (const channel of await book.undeclared(rows.channels)) channels.set(channel.name, channel);
  const put: { table: TableName; rows: CellRow[] }[] = [];
  for (const [name, records] of Object.entries(batch.put ?? {})) {
    const table = checkTable(name);
    if (records !== undefined && records.length > 0) {
      put.push({
        table,
        rows: records.map((record, i) => cellsOf(table, record as StorageRecord<typeof table>, () => `${name}[${i}]`)),
      });
    }
  }
  const { checkpoint } = batch;
  if (checkpoint !== undefined)
    put.push({ table: 'checkpoints', rows: [cellsOf('checkpoints', checkpoint, () => 'checkpoint')] });
  const remove: { table: TableName; ids: string[] }[] = [];
  for (const [name, ids] of Object.entries(batch.remove ?? {})) {
    const table = checkTable(name);
    if (ids !== undefined && ids.length > 0)
      remove.push({ table, ids: ids.map((id, i) => checkId(id, `remove.${name}[${i}]`)) });
  }
  if (telemetry.length === 0 && put.length === 0 && remove.length === 0) return undefined;
  return {
    tenantId,
    stamp: newStamp(),
    channels: [...channels.values()],
    telemetry,
    put,
    remove,
    ...(checkpoint?.fence === undefined ? {} : { fence: { id: checkpoint.id, fence: checkpoint.fence } }),
  };
}

/** A frame as a checked change, or undefined if it has no rows. */
export async function changeOfFrame(
  tenantId: string,
  assetId: string,
  frame: Frame,
  book: ChannelBook,
): Promise<Change | undefined> {
  checkId(assetId, 'assetId');
  checkTimes(frame.time, 'frame.time');
  if (frame.length === 0) return undefined;
  await book.registered(frame.names);
  const declared: StoredChannel[] = [];
  const columns: Float64Array[] = [];
  for (const [name, column] of frame.columns()) {
    const { channel, isNew } = await book.orNew(name, column.unit);
    if (isNew) declared.push(channel);
    columns.push(storedValues(column, channel));
  }
  const rows: TelemetryRows = {
    assetIds: new Array<string>(frame.length).fill(assetId),
    time: Array.from(frame.time),
    channels: frame.names,
    columns,
    quality: undefined,
  };
  return { tenantId, stamp: newStamp(), channels: declared, telemetry: [rows] };
}

/** A column in the unit in which its channel is kept. */
function storedValues({ data, unit }: Column, channel: StoredChannel): Float64Array {
  const bad = firstInfinite(data);
  if (bad >= 0) {
    throw new TwinergyError('STORAGE_BAD_VALUE', `Column ${quote(channel.name)} has ${data[bad]} at row ${bad}.`, {
      path: `${channel.name}[${bad}]`,
      value: data[bad],
    });
  }
  const { scale, offset } = unit === channel.unit ? { scale: 1, offset: 0 } : unitConversion(unit, channel.unit);
  const stored = new Float64Array(data.length);
  // Adding a zero drops the sign of -0, which databases do not keep.
  for (let i = 0; i < data.length; i++) stored[i] = (data[i] as number) * scale + offset + 0;
  return stored;
}

/** -1 if there is none. */
function firstInfinite(data: Float64Array): number {
  for (let i = 0; i < data.length; i++)
    if (data[i] === Number.POSITIVE_INFINITY || data[i] === Number.NEGATIVE_INFINITY) return i;
  return -1;
}
