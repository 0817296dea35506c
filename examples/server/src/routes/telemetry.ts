import { z } from '@hono/zod-openapi';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Frame } from 'twinergy';
import { assetParams, iso, names, numberOrNull, range, text, time } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { channelName, restName, restValues } from '../http/names.js';
import { channelsOf, columnsJson, drawnRows, rangeOf, readRange, rowsJson } from './series.js';

const channelsQuery = names
  .optional()
  .openapi({ type: 'string', description: 'Comma-separated; default: the power.', example: 'solar_power,temperature' });
const columns = z.record(z.string(), z.object({ unit: z.string(), values: z.array(numberOrNull) }));
const width = z.coerce
  .number()
  .int()
  .min(10)
  .max(10_000)
  .default(1000)
  .openapi({ description: 'Pixels of the chart: of each the least and the greatest value stay.' });

export function telemetryRoutes(api: Api): void {
  api.add({
    method: 'get',
    path: '/assets/{asset_id}/telemetry',
    tag: 'Telemetry',
    id: 'listTelemetry',
    summary: 'Readings of a plant in the order of time, page by page',
    needs: 'read',
    params: assetParams,
    query: z.object({
      ...range,
      channels: names.optional().openapi({ type: 'string', description: 'Comma-separated; default: all.' }),
      limit: z.coerce.number().int().min(1).max(10_000).default(1000),
      cursor: text(1000).optional(),
    }),
    response: z.object({
      items: z.array(z.object({ time, values: z.record(z.string(), z.number()), quality: z.unknown() })),
      next: z.string().nullable(),
    }),
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const channels = query.channels?.map(channelName);
      const { rows, next } = await tenant.storage.readings({
        assetId,
        from: query.from,
        to: query.to,
        ...(channels !== undefined && { channels: channelsOf(tenant, assetId, channels) }),
        limit: query.limit,
        after: query.cursor,
      });
      return {
        items: rows.map((reading) => ({
          time: iso(reading.time),
          values: restValues(reading.values),
          quality: reading.quality ?? null,
        })),
        next: next ?? null,
      };
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}/series',
    tag: 'Telemetry',
    id: 'getSeries',
    summary: 'Channels as columns for a chart, thinned out to its width so that peaks stay',
    description:
      'Default range: the last day. Long ranges are read from roll-ups (`step` tells which). With `expected=true` each channel that the twin knows comes with what it expects.',
    needs: 'read',
    params: assetParams,
    query: z.object({
      ...range,
      channels: channelsQuery,
      width,
      expected: z.enum(['true', 'false']).default('false'),
    }),
    response: z
      .object({
        asset_id: z.string(),
        from: time,
        to: time,
        step: z.string().nullable().openapi({ description: 'The roll-up that was read; null: every reading.' }),
        times: z.array(z.number()).openapi({ description: 'ms since the epoch' }),
        series: columns,
        expected: columns,
      })
      .openapi('Series'),
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const wanted = channelsOf(tenant, assetId, query.channels?.map(channelName));
      const span = rangeOf(tenant, assetId, query);
      const twin = tenant.monitor.twin(assetId);
      const compare = query.expected === 'true';
      // What the twin needs to expect anything: all that was measured but second names.
      const inputs = twin.model.channels.filter(({ aliasOf }) => aliasOf === undefined).map(({ name }) => name);
      const { frame, step } = await readRange(
        tenant,
        assetId,
        compare ? [...new Set([...wanted, ...inputs])] : wanted,
        span,
        compare ? 10_000 : 50_000,
      );
      const aliases = new Map(twin.model.channels.map(({ name, aliasOf }) => [name, aliasOf ?? name]));
      let all = frame;
      const expected: string[] = [];
      if (compare && frame.length > 0) {
        const sound = twin.expected(frame);
        for (const name of wanted) {
          const known = aliases.get(name) ?? name;
          if (!sound.has(known)) continue;
          all = all.withColumn(`expected ${name}`, sound.column(known), sound.unit(known));
          expected.push(`expected ${name}`);
        }
      }
      const rows = drawnRows(all, [...wanted, ...expected], query.width);
      const { times, series } = columnsJson(all, rows, [...wanted, ...expected], (name) => name);
      const of = (list: readonly string[], prefix: string) =>
        Object.fromEntries(
          list.map((name) => [restName(name.slice(prefix.length)), series[name] ?? { unit: '1', values: [] }]),
        );
      return {
        asset_id: assetId,
        from: iso(span.from),
        to: iso(span.to),
        step,
        times,
        series: of(wanted, ''),
        expected: of(expected, 'expected '),
      };
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}/rollup',
    tag: 'Telemetry',
    id: 'getRollup',
    summary: 'Count, mean, least, greatest, last and energy of a channel by minute, quarter, hour or day',
    needs: 'read',
    params: assetParams,
    query: z.object({
      ...range,
      channel: text(128, 1).default('solar_power'),
      step: z.enum(['1m', '15m', '1h', '1d']).default('1h'),
    }),
    response: z.object({ asset_id: z.string(), channel: z.string(), times: z.array(z.number()), series: columns }),
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const [channel] = channelsOf(tenant, assetId, [channelName(query.channel)]) as [string];
      const span = rangeOf(tenant, assetId, query, 30 * 86_400_000);
      const frame = await tenant.storage.rollup({ assetId, channel, step: query.step, ...span });
      const rows = Array.from({ length: frame.length }, (_, row) => row);
      return {
        asset_id: assetId,
        channel: restName(channel),
        ...columnsJson(frame, rows, frame.names, (name) => name),
      };
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}/export',
    tag: 'Telemetry',
    id: 'exportTelemetry',
    summary: 'Telemetry of a range as a file: CSV, JSON lines or Parquet',
    needs: 'read',
    params: assetParams,
    query: z.object({
      ...range,
      channels: names.optional().openapi({ type: 'string', description: 'Comma-separated; default: all.' }),
      format: z.enum(['csv', 'json', 'parquet']).default('csv'),
    }),
    response: z.string(),
    produces: ['text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet'],
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const span = rangeOf(tenant, assetId, query);
      const channels =
        query.channels === undefined ? undefined : channelsOf(tenant, assetId, query.channels.map(channelName));
      const asked = { assetId, ...span, ...(channels !== undefined && { channels }) };
      const file = (type: string, body: ReadableStream | ArrayBuffer | Uint8Array<ArrayBuffer>) =>
        new Response(body, {
          headers: {
            'content-type': type,
            'content-disposition': `attachment; filename="${assetId.replace(/[^\w.-]/g, '_')}.${query.format === 'json' ? 'ndjson' : query.format}"`,
            'cache-control': 'no-store',
          },
        });
      if (query.format === 'parquet') {
        const frame = await tenant.storage.read({ ...asked, limit: 2_000_000 });
        return file('application/vnd.apache.parquet', parquetOf(frame));
      }
      const chunks = tenant.storage.stream({ ...asked, chunk: 5000 });
      let first = true;
      const texts = (async function* () {
        for await (const part of chunks) {
          const shown = new Frame(
            part.time,
            new Map([...part.columns()].map(([name, column]) => [restName(name), column])),
          );
          if (query.format === 'json') {
            yield rowsJson(shown, (name) => name)
              .map((row) => `${JSON.stringify(row)}\n`)
              .join('');
          } else {
            const csv = shown.toCsv();
            yield first ? csv : csv.slice(csv.indexOf('\n') + 1);
          }
          first = false;
        }
      })();
      const encoder = new TextEncoder();
      const stream = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await texts.next();
          if (done) controller.close();
          else controller.enqueue(encoder.encode(value));
        },
        async cancel() {
          await texts.return(undefined);
        },
      });
      return file(query.format === 'json' ? 'application/x-ndjson' : 'text/csv; charset=utf-8', stream);
    },
  });
}

/** A frame as a Parquet file: `time` as timestamp, each channel as double, missing as null. */
function parquetOf(frame: Frame): ArrayBuffer {
  return parquetWriteBuffer({
    columnData: [
      { name: 'time', data: Array.from(frame.time, (time) => new Date(time)), type: 'TIMESTAMP' },
      ...frame.names.map((name) => ({
        name: restName(name),
        data: Array.from(frame.column(name), (value) => (Number.isNaN(value) ? null : value)),
        type: 'DOUBLE' as const,
        nullable: true,
      })),
    ],
  });
}
