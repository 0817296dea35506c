import { z } from '@hono/zod-openapi';
import type { Tenant } from '../fleet/tenant.js';
import { readBytes } from '../http/body.js';
import { id, iso, text, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { check, Problem } from '../http/problem.js';
import {
  type ReadRows,
  type RejectedRow,
  readCsv,
  readingSchema,
  readLineProtocol,
  readNdjson,
  readRows,
} from '../ingest/read.js';

/** Bytes of one body. */
const LIMIT = 32 * 2 ** 20;
/** Readings of one body. */
const MOST = 200_000;
/** Readings that are worked on in one go, between which others get their turn. */
const PORTION = 2000;
/** Refused rows that are listed. */
const LISTED = 1000;

export const ingestResult = z
  .object({
    accepted: z.number().int().openapi({ description: 'Stored, late ones too.' }),
    late: z.number().int().openapi({ description: 'Older than what had been worked on.' }),
    duplicates: z.number().int().openapi({ description: 'Already there: nothing changed.' }),
    rejected_count: z.number().int(),
    rejected: z
      .array(
        z.object({
          row: z.number().int().openapi({ description: 'From 1; of a text the line.' }),
          asset_id: z.string().nullable(),
          time: timeOrNull,
          code: z.string(),
          reason: z.string(),
        }),
      )
      .openapi({ description: `The first ${LISTED}.` }),
  })
  .openapi('IngestResult');

/** Takes rows in, portion by portion. */
export async function take(
  tenant: Tenant,
  { readings, rows, rejected }: ReadRows,
): Promise<z.input<typeof ingestResult>> {
  if (readings.length > MOST) throw new Problem(413, 'API_TOO_LARGE', `A body has at most ${MOST} readings.`);
  const refused: RejectedRow[] = [...rejected];
  const sum = { accepted: 0, late: 0, duplicates: 0 };
  const rowOf = new Map(readings.map((reading, i) => [reading, rows[i] as number]));
  for (let start = 0; start < readings.length; start += PORTION) {
    const result = await tenant.monitor.ingest(readings.slice(start, start + PORTION));
    sum.accepted += result.accepted;
    sum.late += result.late;
    sum.duplicates += result.duplicates;
    for (const { reading, code, reason } of result.rejected) {
      refused.push({
        row: rowOf.get(reading) ?? 0,
        asset_id: reading.assetId,
        time: safeTime(reading.time),
        code,
        reason,
      });
    }
  }
  refused.sort((a, b) => a.row - b.row);
  return { ...sum, rejected_count: refused.length, rejected: refused.slice(0, LISTED) };
}

function safeTime(time: number): string | null {
  return Math.abs(time) <= 8.64e15 ? iso(time) : null;
}

/** 201 where anything was taken, 422 where all of it was refused. */
export function answer(result: z.input<typeof ingestResult>): Response {
  const taken = result.accepted + result.duplicates > 0 || result.rejected_count === 0;
  return Response.json(result, { status: taken ? 201 : 422, headers: { 'cache-control': 'no-store' } });
}

/** Reads a body by its media type. */
export async function readBody(
  context: Parameters<typeof readBytes>[0],
  tenant: Tenant,
  query: { asset_id?: string | undefined; zone?: string | undefined; precision: string },
): Promise<ReadRows> {
  const type = (context.req.header('content-type') ?? 'application/json').split(';')[0]?.trim().toLowerCase();
  const bytes = await readBytes(context, LIMIT);
  let body: string;
  try {
    body = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, 'API_BAD_ENCODING', 'The body is not UTF-8.');
  }
  const now = Date.now();
  switch (type) {
    case 'application/json': {
      let parsed: unknown;
      try {
        parsed = JSON.parse(body);
      } catch {
        throw new Problem(400, 'API_BAD_JSON', 'The body is not JSON.');
      }
      if (!Array.isArray(parsed)) check(readingSchema, parsed, 'body');
      const rows = Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
      if (rows.length === 0) throw new Problem(400, 'API_BAD_REQUEST', 'body: has no reading.', { path: 'body' });
      return readRows(rows, now);
    }
    case 'application/x-ndjson':
    case 'application/jsonl':
      return readNdjson(body, now);
    case 'text/csv': {
      if (query.asset_id === undefined)
        throw new Problem(400, 'API_BAD_REQUEST', 'query.asset_id: a CSV is of one asset; say which.', {
          path: 'query.asset_id',
        });
      const { channels } = tenant.monitor.twin(tenant.known(query.asset_id)).model;
      return readCsv(body, query.asset_id, query.zone, new Map(channels.map(({ name, unit }) => [name, unit])));
    }
    case 'text/plain':
      return readLineProtocol(body, query.precision, now);
    default:
      throw new Problem(415, 'API_BAD_TYPE', `The content type ${type} is not known here.`);
  }
}

export const ingestMedia = {
  'application/json': '{"asset_id":"solar-1","time":"2026-06-01T12:00:00Z","values":{"solar_power":1200}}',
  'application/x-ndjson': '{"asset_id":"solar-1","time":1780315200000,"values":{"solar_power":1200}}\n',
  'text/csv': 'time,solar_power [kW],temperature\n2026-06-01T12:00:00Z,1.2,31\n',
  'text/plain': 'plant,asset_id=solar-1 solar_power=1200,temperature=31 1780315200000000000\n',
} as const;

const precision = z.enum(['ns', 'us', 'u', 'ms', 's']).default('ns');

export function ingestRoutes(api: Api): void {
  api.add({
    method: 'post',
    path: '/telemetry',
    tag: 'Telemetry',
    id: 'ingest',
    summary: 'Bring telemetry in: one reading, a list, JSON lines, CSV, or InfluxDB line protocol',
    description:
      'By content type; gzip by `Content-Encoding`. Idempotent by asset and time: what comes twice changes nothing. When the answer comes, what it calls accepted is stored. Rows that cannot be taken are listed and do not stop the others; 422 where none could.',
    needs: 'ingest',
    status: 201,
    media: ingestMedia,
    query: z.object({
      asset_id: id.optional().openapi({ description: 'Of a CSV.' }),
      zone: text(100, 1).optional().openapi({ description: 'IANA zone of times without offset in a CSV.' }),
      precision: precision.openapi({ description: 'Of the line protocol.' }),
    }),
    response: ingestResult,
    run: async ({ context, tenant, query }) => answer(await take(tenant, await readBody(context, tenant, query))),
  });

  api.add({
    method: 'post',
    path: '/write',
    tag: 'Telemetry',
    id: 'influxWrite',
    summary: 'InfluxDB line protocol, as data loggers send it (`/write`, `/api/v2/write`)',
    needs: 'ingest',
    status: 204,
    media: { 'text/plain': ingestMedia['text/plain'] },
    query: z.object({ precision, db: text(200).optional(), bucket: text(200).optional(), org: text(200).optional() }),
    response: z.undefined(),
    run: async ({ context, tenant, query }) => {
      const bytes = await readBytes(context, LIMIT);
      const rows = readLineProtocol(new TextDecoder().decode(bytes), query.precision, Date.now());
      const result = await take(tenant, rows);
      const [first] = result.rejected;
      if (first !== undefined)
        throw new Problem(
          400,
          first.code,
          `partial write: line ${first.row}: ${first.reason} (${result.rejected_count} dropped)`,
        );
      return undefined;
    },
  });
}
