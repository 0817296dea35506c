import type { StorageRecord, TableName } from '../contract/tables.js';

type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${Snake<Tail>}`
    : `_${Lowercase<Head>}${Snake<Tail>}`
  : S;

/** Booleans are 0 and 1 in SQLite; JSON columns are text. */
type SqlOf<V> = [V] extends [boolean | undefined]
  ? boolean | number | null
  : [V] extends [string | undefined]
    ? string | null
    : [V] extends [number | undefined]
      ? number | null
      : string | null;

type Row<T extends TableName> = { tenant_id: string; id: string; time: number } & {
  [K in Exclude<keyof StorageRecord<T>, 'id' | 'time'> as Snake<K & string>]: SqlOf<StorageRecord<T>[K]>;
};

/**
 * The tables as kysely's `Database` type, for queries of your own: `new Kysely<Database>({ dialect })`. Times are ms since
 * the epoch. Channels are further columns of `telemetry`; `telemetry_columns` says which.
 */
export type Database = { [T in TableName as Snake<T>]: Row<T> } & {
  telemetry: { tenant_id: string; asset_id: string; time: number; quality: string | null };
  telemetry_columns: { channel: string; part: number; column_name: string };
  channels: {
    tenant_id: string;
    name: string;
    unit: string;
    rest_name: string | null;
    title: string | null;
    min: number | null;
    max: number | null;
  };
  series: { tenant_id: string; asset_id: string; channel: string };
  hours: { tenant_id: string; asset_id: string; hour: number; version: number; rolled: number; live: number };
  blocks: {
    tenant_id: string;
    asset_id: string;
    kind: string;
    day: number;
    channel: string;
    rows: number;
    data: Uint8Array;
  };
  schema_migrations: { version: number; name: string; checksum: string; applied_at: number };
};
