import type { WSContext } from 'hono/ws';
import { z } from 'zod';
import type { Principal } from '../auth/roles.js';
import { eventMessage, filterOf, type Hub, type LiveEvent, type LiveFilter, liveTypes, wants } from './hub.js';

/** Bytes that may wait for a client; one that is further behind gets the newest only. */
const BEHIND = 256 * 1024;
/** Bytes at which a client that reads nothing is given up. */
const LOST = 8 * 2 ** 20;
/** Events that are told anew to one that resumes. */
const MOST_RESUMED = 2000;

const names = z.array(z.string().max(256)).max(1000);
const message = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    id: z.string().max(64).default('default'),
    assets: names.optional(),
    channels: names.optional(),
    events: z.array(z.enum(liveTypes)).optional(),
    since: z.number().int().nonnegative().optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id: z.string().max(64) }),
  z.strictObject({ type: z.literal('ping') }),
]);

const TEXT = { binary: false };

interface Socket {
  readonly bufferedAmount: number;
  send(data: string | Buffer, options?: { readonly binary: boolean }): void;
  close(code?: number, reason?: string): void;
}

/** One WebSocket: what it subscribed to, and what waits for it. */
export class LiveConnection {
  readonly #hub: Hub;
  readonly #tenantId: string;
  readonly #socket: Socket;
  readonly #filters = new Map<string, LiveFilter>();
  /** What a slow client is told when it is ready: of each thing the newest. */
  readonly #waiting = new Map<string, LiveEvent>();
  #dropped = 0;
  #off: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(hub: Hub, who: Principal, tenantId: string, socket: Socket) {
    this.#hub = hub;
    this.#tenantId = tenantId;
    this.#socket = socket;
    this.#off = hub.listen(tenantId, (event) => this.#take(event));
    this.#say({ type: 'hello', who: who.name, time: new Date().toISOString(), last_event_id: hub.lastId(tenantId) });
  }

  /** A message of the client. */
  receive(text: string): void {
    let input: unknown;
    try {
      input = JSON.parse(text);
    } catch {
      this.#say({ type: 'error', code: 'LIVE_BAD_JSON', detail: 'The message is not JSON.' });
      return;
    }
    const parsed = message.safeParse(input);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      this.#say({
        type: 'error',
        code: 'LIVE_BAD_MESSAGE',
        detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      });
      return;
    }
    const { data } = parsed;
    if (data.type === 'ping') {
      this.#say({ type: 'pong', time: new Date().toISOString() });
      return;
    }
    if (data.type === 'unsubscribe') {
      this.#filters.delete(data.id);
      this.#say({ type: 'unsubscribed', id: data.id });
      return;
    }
    if (this.#filters.size >= 50 && !this.#filters.has(data.id)) {
      this.#say({ type: 'error', code: 'LIVE_TOO_MANY', detail: 'A connection has at most 50 subscriptions.' });
      return;
    }
    const filter = filterOf({ types: data.events, assets: data.assets, channels: data.channels });
    this.#filters.set(data.id, filter);
    const missed = data.since === undefined ? { events: [], gap: false } : this.#hub.since(this.#tenantId, data.since);
    this.#say({ type: 'subscribed', id: data.id, last_event_id: this.#hub.lastId(this.#tenantId), gap: missed.gap });
    for (const event of missed.events.filter((one) => wants(filter, one)).slice(-MOST_RESUMED))
      this.#send(event, filter.channels);
  }

  close(): void {
    this.#off?.();
    this.#off = undefined;
    clearTimeout(this.#retry);
    this.#waiting.clear();
  }

  #take(event: LiveEvent): void {
    for (const filter of this.#filters.values()) {
      if (!wants(filter, event)) continue;
      if (this.#waiting.size > 0 || this.#socket.bufferedAmount > BEHIND) this.#defer(event);
      else this.#send(event, filter.channels);
      return;
    }
  }

  #send(event: LiveEvent, channels: readonly string[] | undefined): void {
    this.#socket.send(eventMessage(event, channels), TEXT);
  }

  #defer(event: LiveEvent): void {
    if (this.#socket.bufferedAmount > LOST) {
      this.#socket.close(4008, 'too slow');
      this.close();
      return;
    }
    // Alerts are told each; of readings and the like the newest of each plant.
    const key =
      event.type === 'alert' ? `alert ${String(event.data.alert_id)}` : `${event.type} ${event.assetId ?? ''}`;
    if (this.#waiting.delete(key)) this.#dropped++;
    this.#waiting.set(key, event);
    this.#retry ??= setTimeout(() => this.#flush(), 100);
  }

  #flush(): void {
    this.#retry = undefined;
    if (this.#off === undefined) return;
    if (this.#socket.bufferedAmount > BEHIND) {
      this.#retry = setTimeout(() => this.#flush(), 100);
      return;
    }
    if (this.#dropped > 0) this.#say({ type: 'lagging', dropped: this.#dropped });
    this.#dropped = 0;
    const events = [...this.#waiting.values()].sort((a, b) => a.id - b.id);
    this.#waiting.clear();
    for (const event of events) {
      const filter = [...this.#filters.values()].find((one) => wants(one, event));
      if (filter !== undefined) this.#send(event, filter.channels);
    }
  }

  #say(data: Record<string, unknown>): void {
    this.#socket.send(JSON.stringify(data));
  }
}

/** The socket under Hono's. */
export function socketOf(context: WSContext): Socket {
  return context.raw as Socket;
}
