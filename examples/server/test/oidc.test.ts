import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './running.js';

/** A stand-in for an identity provider: whoever comes is Grace, and is sent back at once. */
async function provider() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' };
  const asked = new Map<string, URLSearchParams>();
  const role = { of: 'operator' };
  let url = '';
  const server: Server = createServer((request, response) => {
    const at = new URL(request.url ?? '/', url);
    const json = (body: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (at.pathname === '/.well-known/openid-configuration')
      return json({
        jwks_uri: `${url}/keys`,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
      });
    if (at.pathname === '/keys') return json({ keys: [jwk] });
    if (at.pathname === '/authorize') {
      const code = `code-${asked.size}`;
      asked.set(code, at.searchParams);
      const back = new URL(at.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', at.searchParams.get('state') ?? '');
      response.writeHead(302, { location: back.toString() });
      return response.end();
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', async () => {
      const form = new URLSearchParams(body);
      const query = asked.get(form.get('code') ?? '');
      asked.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const fine =
        query?.get('code_challenge') === challenge &&
        query.get('redirect_uri') === form.get('redirect_uri') &&
        form.get('client_secret') === 'of the dashboard';
      if (!fine) return json({ error: 'invalid_grant' }, 400);
      const token = await new SignJWT({
        name: 'Grace',
        nonce: query.get('nonce') ?? '',
        twinergy_role: role.of,
        twinergy_tenant: 'default',
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuer(url)
        .setAudience('dashboard')
        .setSubject('grace')
        .setExpirationTime('5m')
        .sign(privateKey);
      return json({ id_token: token, token_type: 'Bearer' });
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return { url, role, close: () => server.close() };
}

let house: Awaited<ReturnType<typeof provider>>;
let server: TestServer;
beforeAll(async () => {
  house = await provider();
  server = await startTestServer(['--no-demo'], {
    TWINERGY_OIDC_ISSUER: house.url,
    TWINERGY_OIDC_AUDIENCE: 'twinergy',
    TWINERGY_OIDC_CLIENT_ID: 'dashboard',
    TWINERGY_OIDC_CLIENT_SECRET: 'of the dashboard',
  });
}, 30_000);
afterAll(async () => {
  house.close();
  await server.server.close();
}, 30_000);

const cookieOf = (response: Pick<Response, 'headers'>, name: string) =>
  new RegExp(`${name}=([^;]*)`).exec(response.headers.getSetCookie().join('\n'))?.[1] ?? '';
const get = async (url: string, cookie = '') => {
  const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

/** To the provider, and back with its code: the address that the browser is sent to, and its cookie. */
async function away(returnTo: string): Promise<{ back: string; cookie: string }> {
  const start = await get(`${server.url}/api/v1/auth/oidc/start?return_to=${encodeURIComponent(returnTo)}`);
  expect(start.status).toBe(302);
  const there = await get(start.headers.get('location') ?? '');
  const set = start.headers.getSetCookie().join();
  expect(set).toMatch(/HttpOnly/);
  expect(set).toMatch(/SameSite=Lax/);
  return { back: there.headers.get('location') ?? '', cookie: `twinergy_oidc=${cookieOf(start, 'twinergy_oidc')}` };
}

describe('people who sign in at an identity provider', () => {
  it('come back with a session, and to where they wanted', async () => {
    const methods = await server.call('GET', '/api/v1/auth/methods', { token: null });
    expect(methods.body).toMatchObject({ oidc_sign_in: '/api/v1/auth/oidc/start' });
    const { back, cookie } = await away('/alerts?open=1');
    const end = await get(back, cookie);
    expect([end.status, end.headers.get('location')]).toEqual([302, '/alerts?open=1']);
    const session = `twinergy_session=${cookieOf(end, 'twinergy_session')}`;
    const me: unknown = JSON.parse((await get(`${server.url}/api/v1/auth/me`, session)).text);
    expect(me).toMatchObject({ id: 'grace', name: 'Grace', kind: 'oidc', role: 'operator' });
    // The session can be ended as any other.
    const out = await fetch(`${server.url}/api/v1/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: session, origin: server.url },
    });
    expect(out.status).toBe(204);
    expect((await get(`${server.url}/api/v1/auth/me`, session)).status).toBe(401);
  });

  it('do not come in by a sign-in that somebody else began, twice, or with a made-up code', async () => {
    const { back, cookie } = await away('/');
    const other = await away('/');
    expect((await get(back)).status).toBe(401);
    expect((await get(back, other.cookie)).status).toBe(401);
    expect((await get(back.replace(/code=[^&]*/, 'code=guessed'), cookie)).status).toBe(401);
    expect((await get(back, cookie)).status).toBe(302);
    expect((await get(back, cookie)).status).toBe(401);
  });

  it('are not sent on to a foreign page, and come to nothing without a role', async () => {
    for (const place of ['https://evil.example.org/', '//evil.example.org', '/\\evil.example.org']) {
      const { back, cookie } = await away(place);
      expect((await get(back, cookie)).headers.get('location')).toBe('/');
    }
    house.role.of = 'emperor';
    const { back, cookie } = await away('/');
    expect((await get(back, cookie)).status).toBe(401);
    expect((await get(`${server.url}/api/v1/auth/oidc/callback?error=access_denied`, cookie)).status).toBe(401);
  });
});
