import { getConnInfo } from '@hono/node-server/conninfo';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import type { Logger } from 'pino';
import type { Permission, Principal } from './auth/roles.js';
import type { Tenant } from './fleet/tenant.js';
import type { Answers } from './http/answers.js';
import { type DocumentLike, docsPage } from './http/docs-page.js';
import { Api, type Env } from './http/endpoint.js';
import { forward } from './http/forward.js';
import { describe, notFound, Problem, problemResponse } from './http/problem.js';
import type { RateLimit } from './http/rate-limit.js';
import type { StaticFiles } from './http/static.js';
import { failureLine, requestLine } from './ops/log.js';
import type { Traces } from './ops/traces.js';
import { accountRoutes } from './routes/accounts.js';
import { alertRoutes } from './routes/alerts.js';
import { aliasRoutes } from './routes/aliases.js';
import { analysisRoutes } from './routes/analysis.js';
import { assetRoutes } from './routes/assets.js';
import { authRoutes } from './routes/auth.js';
import type { Parts } from './routes/context.js';
import { incidentRoutes } from './routes/incidents.js';
import { ingestRoutes } from './routes/ingest.js';
import { liveRoutes, liveSocket } from './routes/live.js';
import { maintenanceRoutes } from './routes/maintenance.js';
import { modelRoutes } from './routes/models.js';
import { notificationRoutes } from './routes/notifications.js';
import { ruleRoutes } from './routes/rules.js';
import { statusRoutes } from './routes/status.js';
import { summaryRoutes } from './routes/summary.js';
import { telemetryRoutes } from './routes/telemetry.js';
import { whatIfRoutes } from './routes/whatif.js';

/** How the handler behaves. */
export interface AppOptions extends Parts {
  readonly log: Logger;
  readonly logFormat: 'json' | 'ecs';
  readonly files: StaticFiles;
  /** Origins of pages that may call from elsewhere. */
  readonly origins: readonly string[];
  readonly rateLimit: RateLimit;
  /** Answers that are kept for a moment. */
  readonly answers: Answers;
  /** Where requests are to be traced. */
  readonly traces: Traces | undefined;
  readonly timeout: number;
  /** Whether a proxy stands before the server, whose headers tell who calls. */
  readonly trustProxy: boolean;
  /** Checks answers against their schema. */
  readonly strict: boolean;
  /** Whether everything is up, for `/readyz`. */
  readonly ready: () => Promise<{ readonly ok: boolean; readonly checks: Readonly<Record<string, string>> }>;
  /** Token with which `/metrics` may be read besides a signed-in caller. */
  readonly metricsToken: string | undefined;
}

const description = `Everything that Twinergy knows of your plants, and everything that one can do about it.

Sign in with \`POST /api/v1/auth/sign-in\`, or send an API key as \`Authorization: Bearer tw_…\`. Roles: viewer, operator, engineer, admin; keys have scopes (\`read\`, \`ingest\`, \`operate\`, \`configure\`, \`admin\`). Who looks after all tenants chooses one by \`X-Tenant-Id\`.

Times are ISO 8601 in UTC; powers W, energies kWh, temperatures °C. Errors are problem details (RFC 9457) with a stable \`code\`. Lists are pages: give \`next\` as \`cursor\`. \`fields=a,b\` chooses fields. Answers carry an \`ETag\`; \`If-None-Match\` makes polling cheap.

Live: a WebSocket at \`/api/v1/live\` (messages \`{"type":"subscribe","id":"a","assets":["solar-1"],"events":["reading","alert"],"channels":["solar_power"],"since":0}\`, \`unsubscribe\`, \`ping\`; you get \`hello\`, \`subscribed\`, \`event\`, \`lagging\`), or server-sent events at \`/api/v1/events\`. Both resume after the last event id. Browsers that cannot send headers use \`POST /api/v1/auth/ticket\`.`;

const QUIET = new Set(['/livez', '/readyz', '/metrics']);

