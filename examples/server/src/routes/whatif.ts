import { z } from '@hono/zod-openapi';
import type { FailureForecast, FaultRequest } from 'twinergy';
import { branch, type HeavyWork } from '../analysis/heavy-work.js';
import type { Tenant } from '../fleet/tenant.js';
import { assetParams, id, iso, numberOrNull, text, time, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { restName } from '../http/names.js';
import { Problem } from '../http/problem.js';
import type { Parts } from './context.js';
import { rowsJson } from './series.js';

const DAY = 86_400_000;

export const progression = z
  .object({
    asset_id: z.string(),
    days: z.number(),
    failure_time: timeOrNull,
    failures: z.array(z.object({ criterion: z.string(), title: z.string(), time })),
    rows: z
      .array(z.record(z.string(), z.union([z.string(), z.number()])))
      .openapi({ description: 'By day: mean power, greatest temperature, severity of and power lost to each fault' }),
  })
  .openapi('FailureProgression');

/** How a plant would fail by a scenario. */
export async function failureProgression(
  heavy: HeavyWork,
  tenant: Tenant,
  assetId: string,
  { scenario, days }: { readonly scenario?: string | undefined; readonly days: number },
  signal: AbortSignal,
): Promise<z.input<typeof progression>> {
  const { telemetry, progress, failures, failureTime } = await heavy.do(
    'lookAhead',
    { tenantId: tenant.id, assetId: tenant.known(assetId), options: { days, scenario } },
    signal,
  );
  const daily = telemetry
    .select('solarPower', 'temperature', 'panelHealth')
    .resample('1d', { how: { solarPower: 'energy', temperature: 'max', panelHealth: 'mean' } });
  return {
    asset_id: assetId,
    days,
    failure_time: iso(failureTime),
    failures: failures.map(({ criterion, title, time: at }) => ({ criterion, title, time: iso(at) })),
    rows: rowsJson(daily.join(progress.resample('1d'), { how: 'left' }), restName),
  };
}

/** Energy of each day, kWh. */
function dailyEnergy({ telemetry }: FailureForecast, channel: string): Map<number, number> {
  const days = new Map<number, number>();
  const { time: times } = telemetry;
  const power = telemetry.column(channel);
  for (let row = 0; row + 1 < times.length; row++) {
    const value = power[row] as number;
    if (Number.isNaN(value)) continue;
    const day = Math.floor((times[row] as number) / DAY) * DAY;
    const hours = ((times[row + 1] as number) - (times[row] as number)) / 3_600_000;
    days.set(day, (days.get(day) ?? 0) + (value * hours) / 1000);
  }
  return days;
}

export function whatIfRoutes(api: Api, { accounts, heavy }: Parts): void {
  api.add({
    method: 'get',
    path: '/assets/{asset_id}/failure-progression',
    tag: 'What if',
    id: 'getFailureProgression',
    summary: 'How the plant would fail from its present state when the faults of a scenario grow',
    needs: 'read',
    maxAge: 30,
    keep: 30,
    params: assetParams,
    query: z.object({ scenario: text(100, 1).optional(), days: z.coerce.number().min(1).max(365).default(30) }),
    response: progression,
    run: ({ context, tenant, params, query }) =>
      failureProgression(heavy, tenant, params.asset_id, query, context.req.raw.signal),
  });

  api.add({
    method: 'post',
    path: '/assets/{asset_id}/what-if',
    tag: 'What if',
    id: 'whatIf',
    summary: 'Choose faults and an action: energy and money with the fault, with the repair, and without either',
    needs: 'read',
    params: assetParams,
    body: z.strictObject({
      faults: z
        .array(z.strictObject({ id: text(100, 1), severity: z.number().min(0).max(1), target: text(100).optional() }))
        .min(1)
        .max(10),
      days: z.number().min(1).max(365).default(30),
      repair_after_days: z.number().min(0).max(365).optional(),
      repair_cost: z.number().min(0).max(1e9).default(0),
    }),
    response: z
      .object({
        asset_id: z.string(),
        days: z.number(),
        currency: z.string().nullable(),
        failure_time: timeOrNull,
        curves: z.array(
          z.object({ date: z.string(), healthy_kwh: z.number(), faulty_kwh: z.number(), repaired_kwh: z.number() }),
        ),
        lost_kwh: z.number().openapi({ description: 'By the fault, without repair' }),
        saved_kwh: z.number().openapi({ description: 'By the repair' }),
        net_benefit: numberOrNull.openapi({ description: 'Worth of what the repair saves, less its cost' }),
      })
      .openapi('WhatIf'),
    run: async ({ context, tenant, params, body }) => {
      const assetId = params.asset_id;
      const twin = branch(tenant, assetId);
      const { name } = twin.model.output;
      const from = twin.time ?? tenant.latest(assetId)?.time ?? Date.now();
      const lookAhead = (faults: readonly FaultRequest[]) =>
        heavy.do(
          'lookAhead',
          { tenantId: tenant.id, assetId, options: { days: body.days, from, faults } },
          context.req.raw.signal,
        );
      const [faulty, healthy] = await Promise.all([
        lookAhead(body.faults.map((fault) => ({ ...fault, from }))),
        lookAhead([]),
      ]);
      const [with_, without] = [dailyEnergy(faulty, name), dailyEnergy(healthy, name)];
      const repairAt =
        body.repair_after_days === undefined ? Number.POSITIVE_INFINITY : from + body.repair_after_days * DAY;
      const curves = [...without].map(([day, healthyKwh]) => {
        const faultyKwh = with_.get(day) ?? 0;
        return {
          date: iso(day).slice(0, 10),
          healthy_kwh: healthyKwh,
          faulty_kwh: faultyKwh,
          repaired_kwh: day >= repairAt ? healthyKwh : faultyKwh,
        };
      });
      const sum = (key: 'healthy_kwh' | 'faulty_kwh' | 'repaired_kwh') =>
        curves.reduce((all, row) => all + row[key], 0);
      const { currency, price_per_kwh: price } = (await accounts.tenant(tenant.id))?.settings ?? {};
      const saved = sum('repaired_kwh') - sum('faulty_kwh');
      return {
        asset_id: assetId,
        days: body.days,
        currency: typeof currency === 'string' ? currency : null,
        failure_time: iso(faulty.failureTime),
        curves,
        lost_kwh: sum('healthy_kwh') - sum('faulty_kwh'),
        saved_kwh: saved,
        net_benefit:
          typeof price === 'number' && body.repair_after_days !== undefined ? saved * price - body.repair_cost : null,
      };
    },
  });

  const scenarios = z
    .object({
      available: z.array(z.object({ name: z.string(), faults: z.array(z.string()) })),
      playing: z.record(z.string(), z.string()).openapi({ description: 'Simulated plant → scenario' }),
    })
    .openapi('Scenarios');
  const show = (tenant: Tenant) => {
    const [first] = tenant.monitor.assetIds;
    const all = first === undefined ? {} : tenant.monitor.twin(first).model.scenarios;
    return {
      available: Object.entries(all).map(([name, faults]) => ({ name, faults: faults.map((fault) => fault.id) })),
      playing: tenant.feed.scenarios,
    };
  };
  api.add({
    method: 'get',
    path: '/scenarios',
    tag: 'What if',
    id: 'getScenarios',
    summary: 'Scenarios that simulated plants can play, and what each plays',
    needs: 'read',
    response: scenarios,
    run: ({ tenant }) => show(tenant),
  });
  api.add({
    method: 'post',
    path: '/scenarios',
    tag: 'What if',
    id: 'setScenario',
    summary: 'Play a scenario on a simulated plant, or on all',
    needs: 'operate',
    body: z.strictObject({ scenario: text(100, 1), asset_id: id.optional() }),
    response: scenarios,
    run: async ({ tenant, who, body }) => {
      if (body.asset_id !== undefined && !tenant.feed.has(tenant.known(body.asset_id)))
        throw new Problem(409, 'API_NOT_SIMULATED', `${body.asset_id} is measured, not simulated.`);
      if (Object.keys(tenant.feed.scenarios).length === 0)
        throw new Problem(409, 'API_NOT_SIMULATED', 'No plant here is simulated.');
      await tenant.feed.setScenario(body.scenario, body.asset_id);
      await accounts.audit(tenant.storage, {
        actor: who.name,
        action: 'scenario.set',
        subject: body.scenario,
        assetId: body.asset_id,
      });
      return show(tenant);
    },
  });
}
