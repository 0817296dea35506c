import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Storage, StorageRecord, TenantStorage } from 'twinergy';
import { notFound, Problem } from '../http/problem.js';
import { ShortCache } from './cache.js';
import { hashPassword, verifyPassword, weakness } from './passwords.js';
import type { Permission, Principal, Role } from './roles.js';

/** A person who may sign in. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly tenantId: string;
  readonly platform: boolean;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly lastSeen: number | null;
  readonly passwordHash: string;
  /** Counts changes of password and role: sessions of an older one are over. */
  readonly generation: number;
  readonly preferences: Readonly<Record<string, unknown>>;
}

/** A key of a program. Only its hash is kept. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  readonly scopes: readonly Permission[];
  readonly platform: boolean;
  readonly hash: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
}

/** An organisation whose data nobody else sees. */
export interface TenantInfo {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Somebody whom an identity provider knows. */
export type Guest = Pick<Principal, 'id' | 'name' | 'tenantId' | 'role'>;

/** A session is of a user, or of a guest. */
interface Session {
  readonly userId?: string;
  readonly generation?: number;
  readonly guest?: Guest;
  readonly expiresAt: number;
}

type Kind = 'user' | 'key' | 'tenant' | 'session';
interface Kinds {
  user: User;
  key: ApiKey;
  tenant: TenantInfo;
  session: Session;
}

/** Where accounts are kept: a tenant whose name no organisation can have. */
export const SYSTEM = 'twinergy.system';
const digest = (secret: string) => createHash('sha256').update(secret).digest('base64url');

/** Users, keys, tenants and sessions, in storage, so that several servers share them. */
export class Accounts {
  readonly #store: TenantStorage;
  readonly #cache = new ShortCache<unknown>(5000, 5000);
  /** Keys that were right a moment ago, so that a program that calls often is not hashed for each request. */
  readonly #right = new Map<string, { readonly id: string; readonly until: number }>();
  readonly #owners = new ShortCache<string | undefined>(1000, 5000);
  /** Told when somebody may have lost a right: a key or session is withdrawn, a user changed. */
  onRevoke: (() => void) | undefined;

  constructor(storage: Storage) {
    this.#store = storage.tenant(SYSTEM);
  }

  /** A secret that all servers of this store share, made at the first start. */
  async secret(): Promise<Uint8Array> {
    const find = async () => (await this.#store.get('documents', 'secret:session'))?.data as string | undefined;
    let secret = await find();
    if (secret === undefined) {
      await this.#store.put('documents', [
        { id: 'secret:session', time: Date.now(), kind: 'secret', data: randomBytes(32).toString('base64url') },
      ]);
      secret = (await find()) as string;
    }
    return Buffer.from(secret, 'base64url');
  }

  async #get<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined> {
    return (await this.#store.get('documents', `${kind}:${id}`))?.data as Kinds[K] | undefined;
  }

