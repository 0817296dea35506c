import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTraces } from '../src/ops/traces.js';
import { startTestServer, type TestServer } from './running.js';

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
}
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly status?: { readonly code?: number };
}

/** A stand-in for a collector: keeps the spans that it is sent. */
const spans: Span[] = [];
const services = new Set<string>();
let collector: Server;
let server: TestServer;

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (request.url === '/v1/traces') {
        const { resourceSpans } = JSON.parse(body) as {
          resourceSpans: {
            resource: { attributes: { key: string; value: Value }[] };
            scopeSpans: { spans: Span[] }[];
          }[];
        };
        for (const { resource, scopeSpans } of resourceSpans) {
          for (const { key, value } of resource.attributes)
            if (key === 'service.name') services.add(value.stringValue ?? '');
          for (const scope of scopeSpans) spans.push(...scope.spans);
        }
      }
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as { port: number };
  server = await startTestServer([], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_SERVICE_NAME: 'plants',
  });
}, 60_000);
afterAll(() => collector.close());

describe('traces', () => {
  it('have a span for each request below that of the caller, and one below it for each call of the store', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    await server.call('GET', '/api/v1/assets/solar-1/health', { headers: { traceparent } });
    await server.call('GET', '/api/v1/assets/nowhere/health', { headers: { traceparent: 'nonsense' } });
    // What is left is sent at the end.
    await server.server.close();
    const mine = spans.filter((span) => span.traceId === traceId);
    const request = mine.find(({ name }) => name === 'GET /api/v1/assets/{asset_id}/health');
    expect(request?.parentSpanId).toBe('b7ad6b7169203331');
    const of = (span: Span | undefined, key: string) => span?.attributes.find((one) => one.key === key)?.value;
    expect(of(request, 'http.route')?.stringValue).toBe('/api/v1/assets/{asset_id}/health');
    expect(Number(of(request, 'http.response.status_code')?.intValue)).toBe(200);
    expect(of(request, 'twinergy.tenant')?.stringValue).toBe('default');
    const query = mine.find(({ name }) => name === 'list healthMetrics');
    expect(query?.parentSpanId).toBe(request?.spanId);
    const other = spans.find((span) => span.traceId !== traceId && span.name.endsWith('/health'));
    expect(other?.parentSpanId ?? '').toBe('');
    expect(Number(of(other, 'http.response.status_code')?.intValue)).toBe(404);
    expect(services).toEqual(new Set(['plants']));
    // Tokens are not in them.
    expect(JSON.stringify(spans)).not.toContain('tw_');
  }, 30_000);

  it('are not made where nobody asks for them', async () => {
    expect(await openTraces({}, '1')).toBeUndefined();
    expect(
      await openTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }, '1'),
    ).toBeUndefined();
  });
});
