import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { eventText, type Hub, type LiveEvent, type LiveFilter, wants } from './hub.js';

/** A client that is this far behind is told the newest only. */
const BACKLOG = 200;

/** Live events as a stream that browsers read by themselves; resumes by `Last-Event-ID`. */
export function eventStream(
  context: Context,
  hub: Hub,
  tenantId: string,
  filter: LiveFilter,
  since: number | undefined,
  watch: (close: () => void) => () => void,
): Response {
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, async (stream) => {
    let queue: LiveEvent[] =
      since === undefined ? [] : hub.since(tenantId, since).events.filter((event) => wants(filter, event));
    let wake: () => void = () => undefined;
    const off = hub.listen(tenantId, (event) => {
      if (!wants(filter, event)) return;
      queue.push(event);
      if (queue.length > BACKLOG) queue = queue.slice(-BACKLOG / 2);
      wake();
    });
    let ended = false;
    const unwatch = watch(() => {
      ended = true;
      wake();
    });
    stream.onAbort(() => {
      off();
      unwatch();
      wake();
    });
    await stream.writeSSE({ event: 'hello', data: JSON.stringify({ last_event_id: hub.lastId(tenantId) }) });
    while (!stream.aborted && !ended) {
      const next = queue.shift();
      if (next !== undefined) {
        await stream.writeSSE({ id: String(next.id), event: next.type, data: eventText(next, filter.channels) });
        continue;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 15_000);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (queue.length === 0 && !stream.aborted && !ended) await stream.writeSSE({ event: 'ping', data: '' });
    }
    off();
    unwatch();
  });
}
