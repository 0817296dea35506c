import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Throttle } from '../src/auth/throttle.js';
import { checkUrl, guardedFetch, isPublic } from '../src/http/guarded-fetch.js';
import { RateLimit } from '../src/http/rate-limit.js';
import { startTestServer, type TestServer } from './running.js';

const password = 'a quite long sentence';
const files = mkdtempSync(join(tmpdir(), 'twinergy-files-'));
let server: TestServer;
let issuer: ReturnType<typeof createServer>;
let issuerUrl: string;
let keys: CryptoKeyPair;

beforeAll(async () => {
  keys = (await generateKeyPair('ES256')) as CryptoKeyPair;
  const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k', use: 'sig' };
  issuer = createServer((request, response) => {
    const discovery = request.url?.includes('openid-configuration');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(discovery ? { jwks_uri: `${issuerUrl}/jwks` } : { keys: [jwk] }));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const address = issuer.address();
  issuerUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  writeFileSync(join(files, 'index.html'), '<!doctype html><title>Page</title><script>document.title;</script>');
  server = await startTestServer(['--files', files], {
    TWINERGY_ORIGINS: 'https://plants.example.org',
    TWINERGY_OIDC_ISSUER: issuerUrl,
    TWINERGY_OIDC_AUDIENCE: 'twinergy',
    TWINERGY_WEBHOOK_HOSTS: 'alertmanager',
  });
  for (const [username, role] of [
    ['ada', 'admin'],
    ['bob', 'operator'],
  ] as const)
    await server.call('POST', '/api/v1/users', { body: { username, name: username, role, password } });
}, 60_000);
afterAll(async () => {
  await server.server.close();
  rmSync(files, { recursive: true });
  issuer.close();
});

const signIn = (username: string, secret = password) =>
  server.call('POST', '/api/v1/auth/sign-in', { token: null, body: { username, password: secret } });
const tokenOf = async (username: string) => ((await signIn(username)).body as { access_token: string }).access_token;

describe('signing in', () => {
  it('slows guessing down, by name', async () => {
    // Side by side, so that no attempt waits for the others' answers: each is counted before its password is looked at.
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => (await signIn('nobody', `guess number ${i}`)).status),
    );
    expect(answers.filter((status) => status === 401).length).toBeLessThanOrEqual(6);
    expect(answers).toContain(429);
    let now = 0;
    const throttle = new Throttle(() => now);
    for (let i = 0; i < 10; i++) throttle.failed('a');
    expect(() => throttle.check('a')).toThrow(expect.objectContaining({ status: 429, retryAfter: 32 }));
    expect(() => throttle.check('b')).not.toThrow();
    now += 33_000;
    expect(() => throttle.check('a')).not.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 1100));
  });

  it('ends sessions with a sign-out, a new password, a new role and a user who is no more', async () => {
    const works = async (token: string) => (await server.call('GET', '/api/v1/auth/me', { token })).status;
    const first = await tokenOf('bob');
    expect(await works(first)).toBe(200);
    await server.call('POST', '/api/v1/auth/sign-out', { token: first });
    expect(await works(first)).toBe(401);
    const second = await tokenOf('bob');
    expect((await server.call('PATCH', '/api/v1/users/bob', { body: { role: 'viewer' } })).status).toBe(200);
    expect(await works(second)).toBe(401);
    const third = await tokenOf('bob');
    expect(
      (
        await server.call('POST', '/api/v1/auth/password', {
          token: third,
          body: { current: password, password: 'another long sentence' },
        })
      ).status,
    ).toBe(200);
    expect(await works(third)).toBe(401);
    await server.call('PATCH', '/api/v1/users/bob', { body: { password } });
    const fourth = await tokenOf('bob');
    await server.call('PATCH', '/api/v1/users/bob', { body: { disabled: true } });
    expect(await works(fourth)).toBe(401);
    expect((await signIn('bob')).status).toBe(401);
  });

  it('takes no weak password, and nobody takes their own rights', async () => {
    for (const weak of ['short', 'ada-ada-ada-1', 'password1234', 'aaaaaaaaaaaaaa']) {
      const { status } = await server.call('POST', '/api/v1/users', {
        body: { username: 'ada-ada', name: 'A', role: 'viewer', password: weak },
      });
      expect([weak, status]).toEqual([weak, 400]);
    }
    const token = await tokenOf('ada');
    expect((await server.call('PATCH', '/api/v1/users/ada', { token, body: { role: 'viewer' } })).status).toBe(409);
    expect((await server.call('DELETE', '/api/v1/users/ada', { token })).status).toBe(409);
  });

  it('takes tokens of the identity provider, and no token that was made up', async () => {
    const claims = { twinergy_role: 'viewer', twinergy_tenant: 'default', name: 'Grace' };
    const sign = (
      change: Record<string, unknown> = {},
      key: CryptoKey = keys.privateKey,
      audience = 'twinergy',
      from = issuerUrl,
    ) =>
      new SignJWT({ ...claims, ...change })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuer(from)
        .setAudience(audience)
        .setSubject('g')
        .setExpirationTime('5m')
        .sign(key);
    const me = (token: string) => server.call('GET', '/api/v1/auth/me', { token });
    expect((await me(await sign())).body).toMatchObject({ name: 'Grace', kind: 'oidc', role: 'viewer' });
    const foreign = (await generateKeyPair('ES256')) as CryptoKeyPair;
    const none = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ ...claims, iss: issuerUrl, aud: 'twinergy', sub: 'g', exp: 9e9 }))}.`;
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('twinergy')
      .setSubject('ada')
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode('a'.repeat(32)));
    for (const token of [
      await sign({}, foreign.privateKey),
      await sign({}, keys.privateKey, 'another'),
      await sign({}, keys.privateKey, 'twinergy', 'https://elsewhere.example.org'),
      await sign({ twinergy_role: 'root' }),
      none,
      shared,
      'tw_000000000000_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      `${server.tokens.admin.slice(0, -1)}x`,
      'nonsense',
    ])
      expect((await me(token)).status).toBe(401);
    expect((await server.call('GET', '/api/v1/users', { token: await sign() })).status).toBe(403);
    expect(
      (await server.call('GET', '/api/v1/assets', { token: await sign({ twinergy_tenant: 'nowhere' }) })).status,
    ).toBe(404);
  });
});

describe('pages of others', () => {
  it('lets no foreign page in by the cookie', async () => {
    const cookie = (await signIn('ada')).headers.get('set-cookie')?.split(';')[0] ?? '';
    const act = (headers: Record<string, string>) =>
      server.call('PATCH', '/api/v1/tenants/default', {
        token: null,
        body: { settings: { currency: 'EUR' } },
        headers: { cookie, ...headers },
      });
    expect((await act({ origin: server.url })).status).toBe(200);
    expect((await act({ origin: 'https://plants.example.org' })).status).toBe(200);
    expect((await act({ origin: 'https://evil.example.org' })).status).toBe(403);
    expect((await act({ origin: 'null' })).status).toBe(403);
    expect((await act({})).status).toBe(403);
    expect((await act({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await server.call('GET', '/api/v1/assets', { token: null, headers: { cookie } })).status).toBe(200);
  });

  it('sends headers, and tells only listed origins that they may call', async () => {
    const { headers } = await server.call('GET', '/api/v1/status', {
      token: null,
      headers: { origin: 'https://evil.example.org' },
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    const page = await server.call('GET', '/', { token: null, headers: { accept: 'text/html' } });
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-/);
    const listed = await server.call('OPTIONS', '/api/v1/assets', {
      token: null,
      headers: { origin: 'https://plants.example.org', 'access-control-request-method': 'GET' },
    });
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://plants.example.org');
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2f..%2fsrc/main.ts'])
      expect((await server.call('GET', path)).text).not.toContain('@hono');
  });
});

describe('live connections', () => {
  const connect = async (token: string) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/live`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('message', resolve));
    return { socket, closed };
  };

  it('end with the session, and those of others go on', async () => {
    const token = await tokenOf('ada');
    const own = await connect(token);
    const other = await connect(server.tokens.read);
    expect((await server.call('POST', '/api/v1/auth/sign-out', { token })).status).toBe(204);
    expect(await own.closed).toBe(4001);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
    other.socket.close();
    await other.closed;
  });

  it('end when the key is withdrawn, by WebSocket and as stream', async () => {
    const { body } = await server.call('POST', '/api/v1/keys', { body: { name: 'short', scopes: ['read'] } });
    const { id, token } = body as { id: string; token: string };
    const { closed } = await connect(token);
    const stream = await fetch(`${server.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    expect(stream.status).toBe(200);
    expect((await server.call('DELETE', `/api/v1/keys/${id}`)).status).toBe(204);
    expect(await closed).toBe(4001);
    expect(await stream.text()).toContain('event: hello');
  });
});

describe('limits', () => {
  it('limits how much and how often', async () => {
    const limit = new RateLimit(10, 20);
    const waits = Array.from({ length: 21 }, () => limit.take('a', 0).wait);
    expect(waits.filter((wait) => wait === 0)).toHaveLength(20);
    expect(limit.take('b', 0).wait).toBe(0);
    expect(limit.take('a', 200).wait).toBe(0);
    const send = (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string>) =>
      fetch(`${server.url}/api/v1/telemetry`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${server.tokens.platform}`,
          'content-type': 'application/x-ndjson',
          ...headers,
        },
        body,
      });
    expect((await send('x'.repeat(33 * 2 ** 20), {})).status).toBe(413);
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(300 * 2 ** 20)));
    expect((await send(bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await send('no gzip', { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await send('x', { 'content-encoding': 'br' })).status).toBe(415);
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    expect((await server.call('POST', '/api/v1/judge', { body: deep })).status).toBe(400);
    const slow = await startTestServer(['--no-demo'], { TWINERGY_RATE_LIMIT: '5' });
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async () => (await slow.call('GET', '/api/v1/auth/methods', { token: null })).status),
    );
    await slow.server.close();
    expect(statuses).toContain(429);
  }, 60_000);
});

