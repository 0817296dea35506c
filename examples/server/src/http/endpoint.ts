import { createHash } from 'node:crypto';
import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Permission, Principal } from '../auth/roles.js';
import type { Tenant } from '../fleet/tenant.js';
import type { Answers } from './answers.js';
import { readJson } from './body.js';
import { check, Problem } from './problem.js';

/** What middleware leaves for handlers. */
export interface Env {
  Variables: {
    requestId: string;
    who: Principal | undefined;
    route: string;
    client: string;
    /** Where requests are traced. */
    traceId: string | undefined;
  };
}

type Empty = z.ZodObject<Record<never, never>>;

/** What a handler is called with: everything checked. */
export interface Call<Params, Query, Body> {
  readonly context: Context<Env>;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly who: Principal;
  readonly tenant: Tenant;
}

/** One endpoint: what it takes and gives, who may call it, and what it does. */
export interface Endpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With parameters in braces: `/assets/{asset_id}`. */
  readonly path: string;
  readonly tag: string;
  /** Name of the operation in clients. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** `public`: nobody need be signed in. `any`: whoever is. */
  readonly needs: Permission | 'public' | 'any';
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Media types of a body that the handler reads itself, with examples. */
  readonly media?: Readonly<Record<string, string>>;
  /** Largest body, bytes. Default 256 KiB. */
  readonly bodyLimit?: number;
  readonly response: R;
  /** More media types that the answer may have. */
  readonly produces?: readonly string[];
  readonly status?: 200 | 201 | 202 | 204 | 302;
  /** The original design's plain path for the same: kept as an alias. */
  readonly deprecated?: boolean;
  /** Seconds for which clients may keep the answer. */
  readonly maxAge?: number;
  /** Seconds for which the server keeps the answer for all of the tenant who ask the same. */
  readonly keep?: number;
  readonly tenantFree?: boolean;
  readonly run: (
    call: Call<z.output<P>, z.output<Q>, z.output<B>>,
  ) => Promise<z.input<R> | Response> | z.input<R> | Response;
}

/** Problems as the document shows them. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().openapi({ description: 'Stable, for programs.' }),
    path: z.string().optional().openapi({ description: 'Where in the request.' }),
    request_id: z.string(),
  })
  .openapi('Problem');

/** Helpers that endpoints are made with. */
export interface ApiOptions {
  /** Where the paths begin: `/api/v1`, or nothing for aliases. */
  readonly prefix: string;
  /** The tenant that is meant; the answer of the server that keeps it, where that is another one. */
  readonly tenantOf: (who: Principal, context: Context<Env>) => Promise<Tenant | Response>;
  readonly authorize: (context: Context<Env>, needs: Permission | 'public' | 'any') => Principal;
  /** ms after which a request has failed. */
  readonly timeout: number;
  /** Checks answers against their schema: for tests. */
  readonly strict: boolean;
  readonly answers: Answers;
}

/** Registers endpoints: one schema validates, types and documents each. */
export class Api {
  readonly app: OpenAPIHono<Env>;
  readonly #options: ApiOptions;

  constructor(app: OpenAPIHono<Env>, options: ApiOptions) {
    this.app = app;
    this.#options = options;
  }

  add<
    P extends z.ZodObject = Empty,
    Q extends z.ZodObject = Empty,
    B extends z.ZodType = z.ZodUndefined,
    R extends z.ZodType = z.ZodType,
  >(endpoint: Endpoint<P, Q, B, R>): void {
    const { prefix, strict, timeout, answers } = this.#options;
    const path = `${prefix}${endpoint.path}` || '/';
    const fields = fieldsOf(endpoint.response);
    this.app.openAPIRegistry.registerPath(documentOf(endpoint, path, fields));
    const query = z.object({ ...endpoint.query?.shape, ...(endpoint.method === 'get' && { fields: fieldQuery }) });
    // What stands for a query that is not there is the same each time.
    const none = query.safeParse({});
    const status = endpoint.status === 201 || endpoint.status === 202 ? endpoint.status : 200;
    this.app.on(endpoint.method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'), async (context) => {
      context.set('route', `${endpoint.method.toUpperCase()} ${path}`);
      const who = this.#options.authorize(context, endpoint.needs);
      const tenant =
        endpoint.tenantFree === true ? (undefined as unknown as Tenant) : await this.#options.tenantOf(who, context);
      if (tenant instanceof Response) return tenant;
      const params = endpoint.params === undefined ? {} : check(endpoint.params, context.req.param(), 'path');
      const asked =
        none.success && !context.req.url.includes('?') ? none.data : check(query, context.req.query(), 'query');
      const body =
        endpoint.body === undefined
          ? undefined
          : check(endpoint.body, await readJson(context, endpoint.bodyLimit ?? 262_144));
      const call = { context, params, query: asked, body, who, tenant } as unknown as Call<
        z.output<P>,
        z.output<Q>,
        z.output<B>
      >;
      const url = context.req.url;
      const key = endpoint.keep === undefined ? '' : `${tenant?.id} ${url.slice(url.indexOf('/', 8))}`;
      let text = endpoint.keep === undefined ? undefined : await answers.get(key);
      if (text === undefined) {
        const result = await inTime(Promise.resolve(endpoint.run(call)), timeout);
        if (result instanceof Response) return result;
        if (endpoint.status === 204) return context.body(null, 204);
        if (strict) checkAnswer(endpoint.response, result, path);
        text = JSON.stringify(typeof asked.fields === 'string' ? pick(result, asked.fields, fields) : result);
        if (endpoint.keep !== undefined) answers.set(key, text, endpoint.keep);
      }
      // The length must be told here: without it compression takes every answer for a long one.
      const headers: Record<string, string> = {
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(text)),
      };
      if (endpoint.method !== 'get') return context.body(text, status, headers);
      headers.etag = `W/"${createHash('sha1').update(text).digest('base64url')}"`;
      headers['cache-control'] =
        endpoint.maxAge === undefined ? 'private, no-cache' : `private, max-age=${endpoint.maxAge}`;
      headers.vary = 'authorization, cookie, origin, x-tenant-id';
      if (context.req.header('if-none-match')?.split(/,\s*/).includes(headers.etag) === true) {
        const { 'content-length': _, ...unchanged } = headers;
        return context.body(null, 304, unchanged);
      }
      return context.body(text, status, headers);
    });
  }
}

