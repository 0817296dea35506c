import type { CellRow, ClaimQuery, Holder, Settlement } from '../contract/engine.js';
import { compareText } from '../contract/order.js';
import { columnsOf } from '../contract/tables.js';
import type { RecordTable } from './table.js';

const names = columnsOf('outbox').map(([name]) => name);
const at = Object.fromEntries(names.map((name, i) => [name, i])) as Readonly<Record<string, number>>;

function cell(row: CellRow, name: string) {
  return row[at[name] as number] ?? null;
}

function changed(row: CellRow, changes: Readonly<Record<string, string | number | null>>): CellRow {
  return row.map((value, i) => {
    const change = changes[names[i] as string];
    return change === undefined ? value : change;
  });
}

/** Takes due messages; see `StorageEngine.claim`. */
export function claimMessages(table: RecordTable, query: ClaimQuery): CellRow[] {
  const passed = (time: unknown) => time === null || (time as number) <= query.now;
  const due = [...table.values()]
    .filter(
      (row) =>
        cell(row, 'state') === null &&
        passed(cell(row, 'dueAt')) &&
        passed(cell(row, 'claimedUntil')) &&
        (query.topic === undefined || cell(row, 'topic') === query.topic),
    )
    .sort((a, b) => (a[1] as number) - (b[1] as number) || compareText(a[0] as string, b[0] as string))
    .slice(0, query.limit);
  return due.map((row) => {
    const claimed = changed(row, {
      claimedBy: query.owner,
      claimedUntil: query.until,
      attempts: Number(cell(row, 'attempts') ?? 0) + 1,
    });
    table.set(claimed);
    return claimed;
  });
}

/** Settles what `holder` holds; see `StorageEngine.settle`. */
export function settleMessages(
  table: RecordTable,
  holder: Holder,
  ids: readonly string[],
  settlement: Settlement,
): number {
  let count = 0;
  for (const id of new Set(ids)) {
    const row = table.get(id);
    if (row === undefined) continue;
    if (holder === 'dead' ? cell(row, 'state') !== 'dead' : cell(row, 'claimedBy') !== holder.owner) continue;
    if (settlement === 'remove') table.delete(id);
    else table.set(changed(row, { ...settlement, claimedBy: null, claimedUntil: null }));
    count++;
  }
  return count;
}
