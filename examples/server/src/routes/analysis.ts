import { z } from '@hono/zod-openapi';
import { type StorageRecord, solarHealthComponents } from 'twinergy';
import { accuracyOf, savedForecast } from '../analysis/accuracy.js';
import { channelTitle, lossesOf } from '../analysis/losses.js';
import {
  assetParams,
  finite,
  id,
  iso,
  numberOrNull,
  page,
  pageQuery,
  range,
  time,
  timeOrNull,
} from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { restName, restValues } from '../http/names.js';
import { Problem } from '../http/problem.js';
import { readingOf, readingSchema } from '../ingest/read.js';
import type { Parts } from './context.js';
import { rangeOf } from './series.js';

const DAY = 86_400_000;
const days = (most: number, usual: number) => z.coerce.number().min(0.01).max(most).default(usual);

const contribution = z.object({
  channel: z.string(),
  title: z.string(),
  share: z.number().openapi({ description: 'Of the score, 0…1' }),
  value: numberOrNull.openapi({ description: 'Relative distance from what the twin expects' }),
});
const anomaly = z
  .object({
    id: z.string(),
    asset_id: z.string(),
    time,
    score: numberOrNull,
    p_value: numberOrNull,
    detector: z.string().nullable(),
    why: z.string().nullable(),
    contributions: z.array(contribution),
  })
  .openapi('Anomaly');

const point = z.object({
  time,
  value: numberOrNull,
  lower50: numberOrNull,
  upper50: numberOrNull,
  lower80: numberOrNull,
  upper80: numberOrNull,
  lower95: numberOrNull,
  upper95: numberOrNull,
});
const rul = z
  .object({
    asset_id: z.string(),
    made_at: timeOrNull,
    days: numberOrNull.openapi({ description: 'Median of the remaining life; null: no end in sight' }),
    intervals: z.array(z.object({ level: z.number(), low: numberOrNull, high: numberOrNull })),
    failure_within: z.record(z.string(), z.number()).openapi({ description: 'Days → probability' }),
    reason: z.string().nullable(),
    history: z.array(z.object({ time, days: numberOrNull, low: numberOrNull, high: numberOrNull })),
  })
  .openapi('RemainingLife');

/** The remaining life of a plant, with how it was seen before. */
export function restLife(assetId: string, rows: readonly StorageRecord<'predictions'>[]): z.input<typeof rul> {
  const [newest] = rows;
  const details = (newest?.details ?? {}) as {
    intervals?: readonly { level: number; lower: number; upper: number }[];
    failureWithin?: Record<string, number>;
    reason?: string;
  };
  return {
    asset_id: assetId,
    made_at: iso(newest?.time),
    days: newest?.value ?? null,
    intervals: (details.intervals ?? []).map(({ level, lower, upper }) => ({
      level,
      low: finite(lower),
      high: finite(upper),
    })),
    failure_within: { ...details.failureWithin },
    reason: details.reason ?? null,
    history: rows
      .map((row) => ({ time: iso(row.time), days: row.value ?? null, low: row.low ?? null, high: row.high ?? null }))
      .reverse(),
  };
}

/** The parts of a health record, with the points of the whole that each costs: those without a value weigh nothing. */
function healthParts(record: StorageRecord<'healthMetrics'> | undefined) {
  const parts = (['power', 'temperature', 'battery', 'inverter'] as const).map((name) => ({
    name,
    score: record?.[name] ?? null,
    weight: solarHealthComponents.find((component) => component.name === name)?.weight ?? 0,
  }));
  const weights = parts.reduce((sum, { score, weight }) => sum + (score === null ? 0 : weight), 0);
  return parts.map(({ name, score, weight }) => ({
    name,
    score,
    lost: score === null ? null : (weight / weights) * (100 - score),
  }));
}

