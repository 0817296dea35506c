import { MissingPeerError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { TelemetryQuery, TenantStorage } from '../contract.js';

/** What to write. */
export interface ParquetExportOptions extends Omit<TelemetryQuery, 'last'> {
  /** Rows of one row group (default 100,000): as much as is in memory at once. */
  readonly rowGroup?: number | undefined;
}

interface SchemaElement {
  readonly name: string;
  readonly type?: string;
  readonly num_children?: number;
  readonly repetition_type?: string;
  readonly converted_type?: string;
}

/** The little of hyparquet-writer that is used. */
interface ParquetModule {
  readonly ByteWriter: new () => { readonly buffer: ArrayBuffer; index: number };
  readonly ParquetWriter: new (options: {
    readonly writer: unknown;
    readonly schema: readonly SchemaElement[];
    readonly kvMetadata: readonly { readonly key: string; readonly value: string }[];
    readonly createdBy: string;
  }) => {
    write(options: {
      readonly columnData: readonly { readonly name: string; readonly data: readonly unknown[] }[];
      readonly rowGroupSize: number;
    }): unknown;
    finish(): unknown;
  };
}

/**
 * Telemetry of one asset as a Parquet file, rows and archive together, piece by piece: column `time` (timestamp, ms, UTC) and
 * one of doubles for each channel, null where nothing was measured. The units are in the metadata, key `twinergy.units`.
 * @throws MissingPeerError where `hyparquet-writer` is not installed
 */
export async function* telemetryParquet(
  tenant: TenantStorage,
  { rowGroup = 100_000, ...query }: ParquetExportOptions,
): AsyncIterable<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await load();
  const bytes = new ByteWriter();
  let writer: InstanceType<typeof ParquetWriter> | undefined;
  const start = (frame: Frame) =>
    new ParquetWriter({
      writer: bytes,
      schema: [
        { name: 'root', num_children: frame.names.length + 1 },
        { name: 'time', type: 'INT64', repetition_type: 'REQUIRED', converted_type: 'TIMESTAMP_MILLIS' },
        ...frame.names.map((name) => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' })),
      ],
      kvMetadata: [
        {
          key: 'twinergy.units',
          value: JSON.stringify(Object.fromEntries(frame.names.map((name) => [name, frame.unit(name)]))),
        },
      ],
      createdBy: 'twinergy',
    });
  const taken = () => {
    const piece = new Uint8Array(bytes.buffer, 0, bytes.index).slice();
    bytes.index = 0;
    return piece;
  };
  for await (const frame of tenant.stream({ ...query, chunk: rowGroup })) {
    writer ??= start(frame);
    await writer.write({ columnData: columnsOf(frame), rowGroupSize: rowGroup });
    yield taken();
  }
  // Without a single row the file still has its columns.
  writer ??= start(await tenant.read({ ...query, limit: 0 }));
  await writer.finish();
  yield taken();
}

function columnsOf(frame: Frame): { name: string; data: unknown[] }[] {
  return [
    { name: 'time', data: Array.from(frame.time, (time) => BigInt(time)) },
    ...frame.names.map((name) => ({
      name,
      data: Array.from(frame.column(name), (value) => (Number.isNaN(value) ? null : value)),
    })),
  ];
}

async function load(): Promise<ParquetModule> {
  try {
    return (await import('hyparquet-writer')) as unknown as ParquetModule;
  } catch (cause) {
    throw new MissingPeerError('hyparquet-writer', 'telemetryParquet', cause);
  }
}
