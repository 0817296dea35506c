import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { jwtVerify, SignJWT } from 'jose';
import type { Env } from '../http/endpoint.js';
import { Problem } from '../http/problem.js';
import type { Accounts, ApiKey, Guest, User } from './accounts.js';
import { ShortCache } from './cache.js';
import type { Oidc } from './oidc.js';
import { type Permission, type Principal, type Role, roles } from './roles.js';

const HOURS_12 = 12 * 3600;
/** How long a ticket is good. */
const TICKET_MS = 30_000;
const COOKIE = 'twinergy_session';

/** Says who calls: by cookie or bearer token of a session, API key, or token of an identity provider. */
export class Authenticator {
  readonly #accounts: Accounts;
  readonly #secret: Uint8Array;
  readonly #oidc: Oidc | undefined;
  readonly #origins: readonly string[];
  readonly #verified = new ShortCache<string | undefined>(60_000, 5000);

  constructor(accounts: Accounts, secret: Uint8Array, oidc: Oidc | undefined, origins: readonly string[]) {
    this.#accounts = accounts;
    this.#secret = secret;
    this.#oidc = oidc;
    this.#origins = origins;
  }

  /** Begins a session: the token, which a cookie keeps too where a browser asked. */
  async begin(context: Context<Env>, user: User): Promise<{ token: string; expiresAt: number }> {
    const expiresAt = Date.now() + HOURS_12 * 1000;
    const sid = await this.#accounts.createSession(user, expiresAt);
    return { token: await this.#carry(context, sid, user.id, expiresAt), expiresAt };
  }

  /** Begins a session of somebody whom an identity provider knows. */
  async beginGuest(context: Context<Env>, { id, name, tenantId, role }: Principal): Promise<void> {
    const expiresAt = Date.now() + HOURS_12 * 1000;
    const sid = await this.#accounts.createGuestSession({ id, name, tenantId, role }, expiresAt);
    await this.#carry(context, sid, id, expiresAt);
  }

  /** The token of a session, which the browser's cookie gets. */
  async #carry(context: Context<Env>, sid: string, subject: string, expiresAt: number): Promise<string> {
    const token = await new SignJWT({ sid })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('twinergy')
      .setSubject(subject)
      .setExpirationTime(Math.floor(expiresAt / 1000))
      .sign(this.#secret);
    this.keep(context, token);
    return token;
  }

  /** Lets a browser keep a key as it keeps a session. */
  keep(context: Context<Env>, token: string): void {
    setCookie(context, COOKIE, token, {
      httpOnly: true,
      sameSite: 'Strict',
      secure: isSecure(context),
      path: '/',
      maxAge: HOURS_12,
    });
  }

  async end(context: Context<Env>, who: Principal): Promise<void> {
    if (who.sessionId !== undefined) await this.#accounts.endSession(who.sessionId);
    deleteCookie(context, COOKIE, { path: '/', secure: isSecure(context) });
  }

  /** A ticket with which a WebSocket can be opened within half a minute, once: browsers send it no headers. */
  async ticket(who: Principal): Promise<string> {
    await this.#accounts.dropTickets(Date.now() - TICKET_MS);
    const ticket = crypto.randomUUID();
    await this.#accounts.putTicket(ticket, { ...who, permissions: [...who.permissions] });
    return ticket;
  }

  /** Who a ticket was given to; undefined where it is over or was used. */
  async #byTicket(ticket: string): Promise<Principal | undefined> {
    const found = await this.#accounts.takeTicket(ticket);
    if (found === undefined || found.time + TICKET_MS < Date.now()) return undefined;
    const kept = found.data as Omit<Principal, 'permissions'> & { readonly permissions: readonly Permission[] };
    const who: Principal = { ...kept, permissions: new Set(kept.permissions) };
    return (await this.stands(who)) ? who : undefined;
  }