const fieldQuery = z
  .string()
  .max(1000)
  .optional()
  .openapi({ description: 'Only these fields of each item, comma-separated.' });

/** Names of the fields of an answer's items; undefined where they are not fixed. */
function fieldsOf(schema: z.ZodType): ReadonlySet<string> | undefined {
  if (!(schema instanceof z.ZodObject)) return undefined;
  const { items } = schema.shape as Record<string, z.ZodType>;
  if (items instanceof z.ZodArray) return fieldsOf(items.element as z.ZodType);
  return new Set(Object.keys(schema.shape));
}

function pick(result: unknown, list: string, known: ReadonlySet<string> | undefined): unknown {
  const wanted = list.split(',').map((name) => name.trim());
  const wrong = known === undefined ? undefined : wanted.find((name) => !known.has(name));
  if (wrong !== undefined)
    throw new Problem(400, 'API_UNKNOWN_FIELD', `There is no field "${wrong}".`, { path: 'query.fields' });
  const of = (item: unknown) =>
    typeof item === 'object' && item !== null
      ? Object.fromEntries(Object.entries(item).filter(([name]) => wanted.includes(name)))
      : item;
  if (Array.isArray(result)) return result.map(of);
  if (typeof result === 'object' && result !== null && 'items' in result && Array.isArray(result.items))
    return { ...result, items: result.items.map(of) };
  return of(result);
}

function checkAnswer(schema: z.ZodType, result: unknown, path: string): void {
  const checked = schema.safeParse(JSON.parse(JSON.stringify(result)));
  if (!checked.success)
    throw new Error(`The answer of ${path} is not as documented: ${JSON.stringify(checked.error.issues.slice(0, 3))}`);
}

async function inTime<Result>(work: Promise<Result>, timeout: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Problem(503, 'API_TIMEOUT', `It took longer than ${timeout / 1000} s.`, { retryAfter: 5 })),
          timeout,
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function documentOf<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType>(
  endpoint: Endpoint<P, Q, B, R>,
  path: string,
  fields: ReadonlySet<string> | undefined,
): RouteConfig {
  const { method, needs, status = 200, response } = endpoint;
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  });
  const content: Record<string, { schema: z.ZodType }> = { 'application/json': { schema: response } };
  for (const type of endpoint.produces ?? []) content[type] = { schema: z.string() };
  const query = endpoint.query?.shape ?? {};
  const media = endpoint.media;
  const body =
    media !== undefined
      ? {
          required: true,
          content: Object.fromEntries(
            Object.entries(media).map(([type, example]) => [
              type,
              {
                schema:
                  endpoint.body !== undefined && type === 'application/json'
                    ? endpoint.body
                    : z.string().openapi({ example }),
              },
            ]),
          ),
        }
      : endpoint.body === undefined
        ? undefined
        : { required: !endpoint.body.isOptional(), content: { 'application/json': { schema: endpoint.body } } };
  return {
    method,
    path,
    operationId: endpoint.id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description !== undefined && { description: endpoint.description }),
    ...(endpoint.deprecated === true && { deprecated: true }),
    ...(needs === 'public' ? { security: [] } : {}),
    'x-permission': needs,
    ...(endpoint.tenantFree === true && { 'x-tenant-free': true }),
    request: {
      ...(endpoint.params !== undefined && { params: endpoint.params }),
      query: z.object({ ...query, ...(method === 'get' && fields !== undefined && { fields: fieldQuery }) }),
      ...(body !== undefined && { body }),
    },
    responses: {
      [status]:
        status === 204 || status === 302
          ? { description: status === 204 ? 'Done.' : 'Goes on elsewhere.' }
          : { description: 'Done.', content },
      ...(method === 'get' && { 304: { description: 'As the client has it (`If-None-Match`).' } }),
      400: problem('The request is wrong.'),
      ...(needs !== 'public' && { 401: problem('Nobody is signed in.'), 403: problem('No right to do this.') }),
      ...(endpoint.params !== undefined && { 404: problem('It is not there, or belongs to another tenant.') }),
      ...(method !== 'get' && { 409: problem('Its state does not allow it.'), 413: problem('The body is too large.') }),
      429: problem('Too many requests.'),
      503: problem('The store does not answer, or the server is overloaded.'),
    },
  };
}
