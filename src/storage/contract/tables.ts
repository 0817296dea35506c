/**
 * The tables beside telemetry, as data: the eight of the original design (telemetry itself is wide and lives apart) and
 * those that the monitor needs. Types, checks, codecs and migrations are all derived from this one description.
 */

/** How a column is kept. A trailing `?` means it may be absent. Times are ms since the epoch, UTC. */
export type ColumnKind = 'text' | 'text?' | 'number?' | 'integer?' | 'time?' | 'boolean?' | 'json?';

/** Every record has an `id`, unique in its tenant and table, and a `time`; most belong to an asset. */
const common = { assetId: 'text?' } as const;

/** Column name → kind, table by table. `id` and `time` are implied. */
export const tables = {
  assets: {
    name: 'text?',
    type: 'text?',
    status: 'text?',
    latitude: 'number?',
    longitude: 'number?',
    ratedPower: 'number?',
    description: 'json?',
    tags: 'json?',
  },
  alerts: {
    ...common,
    rule: 'text?',
    severity: 'text',
    state: 'text',
    title: 'text',
    why: 'text?',
    fingerprint: 'text?',
    channel: 'text?',
    value: 'number?',
    threshold: 'number?',
    updatedAt: 'time?',
    acknowledgedAt: 'time?',
    acknowledgedBy: 'text?',
    resolvedAt: 'time?',
    details: 'json?',
  },
  predictions: {
    ...common,
    kind: 'text',
    channel: 'text?',
    targetTime: 'time?',
    value: 'number?',
    low: 'number?',
    high: 'number?',
    level: 'number?',
    unit: 'text?',
    model: 'text?',
    details: 'json?',
  },
  anomalies: {
    ...common,
    score: 'number?',
    pValue: 'number?',
    isAnomaly: 'boolean?',
    detector: 'text?',
    why: 'text?',
    details: 'json?',
  },
  healthMetrics: {
    ...common,
    score: 'number?',
    power: 'number?',
    temperature: 'number?',
    battery: 'number?',
    inverter: 'number?',
    degradation: 'number?',
    details: 'json?',
  },
  maintenanceSchedule: {
    ...common,
    task: 'text',
    status: 'text',
    priority: 'text?',
    component: 'text?',
    duration: 'number?',
    cost: 'number?',
    completedAt: 'time?',
    details: 'json?',
  },
  performanceMetrics: {
    ...common,
    energy: 'number?',
    expectedEnergy: 'number?',
    performanceRatio: 'number?',
    availability: 'number?',
    peakPower: 'number?',
    details: 'json?',
  },
  models: {
    ...common,
    name: 'text',
    kind: 'text?',
    version: 'integer?',
    formatVersion: 'integer?',
    metrics: 'json?',
    data: 'json?',
  },
  audit: { ...common, actor: 'text', action: 'text', subject: 'text?', details: 'json?' },
  quarantine: { ...common, reason: 'text', receivedAt: 'time?', reading: 'json?', details: 'json?' },
  checkpoints: { position: 'json?', state: 'json?', fence: 'integer?' },
  outbox: {
    ...common,
    topic: 'text',
    payload: 'json?',
    attempts: 'integer?',
    state: 'text?',
    dueAt: 'time?',
    claimedBy: 'text?',
    claimedUntil: 'time?',
    error: 'text?',
  },
  /** Settings of people and programs, by kind: accounts, keys, rules, channels of notification. */
  documents: { ...common, kind: 'text', name: 'text?', data: 'json?' },
} as const satisfies Record<string, Record<string, ColumnKind>>;

/** Name of a table of records (telemetry has its own calls). */
export type TableName = keyof typeof tables;

interface KindTypes {
  text: string;
  number: number;
  integer: number;
  time: number;
  boolean: boolean;
  json: unknown;
}
type BaseKind<K extends string> = K extends `${infer B}?` ? B : K;
type TypeOfKind<K extends string> = BaseKind<K> extends keyof KindTypes ? KindTypes[BaseKind<K>] : never;
type RequiredNames<S> = { [K in keyof S]: S[K] extends `${string}?` ? never : K }[keyof S];
type RecordOfSpec<S extends Record<string, string>> = {
  readonly [K in RequiredNames<S>]: TypeOfKind<S[K]>;
} & {
  readonly [K in Exclude<keyof S, RequiredNames<S>>]?: TypeOfKind<S[K]> | undefined;
};

/** A record of a table: `id` (unique in tenant and table), `time` (ms since the epoch) and the table's own columns. */
export type StorageRecord<T extends TableName = TableName> = {
  readonly id: string;
  readonly time: number;
} & RecordOfSpec<(typeof tables)[T]>;

/** All table names, in a fixed order. */
export const tableNames = Object.keys(tables) as TableName[];

/** Columns of a table with their kinds, `id` and `time` first. */
export function columnsOf(table: TableName): readonly (readonly [name: string, kind: ColumnKind])[] {
  return allColumns[table];
}

const allColumns = Object.fromEntries(
  tableNames.map((table) => [
    table,
    [['id', 'text'], ['time', 'time'], ...Object.entries(tables[table])] as [string, ColumnKind][],
  ]),
) as unknown as Record<TableName, readonly (readonly [string, ColumnKind])[]>;
