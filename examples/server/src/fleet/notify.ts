import {
  alertmanagerNotifier,
  type Notifier,
  type NotifyOptions,
  slackNotifier,
  type TenantStorage,
  teamsNotifier,
  webhookNotifier,
} from 'twinergy';
import { guardedFetch } from '../http/guarded-fetch.js';

/** A way to tell people, as it is kept. */
export interface ChannelDocument {
  readonly id: string;
  readonly name: string;
  readonly type: 'webhook' | 'slack' | 'teams' | 'alertmanager';
  readonly url: string;
  readonly secret: string | null;
  readonly severities: readonly string[];
  readonly enabled: boolean;
}

/** The notifier of a channel: over the guarded `fetch`, so that no channel reaches into the house. */
export function notifierOf(channel: ChannelDocument, allowed: readonly string[]): Notifier {
  const options = { url: channel.url, fetch: guardedFetch(allowed) };
  switch (channel.type) {
    case 'webhook':
      return webhookNotifier({ ...options, ...(channel.secret !== null && { secret: channel.secret }) });
    case 'slack':
      return slackNotifier(options);
    case 'teams':
      return teamsNotifier(options);
    case 'alertmanager':
      return alertmanagerNotifier(options);
  }
}

/** The channels of a tenant. */
export async function storedChannels(storage: TenantStorage): Promise<ChannelDocument[]> {
  const { rows } = await storage.list('documents', { where: { kind: 'channel' }, limit: 1000 });
  return rows.map(({ data }) => data as ChannelDocument);
}

/** Every channel is told of the severities that it wants. */
export function notifyOptions(channels: readonly ChannelDocument[], allowed: readonly string[]): NotifyOptions {
  const enabled = channels.filter((channel) => channel.enabled);
  return {
    route: {
      receiver: 'nobody',
      routes: enabled.map(({ id, severities }) => ({
        receiver: id,
        matchers: [`severity=~${severities.join('|')}`],
        continue: true,
      })),
    },
    receivers: {
      nobody: { send: async () => ({ ok: true }) },
      ...Object.fromEntries(enabled.map((channel) => [channel.id, notifierOf(channel, allowed)])),
    },
  };
}
