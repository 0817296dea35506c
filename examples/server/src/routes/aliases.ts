import { z } from '@hono/zod-openapi';
import { savedForecast } from '../analysis/accuracy.js';
import { maintenanceSchedule } from '../fleet/maintenance.js';
import type { Tenant } from '../fleet/tenant.js';
import {
  assetParams,
  finite,
  id,
  instant,
  iso,
  names,
  numberOrNull,
  severity,
  text,
  timeOrNull,
} from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { channelName, restName, restValues } from '../http/names.js';
import { notFound } from '../http/problem.js';
import { readingOf, readingSchema } from '../ingest/read.js';
import { actOn, listAlerts } from './alerts.js';
import type { Parts } from './context.js';
import { answer, ingestMedia, ingestResult, readBody, take } from './ingest.js';
import { changeTask, createTask, restTask, taskChange, taskInput } from './maintenance.js';
import { rowsJson } from './series.js';
import { failureProgression, progression } from './whatif.js';

const any = z.record(z.string(), z.unknown());
const list = z.array(any);
const limit = (usual: number) => z.coerce.number().int().min(1).max(10_000).default(usual);

/** Newest readings beside what the twin expects, as the original design has them. */
function twinData(tenant: Tenant, assetIds: readonly string[]) {
  return assetIds.flatMap((assetId) => {
    const reading = tenant.latest(assetId);
    if (reading === undefined) return [];
    return [
      {
        asset_id: assetId,
        time: iso(reading.time),
        ...restValues(reading.values),
        expected: restValues(tenant.judged(assetId)?.expected ?? {}),
        scenario: tenant.feed.scenarios[assetId] ?? null,
      },
    ];
  });
}

/** Power forecast and remaining life of a plant, as the original design has them. */
async function predictionsOf(tenant: Tenant, assetId: string) {
  const newest = async (kind: string) =>
    (await tenant.storage.list('predictions', { assetId, where: { kind }, order: 'descending', limit: 1 })).rows[0];
  const [power, life] = await Promise.all([newest('power'), newest('rul')]);
  const saved = power === undefined ? undefined : savedForecast(power);
  return {
    asset_id: assetId,
    forecast: {
      made_at: iso(power?.time),
      unit: 'W',
      level: 80,
      points: (saved?.times ?? []).map((at, i) => ({
        time: iso(at),
        value: finite(saved?.columns.median?.[i]),
        low: finite(saved?.columns.lower80?.[i]),
        high: finite(saved?.columns.upper80?.[i]),
      })),
    },
    rul:
      life === undefined
        ? null
        : {
            made_at: iso(life.time),
            days: life.value ?? null,
            low: life.low ?? null,
            high: life.high ?? null,
            level: 80,
            details: life.details,
          },
  };
}

