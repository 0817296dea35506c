import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config.js';
import { type RunningServer, startServer } from '../src/server.js';

/** A server on a free port with everything in memory, two tenants, and a key for each right. */
export interface TestServer {
  readonly server: RunningServer;
  readonly url: string;
  /** Bearer tokens by what they may do; `other` is an admin of another tenant. */
  readonly tokens: Readonly<
    Record<'platform' | 'read' | 'ingest' | 'operate' | 'configure' | 'admin' | 'other', string>
  >;
  call(
    method: string,
    path: string,
    options?: {
      readonly token?: string | null;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown; readonly text: string }>;
}

// Threads of the server find the package's sources by the name of the package, as the tests do.
process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL('../../tsconfig.json', import.meta.url));

/** Starts it. Answers are checked against the document. */
export async function startTestServer(
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const config = readConfig(
    ['--port', '0', '--db', 'memory:', '--no-models', '--interval', '3600', '--history', '0.5', ...args],
    { TWINERGY_STRICT: 'on', TWINERGY_RATE_LIMIT: '0', LOG_LEVEL: 'silent', ...environment },
  );
  const server = await startServer(config);
  const url = server.url.replace(/\/$/, '');
  const platform = server.adminToken ?? '';
  const call: TestServer['call'] = async (method, path, { token = platform, body, headers } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Not all answers are JSON.
    }
    return { status: response.status, headers: response.headers, body: parsed, text };
  };
  const key = async (scopes: readonly string[], headers?: Record<string, string>) => {
    const { body } = await call('POST', '/api/v1/keys', {
      body: { name: `test ${scopes}`, scopes },
      ...(headers && { headers }),
    });
    return (body as { token: string }).token;
  };
  await call('POST', '/api/v1/tenants', { body: { id: 'neighbour', name: 'Neighbour' } });
  const tokens = {
    platform,
    read: await key(['read']),
    ingest: await key(['ingest']),
    operate: await key(['operate']),
    configure: await key(['configure']),
    admin: await key(['admin']),
    other: await key(['admin'], { 'x-tenant-id': 'neighbour' }),
  };
  return { server, url, tokens, call };
}
