import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { isSecure, principalOfUser } from '../auth/authenticate.js';
import { verifyPassword } from '../auth/passwords.js';
import { type Principal, permissions, roleNames } from '../auth/roles.js';
import { iso, text, time } from '../http/common.js';
import type { Api, Env } from '../http/endpoint.js';
import { Problem } from '../http/problem.js';
import type { Parts } from './context.js';

const me = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['user', 'key', 'oidc']),
    role: z.enum(roleNames),
    permissions: z.array(z.enum(permissions)),
    tenant: z.object({ id: z.string(), name: z.string(), settings: z.record(z.string(), z.unknown()) }),
    platform: z.boolean().openapi({ description: 'Looks after all tenants.' }),
    preferences: z.record(z.string(), z.unknown()).openapi({ description: 'What the interface keeps for this user.' }),
  })
  .openapi('Me');

/** Keeps what must be remembered while somebody is at the identity provider. */
const OIDC_COOKIE = 'twinergy_oidc';
const OIDC_PATH = '/api/v1/auth/oidc';

export function authRoutes(
  api: Api,
  { accounts, authenticator, throttle, oidcIssuer, oidcSignIn, publicUrl }: Parts,
): void {
  const describe = async (who: Principal): Promise<z.input<typeof me>> => {
    const tenant = await accounts.tenant(who.tenantId);
    const user = who.kind === 'user' ? await accounts.user(who.tenantId, who.id) : undefined;
    return {
      id: who.id,
      name: who.name,
      kind: who.kind,
      role: who.role,
      permissions: [...who.permissions],
      tenant: { id: who.tenantId, name: tenant?.name ?? who.tenantId, settings: { ...tenant?.settings } },
      platform: who.platform,
      preferences: { ...user?.preferences },
    };
  };

  api.add({
    method: 'post',
    path: '/auth/sign-in',
    tag: 'Sign-in',
    id: 'signIn',
    summary: 'Sign in with user name and password, or with an API key',
    description:
      'Browsers get a cookie that scripts cannot read; programs use `access_token` as Bearer token. After five failures each next attempt must wait longer.',
    needs: 'public',
    tenantFree: true,
    body: z.union([
      z.strictObject({ username: text(100, 1), password: text(200, 1) }),
      z.strictObject({ token: text(4000, 1).openapi({ description: 'An API key, such as that of the first start.' }) }),
    ]),
    response: z.object({
      access_token: z.string().nullable().openapi({ description: 'Null for a key: it is the token itself.' }),
      expires_at: time.nullable(),
      me,
    }),
    run: async ({ context, body }) => {
      const address = `address ${context.get('client')}`;
      if ('token' in body) {
        throttle.check(address);
        throttle.failed(address);
        const who = await authenticator.byToken(body.token);
        if (who === undefined) throw new Problem(401, 'API_BAD_CREDENTIALS', 'The token is not valid, or is over.');
        throttle.succeeded(address);
        authenticator.keep(context, body.token);
        return { access_token: null, expires_at: null, me: await describe(who) };
      }
      const name = `name ${body.username.toLowerCase()}`;
      throttle.check(name, address);
      // Counted before the password is looked at: attempts side by side count as well.
      throttle.failed(name, address);
      const user = await accounts.signIn(body.username, body.password);
      if (user === undefined) throw new Problem(401, 'API_BAD_CREDENTIALS', 'User name or password is wrong.');
      throttle.succeeded(name);
      throttle.succeeded(address);
      const { token, expiresAt } = await authenticator.begin(context, user);
      await accounts.changeUser(user, { lastSeen: Date.now() });
      return { access_token: token, expires_at: iso(expiresAt), me: await describe(principalOfUser(user)) };
    },
  });

  api.add({
    method: 'post',
    path: '/auth/sign-out',
    tag: 'Sign-in',
    id: 'signOut',
    summary: 'End the session',
    needs: 'any',
    tenantFree: true,
    response: z.undefined(),
    status: 204,
    run: async ({ context, who }) => {
      await authenticator.end(context, who);
      return undefined;
    },
  });

  api.add({
    method: 'get',
    path: '/auth/methods',
    tag: 'Sign-in',
    id: 'signInMethods',
    summary: 'How one can sign in here',
    needs: 'public',
    tenantFree: true,
    response: z.object({
      password: z.boolean(),
      token: z.boolean(),
      oidc_issuer: z.string().nullable(),
      oidc_sign_in: z.string().nullable().openapi({ description: 'Where a browser begins to sign in there.' }),
    }),
    run: () => ({
      password: true,
      token: true,
      oidc_issuer: oidcIssuer,
      oidc_sign_in: oidcSignIn === undefined ? null : `${OIDC_PATH}/start`,
    }),
  });

  const signIn = () => {
    if (oidcSignIn === undefined) throw new Problem(404, 'API_NOT_FOUND', 'Nobody signs in by a provider here.');
    return oidcSignIn;
  };
  const originOf = (context: Context<Env>) => {
    const host = context.req.header('x-forwarded-host') ?? context.req.header('host') ?? '';
    return publicUrl ?? `${isSecure(context) ? 'https' : 'http'}://${host}`;
  };
  api.add({
    method: 'get',
    path: '/auth/oidc/start',
    tag: 'Sign-in',
    id: 'startOidc',
    summary: 'Sends a browser to the identity provider to sign in (authorization code with PKCE)',
    needs: 'public',
    tenantFree: true,
    status: 302,
    query: z.object({
      return_to: text(2000).default('/').openapi({ description: 'Path of this server to come back to.' }),
    }),
    response: z.undefined(),
    run: async ({ context, query }) => {
      const { url, kept } = await signIn().begin(`${originOf(context)}${OIDC_PATH}/callback`, query.return_to);
      setCookie(context, OIDC_COOKIE, kept, {
        httpOnly: true,
        // The way back comes from the provider's page: `Strict` would leave it out.
        sameSite: 'Lax',
        secure: isSecure(context),
        path: OIDC_PATH,
        maxAge: 600,
      });
      return context.redirect(url, 302);
    },
  });
  api.add({
    method: 'get',
    path: '/auth/oidc/callback',
    tag: 'Sign-in',
    id: 'finishOidc',
    summary: 'Where the identity provider sends the browser back to; begins a session',
    needs: 'public',
    tenantFree: true,
    status: 302,
    query: z.object({
      code: text(4000).optional(),
      state: text(1000).optional(),
      error: text(1000).optional(),
    }),
    response: z.undefined(),
    run: async ({ context, query: { code, state, error } }) => {
      const provider = signIn();
      if (code === undefined || state === undefined)
        throw new Problem(
          401,
          'API_BAD_CREDENTIALS',
          `The identity provider let nobody in${error ? `: ${error}` : ''}.`,
        );
      const { who, returnTo } = await provider.finish(getCookie(context, OIDC_COOKIE), { code, state });
      deleteCookie(context, OIDC_COOKIE, { path: OIDC_PATH, secure: isSecure(context) });
      await authenticator.beginGuest(context, who);
      return context.redirect(returnTo, 302);
    },
  });

  api.add({
    method: 'get',
    path: '/auth/me',
    tag: 'Sign-in',
    id: 'getMe',
    summary: 'Who is signed in, and what they may do',
    needs: 'any',
    tenantFree: true,
    response: me,
    run: ({ who }) => describe(who),
  });

  api.add({
    method: 'patch',
    path: '/auth/me',
    tag: 'Sign-in',
    id: 'updateMe',
    summary: 'Change own name and preferences',
    needs: 'any',
    tenantFree: true,
    body: z.strictObject({
      name: text(100, 1).optional(),
      preferences: z
        .record(text(100, 1), z.json())
        .refine((value) => JSON.stringify(value).length <= 16_384, 'is larger than 16 KiB')
        .optional()
        .openapi({ type: 'object', additionalProperties: true }),
    }),
    response: me,
    run: async ({ who, body }) => {
      if (who.kind !== 'user') throw new Problem(409, 'API_NO_USER', 'A key has no preferences.');
      const user = await accounts.user(who.tenantId, who.id);
      await accounts.changeUser(user, {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.preferences !== undefined && { preferences: { ...user.preferences, ...body.preferences } }),
      });
      return describe(who);
    },
  });

  api.add({
    method: 'post',
    path: '/auth/password',
    tag: 'Sign-in',
    id: 'changePassword',
    summary: 'Change own password; ends all other sessions',
    needs: 'any',
    tenantFree: true,
    body: z.strictObject({ current: text(200, 1), password: text(200, 1) }),
    response: z.object({ access_token: z.string(), expires_at: time }),
    run: async ({ context, who, body }) => {
      if (who.kind !== 'user') throw new Problem(409, 'API_NO_USER', 'A key has no password.');
      const name = `name ${who.id}`;
      throttle.check(name);
      throttle.failed(name);
      const user = await accounts.user(who.tenantId, who.id);
      if (!(await verifyPassword(body.current, user.passwordHash)))
        throw new Problem(403, 'API_BAD_CREDENTIALS', 'The current password is wrong.', { path: 'body.current' });
      throttle.succeeded(name);
      const changed = await accounts.changeUser(user, { password: body.password });
      const { token, expiresAt } = await authenticator.begin(context, changed);
      return { access_token: token, expires_at: iso(expiresAt) };
    },
  });

  api.add({
    method: 'post',
    path: '/auth/ticket',
    tag: 'Sign-in',
    id: 'createTicket',
    summary: 'A ticket to open a WebSocket with, good once within 30 s',
    needs: 'any',
    tenantFree: true,
    response: z.object({ ticket: z.string() }),
    run: async ({ who }) => ({ ticket: await authenticator.ticket(who) }),
  });
}
