import { quote, TwinergyError } from '../../core/errors.js';
import { throwIfAborted } from '../../core/work.js';
import { cellOf, checkCount, checkId, checkTable, rangeOf, recordOf } from '../contract/check.js';
import { cursorOf, keyOfCursor } from '../contract/cursor.js';
import type { StorageEngine } from '../contract/engine.js';
import { columnsOf, type StorageRecord, type TableName } from '../contract/tables.js';
import type { Page, RecordQuery } from '../contract.js';

const maxPage = 100_000;

/** One record by its id. */
export async function getRecord<T extends TableName>(
  engine: StorageEngine,
  tenantId: string,
  table: T,
  id: string,
): Promise<StorageRecord<T> | undefined> {
  const [row] = await engine.select(tenantId, {
    table: checkTable(table),
    assetId: undefined,
    from: undefined,
    to: undefined,
    where: [['id', checkId(id, 'id')]],
    descending: false,
    limit: 1,
    after: undefined,
  });
  return row === undefined ? undefined : recordOf(table, row);
}

/** A page of records. */
export async function listRecords<T extends TableName>(
  engine: StorageEngine,
  tenantId: string,
  table: T,
  query: RecordQuery<T>,
): Promise<Page<StorageRecord<T>>> {
  throwIfAborted(query.signal);
  checkTable(table);
  const limit = checkCount(query.limit ?? 1_000, 'limit', 1, maxPage);
  const { from, to } = rangeOf(query);
  const kinds = new Map(columnsOf(table));
  if (query.assetId !== undefined && !kinds.has('assetId')) throw unknownColumn(table, 'assetId');
  const where = Object.entries(query.where ?? {}).map(([column, value]) => {
    const kind = kinds.get(column);
    if (kind === undefined || kind.startsWith('json')) throw unknownColumn(table, column);
    return [column, cellOf(kind, value, `where.${column}`)] as const;
  });
  const rows = await engine.select(tenantId, {
    table,
    assetId: query.assetId === undefined ? undefined : checkId(query.assetId, 'assetId'),
    idPrefix: query.idPrefix === undefined ? undefined : checkId(query.idPrefix, 'idPrefix'),
    from: query.from === undefined ? undefined : from,
    to: query.to === undefined ? undefined : to,
    where,
    descending: query.order === 'descending',
    limit: limit + 1,
    after: query.after === undefined ? undefined : keyOfCursor(query.after),
  });
  throwIfAborted(query.signal);
  const more = rows.length > limit;
  const records = (more ? rows.slice(0, limit) : rows).map((row) => recordOf(table, row));
  const last = records[records.length - 1];
  return more && last !== undefined ? { rows: records, next: cursorOf(last.time, last.id) } : { rows: records };
}

function unknownColumn(table: string, column: string): TwinergyError {
  return new TwinergyError('STORAGE_UNKNOWN_COLUMN', `${quote(table)} cannot be searched by ${quote(column)}.`, {
    path: `where.${column}`,
    value: column,
  });
}
