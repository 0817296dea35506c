import { z } from '@hono/zod-openapi';
import { numberOrNull, time } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import type { Parts } from './context.js';

export function statusRoutes(api: Api, parts: Parts): void {
  api.add({
    method: 'get',
    path: '/status',
    tag: 'Overview',
    id: 'getStatus',
    summary: 'That the server runs, and since when',
    needs: 'public',
    tenantFree: true,
    response: z.object({
      name: z.literal('twinergy'),
      version: z.string(),
      status: z.literal('running'),
      started_at: time,
      time,
    }),
    run: () => ({
      name: 'twinergy' as const,
      version: parts.version,
      status: 'running' as const,
      started_at: new Date(parts.startedAt).toISOString(),
      time: new Date().toISOString(),
    }),
  });
  api.add({
    method: 'get',
    path: '/metrics/summary',
    tag: 'Overview',
    id: 'getMetricsSummary',
    summary: 'How the server itself does: times of answers, of models and of queries, alert rate, queues, accuracy',
    needs: 'read',
    response: z
      .object({
        api: z.object({ requests: z.number(), p50_ms: numberOrNull, p99_ms: numberOrNull, errors: z.number() }),
        monitor: z.record(z.string(), numberOrNull),
        live: z.object({ clients: z.number() }),
        process: z.object({ uptime_s: z.number(), memory_mb: z.number(), event_loop_lag_ms: z.number() }),
      })
      .openapi('MetricsSummary'),
    run: ({ tenant }) => parts.metrics.summary(tenant),
  });
}
