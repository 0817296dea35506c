import { z } from '@hono/zod-openapi';
import { type ChannelDocument, notifierOf, storedChannels } from '../fleet/notify.js';
import type { Tenant } from '../fleet/tenant.js';
import { id, page, severity, text } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { checkUrl } from '../http/guarded-fetch.js';
import { notFound } from '../http/problem.js';
import type { Parts } from './context.js';

const channel = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.enum(['webhook', 'slack', 'teams', 'alertmanager']),
    url: z.string().openapi({ description: 'Shown without its query: that may hold a secret.' }),
    has_secret: z.boolean(),
    severities: z.array(severity),
    enabled: z.boolean(),
  })
  .openapi('NotificationChannel');
const input = z.strictObject({
  name: text(100, 1),
  type: z.enum(['webhook', 'slack', 'teams', 'alertmanager']),
  url: text(2000, 1).openapi({ example: 'https://hooks.example.org/services/T000/B000' }),
  secret: text(200, 16).nullable().optional().openapi({ description: 'Signs webhooks (HMAC-SHA-256).' }),
  severities: z.array(severity).min(1).default(['CRITICAL', 'HIGH']),
  enabled: z.boolean().default(true),
});

const documentId = (channelId: string) => `channel:${channelId}`;

export function notificationRoutes(api: Api, { accounts, webhookHosts }: Parts): void {
  const show = ({ id: one, name, type, url, secret, severities, enabled }: ChannelDocument) => ({
    id: one,
    name,
    type,
    url: url.replace(/[?#].*$/, '?…'),
    has_secret: secret !== null,
    severities: severities.map((level) => severity.parse(level)),
    enabled,
  });
  const find = async (tenant: Tenant, channelId: string) =>
    ((await tenant.storage.get('documents', documentId(channelId)))?.data as ChannelDocument | undefined) ??
    notFound(`channel "${channelId}"`);
  const keep = (tenant: Tenant, document: ChannelDocument) =>
    tenant.storage.put('documents', [
      { id: documentId(document.id), time: Date.now(), kind: 'channel', name: document.name, data: document },
    ]);
  const params = z.object({ channel_id: id });

  api.add({
    method: 'get',
    path: '/notification-channels',
    tag: 'Notifications',
    id: 'listChannels',
    summary: 'Where alerts are told',
    needs: 'read',
    response: page(channel),
    run: async ({ tenant }) => ({ items: (await storedChannels(tenant.storage)).map(show), next: null }),
  });
  api.add({
    method: 'post',
    path: '/notification-channels',
    tag: 'Notifications',
    id: 'createChannel',
    summary: 'Add a channel; only hosts on the public internet, by https',
    needs: 'configure',
    status: 201,
    body: input,
    response: channel,
    run: async ({ tenant, who, body }) => {
      checkUrl(body.url, webhookHosts);
      const document = { ...body, id: crypto.randomUUID(), secret: body.secret ?? null };
      await keep(tenant, document);
      await tenant.reloadChannels();
      await accounts.audit(tenant.storage, { actor: who.name, action: 'channel.create', subject: document.id });
      return show(document);
    },
  });
  api.add({
    method: 'put',
    path: '/notification-channels/{channel_id}',
    tag: 'Notifications',
    id: 'updateChannel',
    summary: 'Change a channel; without `secret` the one that is kept stays',
    needs: 'configure',
    params,
    body: input,
    response: channel,
    run: async ({ tenant, who, params: { channel_id }, body }) => {
      const old = await find(tenant, channel_id);
      // A new place must not be told the old secret.
      const secret = body.secret === undefined ? (body.url === old.url ? old.secret : null) : body.secret;
      checkUrl(body.url, webhookHosts);
      const document = { ...body, id: channel_id, secret };
      await keep(tenant, document);
      await tenant.reloadChannels();
      await accounts.audit(tenant.storage, { actor: who.name, action: 'channel.update', subject: channel_id });
      return show(document);
    },
  });
  api.add({
    method: 'delete',
    path: '/notification-channels/{channel_id}',
    tag: 'Notifications',
    id: 'deleteChannel',
    summary: 'Take a channel away',
    needs: 'configure',
    params,
    response: z.undefined(),
    status: 204,
    run: async ({ tenant, who, params: { channel_id } }) => {
      await find(tenant, channel_id);
      await tenant.storage.remove('documents', [documentId(channel_id)]);
      await tenant.reloadChannels();
      await accounts.audit(tenant.storage, { actor: who.name, action: 'channel.delete', subject: channel_id });
      return undefined;
    },
  });
  api.add({
    method: 'post',
    path: '/notification-channels/{channel_id}/test',
    tag: 'Notifications',
    id: 'testChannel',
    summary: 'Send a test message',
    needs: 'configure',
    params,
    response: z.object({ ok: z.boolean(), reason: z.string().nullable() }),
    run: async ({ tenant, params: { channel_id } }) => {
      const document = await find(tenant, channel_id);
      try {
        const result = await notifierOf(document, webhookHosts).send({
          key: crypto.randomUUID(),
          receiver: document.id,
          group: { test: 'A test message of Twinergy' },
          time: Date.now(),
          firing: [],
          resolved: [],
          reason: 'change',
        });
        return { ok: result.ok, reason: result.ok ? null : result.reason };
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
  });
}
