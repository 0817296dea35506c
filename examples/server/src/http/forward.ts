import type { Context } from 'hono';
import type { Env } from './endpoint.js';
import { Problem } from './problem.js';

/** Says that a request was handed on: it is not handed on again. */
const HANDED_ON = 'x-twinergy-handed-on';
/** Headers that are of a connection, not of a request. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect', 'host'];

/**
 * Hands a request on to the server that keeps the tenant.
 * @param traceparent of the span that it belongs to, where requests are traced
 * @throws Problem 503 while there is none, or it does not answer
 */
export async function forward(
  context: Context<Env>,
  owner: string | undefined,
  timeout: number,
  traceparent?: string,
): Promise<Response> {
  if (owner === undefined || context.req.header(HANDED_ON) !== undefined)
    throw new Problem(503, 'API_NO_OWNER', 'Another server is about to take this tenant over.', { retryAfter: 2 });
  const url = new URL(context.req.url);
  const headers = new Headers(context.req.raw.headers);
  for (const name of [...OF_CONNECTION, 'content-length', 'accept-encoding']) headers.delete(name);
  headers.set(HANDED_ON, '1');
  headers.set('accept-encoding', 'identity');
  headers.set('x-request-id', context.get('requestId'));
  if (traceparent !== undefined) headers.set('traceparent', traceparent);
  headers.set('x-forwarded-for', context.get('client'));
  headers.set('x-forwarded-host', context.req.header('x-forwarded-host') ?? context.req.header('host') ?? url.host);
  headers.set('x-forwarded-proto', context.req.header('x-forwarded-proto') ?? url.protocol.replace(':', ''));
  const { method } = context.req;
  const body = method === 'GET' || method === 'HEAD' ? undefined : context.req.raw.body;
  let answer: Response;
  try {
    answer = await fetch(new URL(url.pathname + url.search, owner), {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(timeout + 1000), context.req.raw.signal]),
      ...(body != null && { body, duplex: 'half' }),
    } as RequestInit);
  } catch {
    throw new Problem(503, 'API_NO_OWNER', 'The server that keeps this tenant does not answer.', { retryAfter: 2 });
  }
  const told = new Headers(answer.headers);
  for (const name of OF_CONNECTION) told.delete(name);
  return new Response(answer.body, { status: answer.status, headers: told });
}
