import { z } from '@hono/zod-openapi';
import type { ApiKey, User } from '../auth/accounts.js';
import { type Principal, permissions, roleNames } from '../auth/roles.js';
import { id, instant, iso, page, pageQuery, range, text, time, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { notFound, Problem } from '../http/problem.js';
import type { Parts } from './context.js';

const role = z.enum(roleNames);
const user = z
  .object({
    id: z.string(),
    username: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    role,
    disabled: z.boolean(),
    created_at: time,
    last_seen: timeOrNull,
  })
  .openapi('User');
const key = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(permissions)),
    created_at: time,
    created_by: z.string(),
    expires_at: timeOrNull,
  })
  .openapi('ApiKey');
const settings = z
  .strictObject({
    currency: text(3, 3).optional(),
    price_per_kwh: z.number().min(0).max(100).optional(),
    time_zone: text(100, 1).optional(),
    language: text(35, 2).optional(),
  })
  .openapi('TenantSettings');
const tenantSchema = z
  .object({ id: z.string(), name: z.string(), created_at: time, settings: z.record(z.string(), z.unknown()) })
  .openapi('Tenant');

const restUser = ({ id, username, name, email, role, disabled, createdAt, lastSeen }: User) => ({
  id,
  username,
  name,
  email,
  role,
  disabled,
  created_at: iso(createdAt),
  last_seen: iso(lastSeen),
});
const restKey = ({ id, name, scopes, createdAt, createdBy, expiresAt }: ApiKey) => ({
  id,
  name,
  scopes: [...scopes],
  created_at: iso(createdAt),
  created_by: createdBy,
  expires_at: iso(expiresAt),
});

