import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Monitor } from 'twinergy';
import { restReading } from './names.js';

/** A client that is this far behind is told the newest only. */
const BACKLOG = 100;

/** Live events as a stream that browsers can read: `reading`, `alert`, `health`. */
export function eventStream(context: Context, monitor: Monitor): Response {
  return streamSSE(context, async (stream) => {
    let queue: { event: string; data: string }[] = [];
    let wake: () => void = () => undefined;
    const push = (event: string, data: unknown) => {
      queue.push({ event, data: JSON.stringify(data) });
      if (queue.length > BACKLOG) queue = queue.slice(-BACKLOG / 2);
      wake();
    };
    const off = [
      monitor.on('reading', ({ reading }) => push('reading', restReading(reading))),
      monitor.on('alertChange', ({ kind, alert }) =>
        push('alert', { kind, id: alert.id, severity: alert.severity, title: alert.title }),
      ),
      monitor.on('health', ({ assetId, health }) =>
        push('health', { asset_id: assetId, score: health.score, label: health.label }),
      ),
    ];
    stream.onAbort(() => wake());
    while (!stream.aborted) {
      const next = queue.shift();
      if (next !== undefined) await stream.writeSSE(next);
      else {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 15_000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        if (queue.length === 0 && !stream.aborted) await stream.writeSSE({ event: 'ping', data: '' });
      }
    }
    for (const unsubscribe of off) unsubscribe();
  });
}
