import type { Monitor } from '../monitor/index.js';
import type { ClusterLink } from './link.js';

/** What is told live: of whom, what, and the event as JSON. */
export interface LiveMessage {
  readonly tenantId: string;
  readonly kind: 'reading' | 'alert' | 'health';
  readonly data: unknown;
}

/** Carries what workers tell to API servers and dashboards that listen now; nothing of it is kept. */
export interface LiveFanOut {
  send(message: LiveMessage): void;
  /** Listens to one tenant; returns what ends it. */
  listen(tenantId: string, onMessage: (message: LiveMessage) => void): Promise<() => Promise<void>>;
}

/** Tells a monitor's readings, alerts and health to all that listen: `onMonitor: tellLive(natsFanOut(link))`. */
export function tellLive(fanOut: LiveFanOut): (monitor: Monitor, tenantId: string) => void {
  return (monitor, tenantId) => {
    monitor.on('reading', ({ reading }) => fanOut.send({ tenantId, kind: 'reading', data: reading }));
    monitor.on('alert', (alert) => fanOut.send({ tenantId, kind: 'alert', data: alert }));
    monitor.on('health', ({ assetId, time, health }) =>
      fanOut.send({ tenantId, kind: 'health', data: { assetId, time, score: health.score, label: health.label } }),
    );
  };
}

/** By NATS itself. */
export function natsFanOut({ connection, names }: ClusterLink): LiveFanOut {
  return {
    send({ tenantId, kind, data }) {
      // Without a link it would pile up in memory, and nobody wants to hear old news.
      if (!connection.isClosed()) connection.publish(names.live(tenantId, kind), JSON.stringify(data));
    },
    async listen(tenantId, onMessage) {
      const subscription = connection.subscribe(names.live(tenantId, '*'), {
        callback: (error, { subject, data }) => {
          if (error !== null) return;
          const kind = subject.slice(subject.lastIndexOf('.') + 1) as LiveMessage['kind'];
          onMessage({ tenantId, kind, data: JSON.parse(new TextDecoder().decode(data)) });
        },
      });
      await connection.flush();
      return () => subscription.drain();
    },
  };
}

/** The calls of two `ioredis` clients that are used; a client that listens can do nothing else. */
export interface RedisPublisher {
  publish(channel: string, message: string): Promise<unknown>;
}
export interface RedisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
}

/** By Redis, where API servers have that and not NATS. */
export function redisFanOut(
  publisher: RedisPublisher,
  subscriber: RedisSubscriber,
  prefix = 'twinergy:live:',
): LiveFanOut {
  const listeners = new Map<string, Set<(message: LiveMessage) => void>>();
  subscriber.on('message', (channel, text) => {
    for (const listener of listeners.get(channel) ?? []) listener(JSON.parse(text) as LiveMessage);
  });
  return {
    send(message) {
      // A Redis that is away must not stop a worker: who listens asks the store when it is back.
      publisher.publish(prefix + message.tenantId, JSON.stringify(message)).catch(() => undefined);
    },
    async listen(tenantId, onMessage) {
      const channel = prefix + tenantId;
      const known = listeners.get(channel) ?? new Set();
      listeners.set(channel, known.add(onMessage));
      await subscriber.subscribe(channel);
      return async () => {
        known.delete(onMessage);
        if (known.size > 0) return;
        listeners.delete(channel);
        await subscriber.unsubscribe(channel);
      };
    },
  };
}