  async #put<K extends Kind>(kind: K, id: string, name: string, data: Kinds[K]): Promise<void> {
    await this.#store.put('documents', [{ id: `${kind}:${id}`, time: Date.now(), kind, name, data }]);
    this.#cache.clear();
  }

  async #list<K extends Kind>(kind: K): Promise<Kinds[K][]> {
    const found: Kinds[K][] = [];
    let after: string | undefined;
    do {
      const page = await this.#store.list('documents', { where: { kind }, limit: 10_000, after });
      found.push(...page.rows.map(({ data }) => data as Kinds[K]));
      after = page.next;
    } while (after !== undefined);
    return found;
  }

  async #remove(kind: Kind, id: string): Promise<void> {
    await this.#store.remove('documents', [`${kind}:${id}`]);
    this.#cache.clear();
    this.onRevoke?.();
  }

  // --- tenants

  tenants(): Promise<TenantInfo[]> {
    return this.#list('tenant');
  }

  tenant(id: string): Promise<TenantInfo | undefined> {
    return this.#cache.get(`tenant:${id}`, () => this.#get('tenant', id)) as Promise<TenantInfo | undefined>;
  }

  async createTenant(id: string, name: string): Promise<TenantInfo> {
    if ((await this.#get('tenant', id)) !== undefined)
      throw new Problem(409, 'API_EXISTS', `There is a tenant "${id}".`, { path: 'body.id' });
    const tenant = { id, name, createdAt: Date.now(), settings: {} };
    await this.#put('tenant', id, name, tenant);
    return tenant;
  }

  async changeTenant(id: string, change: Partial<Pick<TenantInfo, 'name' | 'settings'>>): Promise<TenantInfo> {
    const tenant = (await this.#get('tenant', id)) ?? notFound(`tenant "${id}"`);
    const changed = {
      ...tenant,
      ...(change.name !== undefined && { name: change.name }),
      settings: { ...tenant.settings, ...change.settings },
    };
    await this.#put('tenant', id, changed.name, changed);
    return changed;
  }

  /** Takes a tenant away with its users and keys; its data stay in storage. */
  async removeTenant(id: string): Promise<void> {
    if ((await this.#get('tenant', id)) === undefined) notFound(`tenant "${id}"`);
    for (const user of await this.users(id)) await this.#remove('user', user.id);
    for (const key of await this.keys(id)) await this.#remove('key', key.id);
    await this.#remove('tenant', id);
  }

  // --- several servers

  /** Where the server is that keeps a tenant; undefined where none has said so. */
  owner(tenantId: string): Promise<string | undefined> {
    return this.#owners.get(
      tenantId,
      async () => (await this.#store.get('documents', `owner:${tenantId}`))?.data as string | undefined,
    );
  }

  /** Says where the server is that keeps a tenant. */
  async setOwner(tenantId: string, url: string): Promise<void> {
    await this.#store.put('documents', [{ id: `owner:${tenantId}`, time: Date.now(), kind: 'owner', data: url }]);
    this.#owners.clear();
  }

  /** Keeps what a ticket stands for until it is taken: any server may be asked for it. */
  async putTicket(ticket: string, data: unknown): Promise<void> {
    await this.#store.put('documents', [{ id: `ticket:${digest(ticket)}`, time: Date.now(), kind: 'ticket', data }]);
  }

  /** What a ticket stands for; it is good once. */
  async takeTicket(ticket: string): Promise<{ readonly time: number; readonly data: unknown } | undefined> {
    const id = `ticket:${digest(ticket)}`;
    const found = await this.#store.get('documents', id);
    if (found === undefined) return undefined;
    await this.#store.remove('documents', [id]);
    return { time: found.time, data: found.data };
  }

  /** Forgets tickets that nobody took. */
  async dropTickets(before: number): Promise<void> {
    const { rows } = await this.#store.list('documents', { where: { kind: 'ticket' }, to: before, limit: 200 });
    if (rows.length > 0)
      await this.#store.remove(
        'documents',
        rows.map(({ id }) => id),
      );
  }

  // --- users

  async users(tenantId: string): Promise<User[]> {
    return (await this.#list('user')).filter((user) => user.tenantId === tenantId);
  }

  /** A user of a tenant. @throws Problem 404, also where it is another tenant's */
  async user(tenantId: string, id: string): Promise<User> {
    const user = await this.#get('user', id);
    return user === undefined || user.tenantId !== tenantId ? notFound(`user "${id}"`) : user;
  }

  async createUser(
    input: Pick<User, 'username' | 'name' | 'email' | 'role' | 'tenantId'> & { password: string; platform?: boolean },
  ): Promise<User> {
    const { password, platform = false, ...rest } = input;
    const id = rest.username.toLowerCase();
    if ((await this.#get('user', id)) !== undefined)
      throw new Problem(409, 'API_EXISTS', `There is a user "${rest.username}".`, { path: 'body.username' });
    const weak = weakness(password, rest.username);
    if (weak !== undefined) throw new Problem(400, 'API_WEAK_PASSWORD', weak, { path: 'body.password' });
    const user: User = {
      ...rest,
      id,
      platform,
      disabled: false,
      createdAt: Date.now(),
      lastSeen: null,
      passwordHash: await hashPassword(password),
      generation: 1,
      preferences: {},
    };
    await this.#put('user', id, user.name, user);
    return user;
  }

  async changeUser(
    user: User,
    change: Partial<Pick<User, 'name' | 'email' | 'role' | 'disabled' | 'preferences' | 'lastSeen'>> & {
      password?: string;
    },
  ): Promise<User> {
    const { password, ...rest } = change;
    if (password !== undefined) {
      const weak = weakness(password, user.username);
      if (weak !== undefined) throw new Problem(400, 'API_WEAK_PASSWORD', weak, { path: 'body.password' });
    }
    const ends = password !== undefined || (rest.role ?? user.role) !== user.role || rest.disabled === true;
    const changed: User = {
      ...user,
      ...rest,
      ...(password !== undefined && { passwordHash: await hashPassword(password) }),
      generation: user.generation + (ends ? 1 : 0),
    };
    await this.#put('user', user.id, changed.name, changed);
    if (ends) this.onRevoke?.();
    return changed;
  }

  removeUser(user: User): Promise<void> {
    return this.#remove('user', user.id);
  }

  /** The user of that name and password; undefined where it is not right. */
  async signIn(username: string, password: string): Promise<User | undefined> {
    const user = await this.#get('user', username.toLowerCase());
    const right = await verifyPassword(password, user?.passwordHash);
    return right && user?.disabled === false ? user : undefined;
  }

  // --- sessions

  createSession(user: User, expiresAt: number): Promise<string> {
    return this.#session(user.username, { userId: user.id, generation: user.generation, expiresAt });
  }

  /** A session of somebody whom an identity provider knows. */
  createGuestSession(guest: Guest, expiresAt: number): Promise<string> {
    return this.#session(guest.name, { guest, expiresAt });
  }

  async #session(name: string, session: Session): Promise<string> {
    const id = randomBytes(18).toString('base64url');
    await this.#put('session', id, name, session);
    await this.#dropOldSessions();
    return id;
  }

  endSession(id: string): Promise<void> {
    return this.#remove('session', id);
  }

  /** Whose a session is that is not over. Kept for a few seconds, so that servers need not ask for each request. */
  sessionOf(id: string): Promise<{ readonly user: User } | { readonly guest: Guest } | undefined> {
    return this.#cache.get(`session:${id}`, async () => {
      const session = await this.#get('session', id);
      if (session === undefined || session.expiresAt < Date.now()) return undefined;
      if (session.guest !== undefined) return { guest: session.guest };
      const user = await this.#get('user', session.userId ?? '');
      return user === undefined || user.disabled || user.generation !== session.generation ? undefined : { user };
    }) as Promise<{ readonly user: User } | { readonly guest: Guest } | undefined>;
  }

  async #dropOldSessions(): Promise<void> {
    const { rows } = await this.#store.list('documents', { where: { kind: 'session' }, limit: 200 });
    const over = rows.filter(({ data }) => (data as Session).expiresAt < Date.now()).map(({ id }) => id);
    if (over.length > 0) await this.#store.remove('documents', over);
  }

  // --- keys

  async keys(tenantId: string): Promise<ApiKey[]> {
    return (await this.#list('key')).filter((key) => key.tenantId === tenantId);
  }

  /** Makes a key; its text is shown this once. */
  async createKey(
    input: Pick<ApiKey, 'name' | 'tenantId' | 'scopes' | 'createdBy' | 'expiresAt'> & { platform?: boolean },
  ): Promise<{ key: ApiKey; text: string }> {
    const id = randomBytes(6).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const { platform = false, ...rest } = input;
    const key: ApiKey = { ...rest, id, platform, hash: digest(secret), createdAt: Date.now() };
    await this.#put('key', id, key.name, key);
    return { key, text: `tw_${id}_${secret}` };
  }

  async removeKey(tenantId: string, id: string): Promise<void> {
    const key = await this.#get('key', id);
    if (key === undefined || key.tenantId !== tenantId) notFound(`key "${id}"`);
    await this.#remove('key', id);
  }

  /** The key of a text; undefined where it is wrong, over or withdrawn. */
  async key(text: string): Promise<ApiKey | undefined> {
    const known = this.#right.get(text);
    if (known !== undefined && known.until > Date.now()) return this.validKey(known.id);
    const [, id, secret] = /^tw_([0-9a-f]{12})_([\w-]{43})$/.exec(text) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const key = await this.validKey(id);
    if (key === undefined) return undefined;
    if (!timingSafeEqual(Buffer.from(key.hash), Buffer.from(digest(secret)))) return undefined;
    if (this.#right.size >= 1000) this.#right.clear();
    this.#right.set(text, { id, until: Date.now() + 5000 });
    return key;
  }

  /** The key of an id; undefined where it is over or withdrawn. Kept for a few seconds, as sessions are. */
  async validKey(id: string): Promise<ApiKey | undefined> {
    const key = (await this.#cache.get(`key:${id}`, () => this.#get('key', id))) as ApiKey | undefined;
    return key === undefined || (key.expiresAt !== null && key.expiresAt < Date.now()) ? undefined : key;
  }

  // --- first start and audit

  /** At the first start: the tenant `default` and a key that may do everything, whose text is given this once. */
  async firstStart(): Promise<string | undefined> {
    if ((await this.#get('tenant', 'default')) !== undefined) return undefined;
    await this.createTenant('default', 'My plants');
    return this.adminToken();
  }

  /** A new key that may do everything. */
  async adminToken(): Promise<string> {
    const { text } = await this.createKey({
      name: 'first admin',
      tenantId: 'default',
      scopes: ['admin'],
      platform: true,
      createdBy: 'start',
      expiresAt: null,
    });
    return text;
  }

  /** Keeps who did what. */
  audit(tenant: TenantStorage, entry: Omit<StorageRecord<'audit'>, 'id' | 'time'>): Promise<void> {
    const time = Date.now();
    return tenant.put('audit', [{ ...entry, id: `${time}-${randomBytes(6).toString('hex')}`, time }]);
  }
}
