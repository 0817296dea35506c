import type { TableName } from '../contract/tables.js';

/** `healthMetrics` → `health_metrics`; dots become `__`, anything else that SQL would quote becomes `_`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('.', '__')
    .replace(/[^a-z0-9_]/g, '_');
}

/** Name of a table in the database. */
export function sqlTable(table: TableName): string {
  return snakeCase(table);
}

/** Name of a telemetry table: the first is `telemetry`. */
export function telemetryTable(part: number): string {
  return part === 1 ? 'telemetry' : `telemetry_${part}`;
}

const reserved = new Set(['tenant_id', 'asset_id', 'time', 'quality']);

/** A column for a channel that is not `taken` yet: plain letters, digits and `_`, at most 48 of them. */
export function columnFor(channel: string, taken: ReadonlySet<string>): string {
  const base = snakeCase(channel)
    .slice(0, 48)
    .replace(/^(?=\d)/, '_');
  if (!reserved.has(base) && !taken.has(base)) return base;
  for (let n = 2; ; n++) {
    const name = `${base}_${n}`;
    if (!taken.has(name)) return name;
  }
}