export function accountRoutes(api: Api, { accounts, fleet }: Parts): void {
  const onlyPlatform = (who: Principal) => {
    if (!who.platform) throw new Problem(403, 'API_FORBIDDEN', 'Only who looks after all tenants may do this.');
  };

  api.add({
    method: 'get',
    path: '/users',
    tag: 'Users and keys',
    id: 'listUsers',
    summary: 'Users of the tenant',
    needs: 'admin',
    response: page(user),
    run: async ({ tenant }) => ({ items: (await accounts.users(tenant.id)).map(restUser), next: null }),
  });
  api.add({
    method: 'post',
    path: '/users',
    tag: 'Users and keys',
    id: 'createUser',
    summary: 'Make a user',
    needs: 'admin',
    status: 201,
    body: z.strictObject({
      username: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{1,99}$/),
      name: text(100, 1),
      email: z.email().max(200).nullable().default(null),
      role,
      password: text(200, 10),
    }),
    response: user,
    run: async ({ tenant, who, body }) => {
      const made = await accounts.createUser({ ...body, tenantId: tenant.id });
      await accounts.audit(tenant.storage, { actor: who.name, action: 'user.create', subject: made.id });
      return restUser(made);
    },
  });
  api.add({
    method: 'patch',
    path: '/users/{user_id}',
    tag: 'Users and keys',
    id: 'updateUser',
    summary: 'Change a user; a new role or password ends their sessions',
    needs: 'admin',
    params: z.object({ user_id: id }),
    body: z.strictObject({
      name: text(100, 1).optional(),
      email: z.email().max(200).nullable().optional(),
      role: role.optional(),
      disabled: z.boolean().optional(),
      password: text(200, 10).optional(),
    }),
    response: user,
    run: async ({ tenant, who, params, body }) => {
      const found = await accounts.user(tenant.id, params.user_id);
      if (found.id === who.id && (body.disabled === true || (body.role !== undefined && body.role !== 'admin')))
        throw new Problem(409, 'API_LOCKED_OUT', 'You cannot take your own rights.');
      const change = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const changed = await accounts.changeUser(found, change);
      await accounts.audit(tenant.storage, {
        actor: who.name,
        action: 'user.update',
        subject: found.id,
        details: { fields: Object.keys(change) },
      });
      return restUser(changed);
    },
  });
  api.add({
    method: 'delete',
    path: '/users/{user_id}',
    tag: 'Users and keys',
    id: 'deleteUser',
    summary: 'Take a user away',
    needs: 'admin',
    params: z.object({ user_id: id }),
    response: z.undefined(),
    status: 204,
    run: async ({ tenant, who, params }) => {
      const found = await accounts.user(tenant.id, params.user_id);
      if (found.id === who.id) throw new Problem(409, 'API_LOCKED_OUT', 'You cannot take yourself away.');
      await accounts.removeUser(found);
      await accounts.audit(tenant.storage, { actor: who.name, action: 'user.delete', subject: found.id });
      return undefined;
    },
  });

  api.add({
    method: 'get',
    path: '/keys',
    tag: 'Users and keys',
    id: 'listKeys',
    summary: 'API keys of the tenant (never their text)',
    needs: 'admin',
    response: page(key),
    run: async ({ tenant }) => ({ items: (await accounts.keys(tenant.id)).map(restKey), next: null }),
  });
  api.add({
    method: 'post',
    path: '/keys',
    tag: 'Users and keys',
    id: 'createKey',
    summary: 'Make an API key; its text is shown this once',
    needs: 'admin',
    status: 201,
    body: z.strictObject({
      name: text(100, 1),
      scopes: z.array(z.enum(permissions)).min(1).max(permissions.length),
      expires_at: instant.optional(),
    }),
    response: key.extend({ token: z.string() }),
    run: async ({ tenant, who, body }) => {
      if (body.expires_at !== undefined && body.expires_at <= Date.now())
        throw new Problem(400, 'API_BAD_REQUEST', 'body.expires_at: is over already.', { path: 'body.expires_at' });
      const { key: made, text: token } = await accounts.createKey({
        name: body.name,
        tenantId: tenant.id,
        scopes: [...new Set(body.scopes)],
        createdBy: who.name,
        expiresAt: body.expires_at ?? null,
      });
      await accounts.audit(tenant.storage, { actor: who.name, action: 'key.create', subject: made.id });
      return { ...restKey(made), token };
    },
  });
  api.add({
    method: 'delete',
    path: '/keys/{key_id}',
    tag: 'Users and keys',
    id: 'deleteKey',
    summary: 'Withdraw an API key',
    needs: 'admin',
    params: z.object({ key_id: id }),
    response: z.undefined(),
    status: 204,
    run: async ({ tenant, who, params }) => {
      await accounts.removeKey(tenant.id, params.key_id);
      await accounts.audit(tenant.storage, { actor: who.name, action: 'key.delete', subject: params.key_id });
      return undefined;
    },
  });

  const restTenant = (info: {
    id: string;
    name: string;
    createdAt: number;
    settings: Readonly<Record<string, unknown>>;
  }) => ({
    id: info.id,
    name: info.name,
    created_at: iso(info.createdAt),
    settings: { ...info.settings },
  });
  api.add({
    method: 'get',
    path: '/tenants',
    tag: 'Tenants',
    id: 'listTenants',
    summary: 'Tenants that the caller may see: their own, or all',
    needs: 'read',
    response: page(tenantSchema),
    run: async ({ who }) => {
      const all = await accounts.tenants();
      return { items: all.filter(({ id: one }) => who.platform || one === who.tenantId).map(restTenant), next: null };
    },
  });
  api.add({
    method: 'post',
    path: '/tenants',
    tag: 'Tenants',
    id: 'createTenant',
    summary: 'Make a tenant',
    needs: 'admin',
    status: 201,
    body: z.strictObject({ id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), name: text(100, 1) }),
    response: tenantSchema,
    run: async ({ who, tenant, body }) => {
      onlyPlatform(who);
      const made = await accounts.createTenant(body.id, body.name);
      await accounts.audit(tenant.storage, { actor: who.name, action: 'tenant.create', subject: made.id });
      return restTenant(made);
    },
  });
  api.add({
    method: 'patch',
    path: '/tenants/{tenant_id}',
    tag: 'Tenants',
    id: 'updateTenant',
    summary: 'Change name and settings of a tenant',
    needs: 'admin',
    params: z.object({ tenant_id: id }),
    body: z.strictObject({ name: text(100, 1).optional(), settings: settings.optional() }),
    response: tenantSchema,
    run: async ({ who, tenant, params, body }) => {
      if (params.tenant_id !== who.tenantId && !who.platform) notFound(`tenant "${params.tenant_id}"`);
      const changed = await accounts.changeTenant(params.tenant_id, {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.settings !== undefined && { settings: body.settings }),
      });
      await accounts.audit(tenant.storage, { actor: who.name, action: 'tenant.update', subject: changed.id });
      return restTenant(changed);
    },
  });
  api.add({
    method: 'delete',
    path: '/tenants/{tenant_id}',
    tag: 'Tenants',
    id: 'deleteTenant',
    summary: 'Take a tenant away with its users and keys; its telemetry stays in the store',
    needs: 'admin',
    params: z.object({ tenant_id: id }),
    response: z.undefined(),
    status: 204,
    run: async ({ who, tenant, params }) => {
      if (!who.platform) notFound(`tenant "${params.tenant_id}"`);
      if (params.tenant_id === who.tenantId) throw new Problem(409, 'API_LOCKED_OUT', 'This is your own tenant.');
      await accounts.removeTenant(params.tenant_id);
      await fleet.remove(params.tenant_id);
      await accounts.audit(tenant.storage, { actor: who.name, action: 'tenant.delete', subject: params.tenant_id });
      return undefined;
    },
  });

  api.add({
    method: 'get',
    path: '/audit',
    tag: 'Users and keys',
    id: 'listAudit',
    summary: 'Who did what, the newest first',
    needs: 'admin',
    query: z.object({ ...pageQuery, ...range, subject: text(256).optional(), action: text(100).optional() }),
    response: page(
      z.object({
        id: z.string(),
        time,
        actor: z.string(),
        action: z.string(),
        subject: z.string().nullable(),
        asset_id: z.string().nullable(),
        details: z.unknown(),
      }),
    ),
    run: async ({ tenant, query }) => {
      const { rows, next } = await tenant.storage.list('audit', {
        from: query.from,
        to: query.to,
        where: { ...(query.subject && { subject: query.subject }), ...(query.action && { action: query.action }) },
        order: 'descending',
        limit: query.limit,
        after: query.cursor,
      });
      return {
        items: rows.map((row) => ({
          id: row.id,
          time: iso(row.time),
          actor: row.actor,
          action: row.action,
          subject: row.subject ?? null,
          asset_id: row.assetId ?? null,
          details: row.details ?? null,
        })),
        next: next ?? null,
      };
    },
  });
}
