import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Span, Tracer } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import type { Env } from '../http/endpoint.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** OpenTelemetry traces: a span for each request, and one below it for each call of the store. */
export interface Traces {
  /** Puts a request into a span, below the caller's where it tells one (`traceparent`). */
  readonly request: MiddlewareHandler<Env>;
  /** Puts a call of the store into a span below that of the request; calls that no request made are not traced. */
  call<Result>(statement: string, work: () => Promise<Result>): Promise<Result>;
  /** Of the request under way, as another server is told it (`traceparent`). */
  parent(): string | undefined;
  /** Sends what is left. */
  close(): Promise<void>;
}

/**
 * Traces, where the standard settings ask for them: `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`
 * (and not `OTEL_SDK_DISABLED=true`). The libraries are only loaded then; headers, timeouts and the like are read by them.
 */
export async function openTraces(environment: Environment, version: string): Promise<Traces | undefined> {
  const asked = environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (asked === undefined || asked === '' || environment.OTEL_SDK_DISABLED === 'true') return undefined;
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const url = environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? `${asked.replace(/\/$/, '')}/v1/traces`;
  const share = Number(environment.OTEL_TRACES_SAMPLER_ARG ?? 1);
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': environment.OTEL_SERVICE_NAME ?? 'twinergy',
      'service.version': version,
    }),
    sampler: new sdk.ParentBasedSampler({
      root: new sdk.TraceIdRatioBasedSampler(Number.isFinite(share) ? share : 1),
    }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  const tracer: Tracer = provider.getTracer('twinergy', version);
  const current = new AsyncLocalStorage<Span>();

  const above = (header: string | undefined): Context => {
    const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header ?? '') ?? [];
    if (traceId === undefined || spanId === undefined || flags === undefined) return api.ROOT_CONTEXT;
    return api.trace.setSpanContext(api.ROOT_CONTEXT, {
      traceId,
      spanId,
      traceFlags: Number.parseInt(flags, 16) & 1,
      isRemote: true,
    });
  };

  return {
    async request(context, next) {
      const { method, path } = context.req;
      const span = tracer.startSpan(
        method,
        {
          kind: api.SpanKind.SERVER,
          attributes: { 'http.request.method': method, 'url.path': path, 'client.address': context.get('client') },
        },
        above(context.req.header('traceparent')),
      );
      context.set('traceId', span.spanContext().traceId);
      try {
        await current.run(span, next);
      } finally {
        const route = context.get('route');
        if (route !== undefined) {
          span.updateName(route);
          span.setAttribute('http.route', route.slice(route.indexOf(' ') + 1));
        }
        const who = context.get('who');
        if (who !== undefined) span.setAttribute('twinergy.tenant', who.tenantId);
        const { status } = context.res;
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
        span.end();
      }
    },
    async call(statement, work) {
      const parent = current.getStore();
      if (parent === undefined) return work();
      const span = tracer.startSpan(
        statement,
        { kind: api.SpanKind.CLIENT, attributes: { 'db.operation.name': statement } },
        api.trace.setSpan(api.ROOT_CONTEXT, parent),
      );
      try {
        return await work();
      } catch (error) {
        span.recordException(error as Error);
        span.setStatus({ code: api.SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    parent() {
      const context = current.getStore()?.spanContext();
      return context === undefined
        ? undefined
        : `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
    },
    close: () => provider.shutdown(),
  };
}