describe('secrets and the inside', () => {
  it('shows no secret', async () => {
    const secret = 'the secret of the hook';
    await server.call('POST', '/api/v1/notification-channels', {
      body: { name: 'H', type: 'webhook', url: 'https://hooks.example.org/x?key=hidden', secret },
    });
    for (const path of ['/api/v1/notification-channels', '/api/v1/users', '/api/v1/keys', '/api/v1/audit']) {
      const { text } = await server.call('GET', path);
      expect(text).not.toMatch(/scrypt|hidden|the secret|"hash"/);
    }
  });

  it('does not let a webhook into the house', async () => {
    const add = async (url: string) =>
      (await server.call('POST', '/api/v1/notification-channels', { body: { name: 'H', type: 'webhook', url } }))
        .status;
    for (const url of [
      'https://localhost/x',
      'https://169.254.169.254/latest/meta-data',
      'https://10.0.0.1/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://2130706433/',
      'https://0x7f.1/',
      'http://hooks.example.org/',
      'file:///etc/passwd',
      'gopher://x',
      'https://user:pw@hooks.example.org/',
      'https://metadata.google.internal/',
      'nonsense',
    ])
      expect([url, await add(url)]).toEqual([url, 400]);
    for (const address of [
      '127.0.0.1',
      '192.168.1.1',
      '100.64.0.1',
      'fe80::1',
      'fd00::1',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '0.0.0.0',
    ])
      expect([address, isPublic(address)]).toEqual([address, false]);
    expect(isPublic('93.184.215.14')).toBe(true);
    expect(() => checkUrl('http://127.0.0.1:1/', ['127.0.0.1'])).not.toThrow();
    // A name that resolves to the inside is refused when the connection is made.
    await expect(guardedFetch()('https://localhost.localdomain.example.invalid/')).rejects.toThrow();
    const answer = await guardedFetch(['127.0.0.1'])(`${issuerUrl}/.well-known/openid-configuration`);
    expect(await answer.json()).toHaveProperty('jwks_uri');
  });

  it('writes down who did what', async () => {
    const token = await tokenOf('ada');
    await server.call('POST', '/api/v1/maintenance', {
      token,
      body: { asset_id: 'solar-1', task: 'Look', due: '2027-01-01T00:00:00Z' },
    });
    const { body } = await server.call('GET', '/api/v1/audit?action=task.create');
    expect((body as { items: { actor: string }[] }).items[0]?.actor).toBe('ada');
  });

  it('says nothing of its inside when it fails', async () => {
    const { text } = await server.call('GET', '/api/v1/assets/%00');
    expect(text).not.toMatch(/node_modules|\.ts:|at Object/);
  });
});
