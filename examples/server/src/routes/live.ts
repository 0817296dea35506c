import { upgradeWebSocket } from '@hono/node-server';
import { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import type { Principal } from '../auth/roles.js';
import { names } from '../http/common.js';
import type { Api, Env } from '../http/endpoint.js';
import { check } from '../http/problem.js';
import { filterOf, liveTypes } from '../live/hub.js';
import { LiveConnection, socketOf } from '../live/socket.js';
import { eventStream } from '../live/sse.js';
import type { Parts } from './context.js';

const query = z.object({
  assets: names.optional().openapi({ type: 'string', description: 'Comma-separated; default: all.' }),
  channels: names.optional().openapi({ type: 'string', description: 'Of readings only these; default: all.' }),
  events: names.optional().openapi({ type: 'string', description: `Of ${liveTypes.join(', ')}; default: all.` }),
  since: z.coerce.number().int().nonnegative().optional().openapi({ description: 'Resume after this event.' }),
});

/** Server-sent events. */
export function liveRoutes(
  api: Api,
  { hub, watch }: Parts,
  tenantIdOf: (who: Principal, context: Context<Env>) => Promise<string>,
): void {
  api.add({
    method: 'get',
    path: '/events',
    tag: 'Live',
    id: 'streamEvents',
    summary: 'Live events as server-sent events; resumes by `Last-Event-ID`',
    needs: 'read',
    // Events come from all servers: whoever is asked can tell them.
    tenantFree: true,
    query,
    response: z.string(),
    produces: ['text/event-stream'],
    run: async ({ context, who, query: asked }) => {
      const tenantId = await tenantIdOf(who, context);
      const last = Number(context.req.header('last-event-id') ?? asked.since);
      const filter = filterOf({ types: asked.events, assets: asked.assets, channels: asked.channels });
      return eventStream(context, hub, tenantId, filter, Number.isFinite(last) ? last : undefined, (close) =>
        watch.add(who, close),
      );
    },
  });
}

/** The WebSocket: subscriptions by message, resumed by the id of the last event. */
export function liveSocket(
  parts: Parts,
  authorize: (context: Context<Env>) => Principal,
  tenantIdOf: (who: Principal, context: Context<Env>) => Promise<string>,
): MiddlewareHandler<Env> {
  return async (context, next) => {
    const who = authorize(context);
    const tenantId = await tenantIdOf(who, context);
    const asked = check(query, context.req.query(), 'query');
    let connection: LiveConnection | undefined;
    let unwatch: (() => void) | undefined;
    const over = () => {
      connection?.close();
      unwatch?.();
    };
    return upgradeWebSocket(() => ({
      onOpen(_, ws) {
        connection = new LiveConnection(parts.hub, who, tenantId, socketOf(ws));
        unwatch = parts.watch.add(who, () => {
          over();
          ws.close(4001, 'the sign-in is over');
        });
        // What the address asks for is the first subscription.
        if (asked.assets ?? asked.channels ?? asked.events ?? asked.since) {
          connection.receive(
            JSON.stringify({
              type: 'subscribe',
              ...(asked.assets && { assets: asked.assets }),
              ...(asked.channels && { channels: asked.channels }),
              ...(asked.events && { events: asked.events }),
              ...(asked.since !== undefined && { since: asked.since }),
            }),
          );
        }
      },
      onMessage({ data }) {
        connection?.receive(String(data));
      },
      onClose: over,
      onError: over,
    }))(context, next);
  };
}
