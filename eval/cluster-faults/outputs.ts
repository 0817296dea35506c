import type { Storage, StorageRecord, TableName } from '../../src/storage/index.js';

const compared: readonly TableName[] = ['anomalies', 'healthMetrics', 'predictions', 'alerts', 'audit', 'quarantine'];

/**
 * Everything that monitors wrote of a fleet, as text, line by line, for comparing two runs bit by bit. Left out is what says only
 * when and by whom the work was done: times of receipt, and the running number of an engine's changes, of which the order within
 * an alert is kept.
 */
export async function outputsOf(storage: Storage, assetIds: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const assetId of assetIds) {
    const { rows } = await storage.readings({ assetId, limit: 100_000 });
    for (const { time, values, quality } of rows)
      lines.push(`reading ${assetId} ${time} ${sorted(values)} ${sorted(quality)}`);
  }
  for (const table of compared) {
    const rows: StorageRecord[] = [];
    let after: string | undefined;
    do {
      const page = await storage.list(table, { limit: 10_000, after });
      rows.push(...page.rows);
      after = page.next;
    } while (after !== undefined);
    lines.push(...(table === 'audit' ? ranked(rows) : rows).map((row) => `${table} ${sorted(told(table, row))}`));
  }
  return lines.sort();
}

function told(table: TableName, row: StorageRecord): unknown {
  if (table !== 'quarantine') return row;
  const { id: _id, receivedAt: _at, ...rest } = row as StorageRecord<'quarantine'>;
  return rest;
}

/** The changes of each alert, numbered from 1 in their order. */
function ranked(rows: readonly StorageRecord[]): StorageRecord[] {
  const audit = rows as readonly StorageRecord<'audit'>[];
  const sequenceOf = (row: StorageRecord<'audit'>) => (row.details as { sequence: number }).sequence;
  const seen = new Map<string, number>();
  return [...audit]
    .sort((a, b) => sequenceOf(a) - sequenceOf(b))
    .map((row) => {
      const subject = row.subject ?? '';
      const rank = (seen.get(subject) ?? 0) + 1;
      seen.set(subject, rank);
      return { ...row, id: `${subject}#${rank}`, details: { ...(row.details as object), sequence: rank } };
    });
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
