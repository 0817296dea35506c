import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityProvider, signInThere } from './identity-provider.js';
import { startTestServer, type TestServer } from './running.js';

let house: Awaited<ReturnType<typeof identityProvider>>;
let server: TestServer;
beforeAll(async () => {
  house = await identityProvider();
  server = await startTestServer(['--no-demo'], signInThere(house.url));
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