/** The plain paths of the original design: the same data in its shapes. */
export function aliasRoutes(api: Api, parts: Parts): void {
  const alias = (method: 'get' | 'post' | 'patch', path: string, operation: string, summary: string) => ({
    method,
    path,
    tag: 'Original paths',
    id: operation,
    summary,
    deprecated: true,
  });
  api.add({
    ...alias('get', '/twin-data', 'aliasTwinData', 'As GET /api/v1/latest'),
    needs: 'read',
    query: z.object({ asset_id: id.optional() }),
    response: list,
    run: ({ tenant, query }) =>
      twinData(tenant, query.asset_id === undefined ? tenant.monitor.assetIds : [tenant.known(query.asset_id)]),
  });
  api.add({
    ...alias('get', '/assets', 'aliasAssets', 'As GET /api/v1/assets'),
    needs: 'read',
    response: list,
    run: async ({ tenant }) =>
      (await tenant.assets()).map(({ id: assetId, name, type, status, latitude, longitude, ratedPower }) => ({
        id: assetId,
        name,
        type,
        status,
        latitude,
        longitude,
        rated_power: ratedPower,
        time_zone: tenant.monitor.twin(assetId).plant?.site.timeZone ?? 'UTC',
        scenario: tenant.feed.scenarios[assetId] ?? null,
        last_seen: iso(tenant.latest(assetId)?.time),
        open_alerts: tenant.monitor.openAlerts(assetId).length,
      })),
  });
  api.add({
    ...alias(
      'get',
      '/telemetry/{asset_id}',
      'aliasTelemetry',
      'As GET /api/v1/assets/{asset_id}/telemetry; the newest rows',
    ),
    needs: 'read',
    params: assetParams,
    query: z.object({
      from: instant.optional(),
      to: instant.optional(),
      channels: names.optional().openapi({ type: 'string' }),
      limit: limit(1000),
    }),
    response: any,
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const channels = query.channels?.map(channelName);
      const frame = await tenant.storage.read({ assetId, from: query.from, to: query.to, channels, last: query.limit });
      return {
        asset_id: assetId,
        units: Object.fromEntries(frame.names.map((name) => [restName(name), frame.unit(name)])),
        rows: rowsJson(frame, restName),
      };
    },
  });
  api.add({
    ...alias('post', '/telemetry', 'aliasIngest', 'As POST /api/v1/telemetry'),
    needs: 'ingest',
    status: 201,
    media: ingestMedia,
    query: z.object({
      asset_id: id.optional(),
      zone: text(100, 1).optional(),
      precision: z.enum(['ns', 'us', 'u', 'ms', 's']).default('ns'),
    }),
    response: ingestResult,
    run: async ({ context, tenant, query }) => answer(await take(tenant, await readBody(context, tenant, query))),
  });
  api.add({
    ...alias('get', '/alerts', 'aliasAlerts', 'As GET /api/v1/alerts'),
    needs: 'read',
    query: z.object({
      asset_id: id.optional(),
      status: z.enum(['active', 'acknowledged', 'resolved']).optional(),
      severity: severity.optional(),
      limit: limit(100),
    }),
    response: list,
    run: async ({ tenant, query }) => (await listAlerts(tenant, query)).items,
  });
  const person = z.strictObject({ by: text(100).optional(), comment: text(2000).optional() }).optional();
  for (const [verb, kind] of [
    ['acknowledge', 'acknowledge'],
    ['resolve', 'resolve'],
  ] as const) {
    api.add({
      ...alias(
        'post',
        `/alerts/{alert_id}/${verb}`,
        `alias${verb === 'resolve' ? 'Resolve' : 'Acknowledge'}`,
        'As POST /api/v1/alerts/{alert_id}/actions',
      ),
      needs: 'operate',
      params: z.object({ alert_id: id }),
      body: person,
      response: any,
      run: async ({ tenant, who, params, body }) => ({
        // Who it was is who is signed in: nobody acts in another's name.
        ...(await actOn(
          tenant,
          params.alert_id,
          { action: kind, ...(body?.comment && { comment: body.comment }) },
          who.name,
        )),
      }),
    });
  }
  api.add({
    ...alias('get', '/predictions', 'aliasPredictions', 'As GET /api/v1/assets/{asset_id}/forecast and /rul'),
    needs: 'read',
    query: z.object({ asset_id: id.optional() }),
    response: z.union([list, any]),
    run: async ({ tenant, query }) =>
      query.asset_id === undefined
        ? Promise.all(tenant.monitor.assetIds.map((one) => predictionsOf(tenant, one)))
        : predictionsOf(tenant, tenant.known(query.asset_id)),
  });
  api.add({
    ...alias('get', '/health/{asset_id}', 'aliasHealth', 'As GET /api/v1/assets/{asset_id}/health'),
    needs: 'read',
    params: assetParams,
    response: any,
    run: async ({ tenant, params }) => {
      const assetId = tenant.known(params.asset_id);
      const [health] = (await tenant.storage.list('healthMetrics', { assetId, order: 'descending', limit: 1 })).rows;
      if (health === undefined) return notFound(`health of "${assetId}" yet: no reading has come`);
      const { time, score, power, temperature, battery, inverter, degradation, details } = health;
      return {
        asset_id: assetId,
        time: iso(time),
        score,
        components: { power, temperature, battery, inverter },
        degradation,
        ...(details as object),
      };
    },
  });
  api.add({
    ...alias('get', '/anomaly', 'aliasAnomalies', 'As GET /api/v1/anomalies'),
    needs: 'read',
    query: z.object({ asset_id: id.optional(), limit: limit(50) }),
    response: list,
    run: async ({ tenant, query }) =>
      (
        await tenant.storage.list('anomalies', { assetId: query.asset_id, order: 'descending', limit: query.limit })
      ).rows.map(({ assetId, time, score, pValue, why }) => ({
        asset_id: assetId,
        time: iso(time),
        score,
        p_value: pValue,
        why,
      })),
  });
  api.add({
    ...alias('post', '/anomaly', 'aliasJudge', 'As POST /api/v1/judge'),
    needs: 'read',
    body: readingSchema,
    response: any,
    run: ({ tenant, body }) => {
      const reading = readingOf(body, Date.now());
      tenant.known(reading.assetId);
      const judged = tenant.monitor.judge(reading);
      return {
        asset_id: reading.assetId,
        expected: restValues(judged.expected),
        power_ratio: judged.powerRatio ?? null,
        anomaly: judged.anomaly ?? null,
      };
    },
  });
  api.add({
    ...alias(
      'get',
      '/predictive-alert',
      'aliasPredictiveAlerts',
      'Remaining life of all plants, with the alert it raised',
    ),
    needs: 'read',
    response: z.array(
      z.object({
        asset_id: z.string(),
        time: timeOrNull,
        rul_days: numberOrNull,
        interval80: z.array(numberOrNull).nullable(),
        failure_within: z.unknown(),
        alert: z.string().nullable(),
      }),
    ),
    run: async ({ tenant }) => {
      const found = [];
      for (const assetId of tenant.monitor.assetIds) {
        const [row] = (
          await tenant.storage.list('predictions', { assetId, where: { kind: 'rul' }, order: 'descending', limit: 1 })
        ).rows;
        if (row === undefined) continue;
        found.push({
          asset_id: assetId,
          time: iso(row.time),
          rul_days: row.value ?? null,
          interval80: row.low === undefined ? null : [row.low, row.high ?? null],
          failure_within: (row.details as { failureWithin?: unknown } | undefined)?.failureWithin ?? null,
          alert: tenant.monitor.openAlerts(assetId).find(({ rule }) => rule === 'predicted-failure')?.severity ?? null,
        });
      }
      return found;
    },
  });
  api.add({
    ...alias('get', '/maintenance/schedule', 'aliasSchedule', 'As GET /api/v1/maintenance'),
    needs: 'read',
    response: list,
    run: async ({ tenant }) =>
      (await maintenanceSchedule(tenant.storage, Date.now())).map((task) => ({ ...restTask(task) })),
  });
  api.add({
    ...alias('post', '/maintenance/schedule', 'aliasCreateTask', 'As POST /api/v1/maintenance'),
    needs: 'operate',
    status: 201,
    body: taskInput,
    response: any,
    run: async ({ tenant, who, body }) => ({ ...(await createTask(tenant, body, who.name)) }),
  });
  api.add({
    ...alias('patch', '/maintenance/schedule/{task_id}', 'aliasUpdateTask', 'As PATCH /api/v1/maintenance/{task_id}'),
    needs: 'operate',
    params: z.object({ task_id: id }),
    body: taskChange,
    response: any,
    run: async ({ tenant, who, params, body }) => ({ ...(await changeTask(tenant, params.task_id, body, who.name)) }),
  });
  api.add({
    ...alias(
      'get',
      '/failure-progression/{asset_id}',
      'aliasFailureProgression',
      'As GET /api/v1/assets/{asset_id}/failure-progression',
    ),
    needs: 'read',
    params: assetParams,
    query: z.object({ scenario: text(100, 1).optional(), days: z.coerce.number().min(1).max(365).default(30) }),
    response: progression,
    run: ({ context, tenant, params, query }) =>
      failureProgression(parts.heavy, tenant, params.asset_id, query, context.req.raw.signal),
  });
  api.add({
    ...alias('post', '/set-scenario', 'aliasSetScenario', 'As POST /api/v1/scenarios'),
    needs: 'operate',
    body: z.strictObject({ scenario: text(100, 1), asset_id: id.optional() }),
    response: z.object({ scenarios: z.record(z.string(), z.string()) }),
    run: async ({ tenant, who, body }) => {
      if (body.asset_id !== undefined) tenant.known(body.asset_id);
      await tenant.feed.setScenario(body.scenario, body.asset_id);
      await parts.accounts.audit(tenant.storage, { actor: who.name, action: 'scenario.set', subject: body.scenario });
      return { scenarios: tenant.feed.scenarios };
    },
  });
}