  /** Who calls; undefined where nobody is signed in. @throws Problem 401 for a token that is wrong */
  async identify(context: Context<Env>): Promise<Principal | undefined> {
    const ticket = context.req.query('ticket');
    if (ticket !== undefined) {
      const who = await this.#byTicket(ticket);
      if (who !== undefined) return who;
      throw new Problem(401, 'API_BAD_TOKEN', 'The ticket is over.');
    }
    const header = context.req.header('authorization');
    const bearer = header?.startsWith('Bearer ') === true ? header.slice(7).trim() : context.req.header('x-api-key');
    if (bearer !== undefined) {
      const who = await this.byToken(bearer);
      if (who === undefined) throw new Problem(401, 'API_BAD_TOKEN', 'The token is not valid, or is over.');
      return who;
    }
    if (header !== undefined) throw new Problem(401, 'API_BAD_TOKEN', 'Authorization is by Bearer token.');
    const cookie = getCookie(context, COOKIE);
    if (cookie === undefined) return undefined;
    const who = cookie.startsWith('tw_') ? await this.byToken(cookie) : await this.#bySession(cookie);
    if (who === undefined) return undefined;
    this.#sameOrigin(context);
    return { ...who, byCookie: true };
  }

  /** Whether somebody who was let in would be let in now. */
  async stands({ kind, id, sessionId, until }: Principal): Promise<boolean> {
    if (until !== undefined) return until > Date.now();
    if (kind === 'key') return (await this.#accounts.validKey(id)) !== undefined;
    return sessionId !== undefined && (await this.#accounts.sessionOf(sessionId)) !== undefined;
  }

  async byToken(token: string): Promise<Principal | undefined> {
    if (token.startsWith('tw_')) {
      const key = await this.#accounts.key(token);
      return key === undefined ? undefined : principalOfKey(key);
    }
    return (await this.#bySession(token)) ?? this.#oidc?.principal(token);
  }

  async #bySession(token: string): Promise<Principal | undefined> {
    const sid = await this.#verified.get(token, async () => {
      try {
        const { payload } = await jwtVerify(token, this.#secret, { issuer: 'twinergy', algorithms: ['HS256'] });
        return typeof payload.sid === 'string' ? payload.sid : undefined;
      } catch {
        return undefined;
      }
    });
    const found = sid === undefined ? undefined : await this.#accounts.sessionOf(sid);
    if (found === undefined) return undefined;
    return { ...('user' in found ? principalOfUser(found.user) : principalOfGuest(found.guest)), sessionId: sid };
  }

  /**
   * A cookie goes along with requests of foreign pages too (though `SameSite=Strict` stops browsers): what changes anything,
   * and a WebSocket, must come from a page of this server or of one on the list.
   */
  #sameOrigin(context: Context<Env>): void {
    const upgrade = context.req.header('upgrade')?.toLowerCase() === 'websocket';
    if (!upgrade && ['GET', 'HEAD', 'OPTIONS'].includes(context.req.method)) return;
    const origin = context.req.header('origin');
    const site = context.req.header('sec-fetch-site');
    const own = context.req.header('x-forwarded-host') ?? context.req.header('host');
    const fine =
      origin === undefined
        ? site === 'same-origin' || context.req.header('x-csrf-token') !== undefined
        : this.#origins.includes(origin) || hostOf(origin) === own;
    if (!fine)
      throw new Problem(403, 'API_FOREIGN_ORIGIN', 'This request comes from a foreign page.', { value: origin });
  }
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/** Whether the browser speaks TLS, to the server or to the proxy before it. */
export function isSecure(context: Context): boolean {
  return new URL(context.req.url).protocol === 'https:' || context.req.header('x-forwarded-proto') === 'https';
}

/** A user as caller. */
export function principalOfUser(user: User): Principal {
  const { id, name, tenantId, role, platform } = user;
  return { kind: 'user', id, name, tenantId, role, platform, permissions: new Set(roles[role]), byCookie: false };
}

function principalOfGuest(guest: Guest): Principal {
  return { ...guest, kind: 'oidc', platform: false, permissions: new Set(roles[guest.role]), byCookie: false };
}

function principalOfKey({ id, name, tenantId, scopes, platform }: ApiKey): Principal {
  const all = scopes.includes('admin') ? roles.admin : scopes;
  const role: Role = scopes.includes('admin')
    ? 'admin'
    : scopes.includes('configure')
      ? 'engineer'
      : scopes.includes('operate')
        ? 'operator'
        : 'viewer';
  return { kind: 'key', id, name, tenantId, role, platform, permissions: new Set<Permission>(all), byCookie: false };
}
