import { type Reading, TwinergyError } from '../core/index.js';

/** The newest format of messages that this release reads; it writes the oldest that can say what it has to. */
export const messageFormat = 1;

/** Readings of one tenant and one partition on their way through the stream. */
export interface ReadingsMessage {
  readonly tenantId: string;
  /** Who sent it, and the how many-eth it is of that sender in its partition: what comes again is known by it. */
  readonly publisher?: string | undefined;
  readonly number?: number | undefined;
  readonly readings: readonly Reading[];
}

type Row = [assetId: string, time: number, values: Record<string, number>, quality?: Record<string, number>];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message as bytes: JSON with one row for each reading. */
export function encodeMessage({ tenantId, publisher, number, readings }: ReadingsMessage): Uint8Array {
  const rows = readings.map(({ assetId, time, values, quality }) =>
    quality === undefined ? [assetId, time, values] : [assetId, time, values, quality],
  );
  return encoder.encode(JSON.stringify({ format: 1, tenant: tenantId, publisher, number, rows }));
}

/**
 * Bytes as a message. What the rows hold is checked by the monitor, which sets aside what it cannot take.
 * @throws TwinergyError `CLUSTER_BAD_MESSAGE`; `CLUSTER_NEWER_MESSAGE` where a later release wrote it
 */
export function decodeMessage(bytes: Uint8Array): ReadingsMessage {
  let data: unknown;
  try {
    data = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new TwinergyError('CLUSTER_BAD_MESSAGE', 'The message is not JSON.', { cause });
  }
  const { format, tenant, publisher, number, rows } = (data ?? {}) as Record<string, unknown>;
  if (typeof format === 'number' && format > messageFormat) {
    throw new TwinergyError(
      'CLUSTER_NEWER_MESSAGE',
      `The message has format ${format}; this release reads ${messageFormat}.`,
      {
        value: format,
        hint: 'Upgrade this worker.',
      },
    );
  }
  if (format !== 1 || typeof tenant !== 'string' || tenant === '' || !Array.isArray(rows) || !rows.every(isRow))
    throw new TwinergyError('CLUSTER_BAD_MESSAGE', 'The message has no format, no tenant or rows of another shape.');
  return {
    tenantId: tenant,
    ...(typeof publisher === 'string' && typeof number === 'number' && { publisher, number }),
    readings: rows.map(([assetId, time, values, quality]) =>
      quality === undefined ? { assetId, time, values } : { assetId, time, values, quality },
    ),
  };
}

function isRow(row: unknown): row is Row {
  return (
    Array.isArray(row) &&
    typeof row[0] === 'string' &&
    typeof row[1] === 'number' &&
    typeof row[2] === 'object' &&
    row[2] !== null
  );
}