/** The whole server as a handler of web requests. */
export function createApp(options: AppOptions): OpenAPIHono<Env> {
  const { authenticator, fleet, log, metrics, origins, rateLimit, files } = options;
  const app = new OpenAPIHono<Env>();

  app.use('*', async (context, next) => {
    const given = context.req.header('x-request-id');
    const requestId = given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID();
    context.set('requestId', requestId);
    context.set('client', clientOf(context, options.trustProxy));
    const started = performance.now();
    await next();
    const ms = performance.now() - started;
    const { status, headers } = context.res;
    // The upgrade of a WebSocket has no answer of ours.
    if (!context.req.path.endsWith('/live')) secure(headers, files.scriptHashes, requestId);
    const route = context.get('route') ?? (status === 404 ? 'unknown' : context.req.path === '/' ? 'GET /' : 'static');
    metrics.apiSeconds.observe({ route, method: context.req.method, status: String(status) }, ms / 1000);
    if (!QUIET.has(context.req.path)) {
      const line = requestLine(options.logFormat, {
        id: requestId,
        method: context.req.method,
        path: context.req.path,
        status,
        ms: Math.round(ms * 1000) / 1000,
        who: context.get('who')?.name ?? null,
        client: context.get('client'),
        trace: context.get('traceId'),
      });
      log[status >= 500 ? 'error' : 'debug'](line, 'request');
    }
  });
  if (options.traces !== undefined) app.use('*', options.traces.request);
  app.onError((error, context) => {
    if (describe(error).status === 500)
      log.error(
        failureLine(options.logFormat, error, context.get('requestId') ?? '', context.req.path),
        'request failed',
      );
    return problemResponse(error, context.get('requestId') ?? '');
  });
  const foreign = cors({
    origin: (origin) => (origins.includes(origin) ? origin : null),
    credentials: true,
    exposeHeaders: ['etag', 'x-request-id', 'retry-after', 'ratelimit-limit', 'ratelimit-remaining'],
    allowHeaders: [
      'authorization',
      'content-type',
      'content-encoding',
      'if-none-match',
      'x-api-key',
      'x-csrf-token',
      'x-tenant-id',
      'x-request-id',
    ],
    maxAge: 600,
  });
  // Headers that are set before the answer is there make a stream of it, which costs more than all the rest: only for whom
  // they matter.
  app.use('*', (context, next) => (context.req.header('origin') === undefined ? next() : foreign(context, next)));
  // Below this the time to compress is longer than the time that is won on the line.
  app.use('*', compress({ threshold: 8192 }));

  app.get('/livez', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const { ok, checks } = await options.ready();
    return context.json({ status: ok ? 'ok' : 'not ready', checks }, ok ? 200 : 503);
  });

  // Who calls, and how often they may.
  app.use('*', async (context, next) => {
    if (context.req.method === 'OPTIONS') return next();
    const who = await authenticator.identify(context);
    context.set('who', who);
    const { wait, left, limit } = rateLimit.take(
      who === undefined ? `address ${context.get('client')}` : `${who.kind} ${who.id}`,
    );
    if (wait > 0)
      throw new Problem(429, 'API_TOO_MANY', 'Too many requests.', { retryAfter: Math.max(1, Math.ceil(wait)) });
    await next();
    if (Number.isFinite(left) && !context.req.path.endsWith('/live')) {
      context.res.headers.set('ratelimit-limit', String(limit));
      context.res.headers.set('ratelimit-remaining', String(left));
    }
    return undefined;
  });

  const authorize = (context: Context<Env>, needs: Permission | 'public' | 'any'): Principal => {
    const who = context.get('who');
    if (needs === 'public') return who as Principal;
    if (who === undefined) throw new Problem(401, 'API_NOT_SIGNED_IN', 'Sign in first.');
    if (needs !== 'any' && !who.permissions.has(needs))
      throw new Problem(403, 'API_FORBIDDEN', `This needs the right "${needs}", which ${who.name} has not.`);
    return who;
  };
  const tenantIdOf = async (who: Principal, context: Context<Env>): Promise<string> => {
    const wanted = context.req.header('x-tenant-id') ?? context.req.query('tenant_id');
    if (wanted !== undefined && wanted !== who.tenantId) {
      // Whether there is such a tenant is nobody else's business.
      if (!who.platform || (await options.accounts.tenant(wanted)) === undefined) notFound(`tenant "${wanted}"`);
      return wanted;
    }
    return who.tenantId;
  };
  const tenantOf = async (who: Principal, context: Context<Env>): Promise<Tenant | Response> => {
    const id = await tenantIdOf(who, context);
    return (await fleet.find(id)) ?? forward(context, await fleet.owner(id), options.timeout, options.traces?.parent());
  };

  app.get('/metrics', async (context) => {
    const token = context.req.header('authorization')?.replace(/^Bearer /, '');
    if (options.metricsToken === undefined || token !== options.metricsToken) {
      const who = authorize(context, 'read');
      if (!who.platform)
        throw new Problem(403, 'API_FORBIDDEN', 'Metrics are of all tenants; only their keeper sees them.');
    }
    return context.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
  });

  const { timeout, strict, answers } = options;
  const base = { tenantOf, authorize, timeout, strict, answers };
  const api = new Api(app, { prefix: '/api/v1', ...base });
  statusRoutes(api, options);
  summaryRoutes(api, options);
  assetRoutes(api, options);
  telemetryRoutes(api);
  ingestRoutes(api);
  analysisRoutes(api, options);
  alertRoutes(api);
  incidentRoutes(api);
  ruleRoutes(api, options);
  notificationRoutes(api, options);
  maintenanceRoutes(api, options);
  modelRoutes(api);
  whatIfRoutes(api, options);
  liveRoutes(api, options, tenantIdOf);
  authRoutes(api, options);
  accountRoutes(api, options);
  app.get(
    '/api/v1/live',
    liveSocket(options, (context) => authorize(context, 'read'), tenantIdOf),
  );

  // The page, or the state, as the original design has it at the root.
  app.get('/', async (context) => {
    if (context.req.header('accept')?.includes('text/html') && files.page !== '') return context.html(files.page);
    const who = context.get('who');
    const tenant = who === undefined ? undefined : await tenantOf(who, context);
    if (tenant instanceof Response) return tenant;
    return context.json({
      name: 'twinergy',
      status: 'running',
      started_at: new Date(options.startedAt).toISOString(),
      ...(tenant !== undefined && {
        assets: tenant.monitor.assetIds.length,
        open_alerts: tenant.monitor.openAlerts().length,
        models: tenant.modelState,
      }),
      api: '/api/v1',
      docs: '/docs',
    });
  });
  // Pages of the dashboard that bear the name of a route of the original design: who navigates there wants the page.
  for (const place of ['/alerts', '/alerts/:id', '/maintenance'])
    app.get(place, async (context, next) => {
      if (context.req.header('accept')?.includes('text/html') && files.page !== '') return context.html(files.page);
      return next();
    });
  aliasRoutes(new Api(app, { prefix: '', ...base }), options);

  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Twinergy', version: options.version, description, license: { name: 'MIT' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { cookie: [] }],
  });
  document.components = {
    ...document.components,
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description: 'An API key, a session token, or a token of the identity provider.',
      },
      cookie: { type: 'apiKey', in: 'cookie', name: 'twinergy_session' },
    },
  };
  const documentText = JSON.stringify(document);
  const page = docsPage(JSON.parse(documentText) as DocumentLike);
  app.get('/openapi.json', (context) => context.body(documentText, 200, { 'content-type': 'application/json' }));
  app.get('/docs', (context) => context.html(page));

  app.notFound(async (context) => {
    const { method, path } = context.req;
    if (method === 'GET' || method === 'HEAD') {
      const file = await files.file(path);
      if (file !== undefined) return file;
      // A link into the dashboard: the page finds its way by itself.
      if (context.req.header('accept')?.includes('text/html') && files.page !== '' && !path.startsWith('/api/'))
        return context.html(files.page);
    }
    return problemResponse(
      new Problem(404, 'API_NOT_FOUND', `There is no ${method} ${path}.`),
      context.get('requestId') ?? '',
    );
  });
  return app;
}

/** The address that a request comes from; the proxy's word counts only where there is one. */
function clientOf(context: Context<Env>, trustProxy: boolean): string {
  if (trustProxy) {
    const forwarded = context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
    if (forwarded !== undefined) return forwarded;
  }
  try {
    return getConnInfo(context).remote.address ?? 'unknown';
  } catch {
    return 'local';
  }
}

/** Headers that keep pages from being tricked (OWASP secure headers). */
function secure(headers: Headers, scriptHashes: readonly string[], requestId: string): void {
  headers.set('x-request-id', requestId);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('x-frame-options', 'DENY');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()');
  headers.set('strict-transport-security', 'max-age=31536000');
  if (headers.get('cache-control') === null) headers.set('cache-control', 'no-store');
  if (headers.get('content-type')?.startsWith('text/html') === true) {
    headers.set(
      'content-security-policy',
      `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' ${scriptHashes.join(' ')}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'; form-action 'self'`,
    );
  }
}