export function analysisRoutes(api: Api, { accounts, heavy }: Parts): void {
  api.add({
    method: 'get',
    path: '/anomalies',
    tag: 'Analysis',
    id: 'listAnomalies',
    summary: 'Readings unlike what the twin expects, each with its explanation, the newest first',
    needs: 'read',
    query: z.object({ ...pageQuery, ...range, asset_id: id.optional() }),
    response: page(anomaly),
    run: async ({ tenant, query }) => {
      if (query.asset_id !== undefined) tenant.known(query.asset_id);
      const { rows, next } = await tenant.storage.list('anomalies', {
        assetId: query.asset_id,
        from: query.from,
        to: query.to,
        order: 'descending',
        limit: query.limit,
        after: query.cursor,
      });
      return {
        items: rows.map((row) => ({
          id: row.id,
          asset_id: row.assetId ?? '',
          time: iso(row.time),
          score: row.score ?? null,
          p_value: row.pValue ?? null,
          detector: row.detector ?? null,
          why: row.why ?? null,
          contributions: (
            (row.details as { contributions?: { channel: string; share: number; value?: number }[] } | undefined)
              ?.contributions ?? []
          ).map(({ channel, share, value }) => ({
            channel: restName(channel),
            title: channelTitle(tenant, row.assetId ?? '', channel),
            share,
            value: finite(value),
          })),
        })),
        next: next ?? null,
      };
    },
  });

  api.add({
    method: 'post',
    path: '/judge',
    tag: 'Analysis',
    id: 'judgeReading',
    summary: 'Judge a reading without storing it',
    needs: 'read',
    body: readingSchema.openapi('ReadingInput'),
    response: z.object({
      asset_id: z.string(),
      expected: z.record(z.string(), z.number()),
      power_ratio: numberOrNull,
      anomaly: z.object({ score: z.number(), p_value: z.number(), anomalous: z.boolean(), why: z.string() }).nullable(),
    }),
    run: ({ tenant, body }) => {
      const reading = readingOf(body, Date.now());
      tenant.known(reading.assetId);
      const { expected, powerRatio, anomaly: found } = tenant.monitor.judge(reading);
      return {
        asset_id: reading.assetId,
        expected: restValues(expected),
        power_ratio: powerRatio ?? null,
        anomaly:
          found === undefined
            ? null
            : { score: found.score, p_value: found.pValue, anomalous: found.anomalous, why: found.why },
      };
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}/forecast',
    tag: 'Analysis',
    id: 'getForecast',
    summary: 'The newest power forecast with its intervals, and how good past ones were',
    needs: 'read',
    maxAge: 5,
    keep: 5,
    params: assetParams,
    query: z.object({ accuracy_days: days(90, 7) }),
    response: z
      .object({
        asset_id: z.string(),
        made_at: timeOrNull,
        unit: z.string(),
        points: z.array(point),
        accuracy: z
          .object({
            days: z.number(),
            forecasts: z.number().int(),
            compared: z.number().int(),
            by_lead: z.array(
              z.object({
                hours: z.number(),
                n: z.number().int(),
                mae: z.number(),
                rmse: z.number(),
                bias: z.number(),
                coverage80: z.number().openapi({ description: 'Share inside the 80 % interval' }),
                persistence_mae: numberOrNull.openapi({ description: 'Of "as it was 24 h before"' }),
              }),
            ),
          })
          .openapi({ description: 'In the unit of the forecast; by the hours it looked ahead.' }),
      })
      .openapi('Forecast'),
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const [newest] = (
        await tenant.storage.list('predictions', { assetId, where: { kind: 'power' }, order: 'descending', limit: 1 })
      ).rows;
      const saved = newest === undefined ? undefined : savedForecast(newest);
      const of = (name: string, i: number) => finite(saved?.columns[name]?.[i]);
      return {
        asset_id: assetId,
        made_at: iso(newest?.time),
        unit: newest?.unit ?? 'W',
        points: (saved?.times ?? []).map((at, i) => ({
          time: iso(at),
          value: of('median', i),
          lower50: of('lower50', i),
          upper50: of('upper50', i),
          lower80: of('lower80', i),
          upper80: of('upper80', i),
          lower95: of('lower95', i),
          upper95: of('upper95', i),
        })),
        accuracy: await accuracyOf(tenant, assetId, query.accuracy_days),
      };
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}/rul',
    tag: 'Analysis',
    id: 'getRemainingLife',
    summary: 'Remaining useful life as a distribution, and how it was seen before',
    needs: 'read',
    maxAge: 5,
    keep: 5,
    params: assetParams,
    response: rul,
    run: async ({ tenant, params }) => {
      const assetId = tenant.known(params.asset_id);
      const { rows } = await tenant.storage.list('predictions', {
        assetId,
        where: { kind: 'rul' },
        order: 'descending',
        limit: 90,
      });
      return restLife(assetId, rows);
    },
  });

  const health = z
    .object({
      asset_id: z.string(),
      time: timeOrNull,
      score: numberOrNull,
      label: z.string(),
      components: z.array(
        z.object({
          name: z.string(),
          score: numberOrNull,
          lost: numberOrNull.openapi({ description: 'Points of the whole that it costs' }),
        }),
      ),
      degradation: numberOrNull,
      missing: z.array(z.string()),
      confidence: numberOrNull,
      history: z.array(z.object({ time, score: numberOrNull })),
    })
    .openapi('Health');
  api.add({
    method: 'get',
    path: '/assets/{asset_id}/health',
    tag: 'Analysis',
    id: 'getHealth',
    summary: 'Health with its parts, and its history',
    needs: 'read',
    params: assetParams,
    query: z.object({ days: days(3650, 30) }),
    response: health,
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const [newest] = (await tenant.storage.list('healthMetrics', { assetId, order: 'descending', limit: 1 })).rows;
      const details = (newest?.details ?? {}) as { label?: string; missing?: string[]; confidence?: number };
      const to = (newest?.time ?? Date.now()) + 1;
      const { rows } = await tenant.storage.list('healthMetrics', {
        assetId,
        from: to - query.days * DAY,
        to,
        order: 'descending',
        limit: 20_000,
      });
      // One point an hour at most: the mean of those in it.
      const hours = new Map<number, { sum: number; n: number }>();
      for (const { time: at, score } of rows) {
        if (score === undefined) continue;
        const hour = Math.floor(at / 3_600_000) * 3_600_000;
        const bucket = hours.get(hour) ?? { sum: 0, n: 0 };
        hours.set(hour, { sum: bucket.sum + score, n: bucket.n + 1 });
      }
      return {
        asset_id: assetId,
        time: iso(newest?.time),
        score: newest?.score ?? null,
        label: details.label ?? 'unknown',
        components: healthParts(newest),
        degradation: newest?.degradation ?? null,
        missing: details.missing ?? [],
        confidence: details.confidence ?? null,
        history: [...hours].sort(([a], [b]) => a - b).map(([at, { sum, n }]) => ({ time: iso(at), score: sum / n })),
      };
    },
  });

  const settingsOf = async (tenantId: string) => {
    const { currency, price_per_kwh: price } = (await accounts.tenant(tenantId))?.settings ?? {};
    return {
      currency: typeof currency === 'string' ? currency : null,
      price: typeof price === 'number' ? price : null,
    };
  };
  api.add({
    method: 'get',
    path: '/assets/{asset_id}/losses',
    tag: 'Analysis',
    id: 'getLosses',
    summary: 'From the energy under a clear sky to the energy measured, step by step (waterfall)',
    needs: 'read',
    params: assetParams,
    query: z.object(range),
    response: z
      .object({
        asset_id: z.string(),
        from: time,
        to: time,
        currency: z.string().nullable(),
        steps: z.array(
          z.object({
            name: z.string(),
            title: z.string(),
            energy_kwh: z
              .number()
              .openapi({ description: 'A total, or (for a loss) what is taken off; negative: gained' }),
            kind: z.enum(['total', 'loss']),
            cost: numberOrNull,
          }),
        ),
        performance: numberOrNull.openapi({ description: 'Measured over expected' }),
      })
      .openapi('Losses'),
    run: async ({ tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const span = rangeOf(tenant, assetId, query, 7 * DAY);
      const { currency, price } = await settingsOf(tenant.id);
      const { steps, performance } = await lossesOf(tenant, assetId, span);
      return {
        asset_id: assetId,
        from: iso(span.from),
        to: iso(span.to),
        currency,
        steps: steps.map((step) => ({
          ...step,
          cost: price === null || step.kind === 'total' ? null : step.energy_kwh * price,
        })),
        performance,
      };
    },
  });

  api.add({
    method: 'get',
    path: '/assets/{asset_id}/diagnosis',
    tag: 'Analysis',
    id: 'getDiagnosis',
    summary: 'What is wrong with a plant: findings with cause, evidence, how sure, since when, what it costs',
    needs: 'read',
    keep: 30,
    params: assetParams,
    query: z.object({ days: days(365, 14) }),
    response: z
      .object({
        asset_id: z.string(),
        from: time,
        to: time,
        findings: z.array(
          z.object({
            fault: z.string().nullable().openapi({ description: 'Of the fault catalogue, where it can be told' }),
            component: z.string().nullable(),
            title: z.string(),
            why: z.string(),
            probability: numberOrNull,
            since: timeOrNull,
            energy_lost_kwh: numberOrNull,
            energy_lost_per_day_kwh: numberOrNull,
            cost: numberOrNull,
            cost_per_day: numberOrNull,
            evidence: z.array(z.string()),
          }),
        ),
        currency: z.string().nullable(),
      })
      .openapi('Diagnosis'),
    run: async ({ context, tenant, params, query }) => {
      const assetId = tenant.known(params.asset_id);
      const span = rangeOf(tenant, assetId, {}, query.days * DAY);
      if (span.to - span.from > 400 * DAY) throw new Problem(400, 'API_BAD_RANGE', 'At most 400 days.');
      const { currency, price } = await settingsOf(tenant.id);
      const findings = await heavy.do('diagnose', { tenantId: tenant.id, assetId, span }, context.req.raw.signal);
      const cost = (energy: number | null) => (energy === null || price === null ? null : energy * price);
      return {
        asset_id: assetId,
        from: iso(span.from),
        to: iso(span.to),
        currency,
        findings: findings.map((finding) => ({
          ...finding,
          component: finding.component === null ? null : restName(finding.component),
          since: iso(finding.since),
          cost: cost(finding.energy_lost_kwh),
          cost_per_day: cost(finding.energy_lost_per_day_kwh),
        })),
      };
    },
  });
}
