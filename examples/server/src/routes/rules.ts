import { z } from '@hono/zod-openapi';
import { AlertEngine, batteryRules, type Frame, performanceRules, type Rule, replayAsync, solarRules } from 'twinergy';
import type { Tenant } from '../fleet/tenant.js';
import { id, instant, iso, page, severity, text, time, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { notFound, Problem } from '../http/problem.js';
import type { Parts } from './context.js';
import { rangeOf, readRange } from './series.js';

const ruleSchema = z
  .looseObject({
    id: z.string().regex(/^[\w-]{1,100}$/),
    title: text(200, 1),
    when: z.looseObject({ type: text(50, 1) }).openapi({ description: 'What is judged: see docs/alerts.md.' }),
    enabled: z.boolean().optional(),
    playbook: text(2000).optional(),
  })
  .refine((rule) => JSON.stringify(rule).length <= 32_768, 'is larger than 32 KiB')
  .openapi('Rule', {
    type: 'object',
    required: ['id', 'title', 'when'],
    example: {
      id: 'too-hot',
      title: 'Inverter is too hot',
      when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60, CRITICAL: 70 } },
      raiseAfter: '5m',
    },
  });

/** A rule from outside, checked by compiling it. @throws TwinergyError `RULE_…` */
function ruleOf(input: unknown): Rule {
  const rule = input as Rule;
  try {
    new AlertEngine({ rules: [rule] });
  } catch (error) {
    // A condition that is not even of the right shape makes the compiler stumble rather than complain.
    if (error instanceof TypeError)
      throw new Problem(400, 'RULE_BAD', 'The rule is not as a rule must be.', { path: 'body' });
    throw error;
  }
  return rule;
}

/** The telemetry of a range with what the twin derives from it: what rules look at. */
async function judgedFrame(tenant: Tenant, assetId: string, span: { from: number; to: number }): Promise<Frame> {
  const twin = tenant.monitor.twin(assetId);
  const channels = twin.model.channels.map(({ name }) => name);
  const { frame } = await readRange(tenant, assetId, channels, span, 50_000);
  if (frame.length === 0) return frame;
  const { name } = twin.model.output;
  const expected = twin.expected(frame);
  let out = frame;
  if (expected.has(name) && frame.has(name)) {
    const wanted = expected.column(name);
    const full = twin.model.channels.find((channel) => channel.name === name)?.fullScale ?? 0;
    const measured = frame.column(name);
    out = out.withColumn('expectedPower', wanted, 'W').withColumn(
      'powerRatio',
      wanted.map((value, row) => (value < 0.05 * full ? Number.NaN : Math.max(0, (measured[row] as number) / value))),
      '1',
    );
  }
  const { rows } = await tenant.storage.list('healthMetrics', { assetId, ...span, limit: 50_000 });
  const health = new Float64Array(frame.length).fill(Number.NaN);
  let next = 0;
  let last = Number.NaN;
  frame.time.forEach((at, row) => {
    while (next < rows.length && (rows[next]?.time ?? 0) <= at) last = rows[next++]?.score ?? Number.NaN;
    health[row] = last;
  });
  return out.withColumn('health', health, '1');
}

export function ruleRoutes(api: Api, { accounts }: Parts): void {
  api.add({
    method: 'get',
    path: '/rules',
    tag: 'Rules',
    id: 'listRules',
    summary: 'The rules that are judged',
    needs: 'read',
    response: page(ruleSchema),
    run: ({ tenant }) => ({
      items: tenant.monitor.rules.map((rule) => ({ ...rule, when: { ...rule.when } })),
      next: null,
    }),
  });
  api.add({
    method: 'get',
    path: '/rules/packs',
    tag: 'Rules',
    id: 'listRulePacks',
    summary: 'Ready-made rules to begin with',
    needs: 'read',
    maxAge: 3600,
    response: z.object({ items: z.array(z.object({ name: z.string(), rules: z.array(ruleSchema) })), next: z.null() }),
    run: () => ({
      items: [
        ['solar', solarRules()] as const,
        ['battery', batteryRules()] as const,
        ['performance', performanceRules()] as const,
      ].map(([name, rules]) => ({ name, rules: rules.map((rule) => ({ ...rule, when: { ...rule.when } })) })),
      next: null,
    }),
  });
  const params = z.object({ rule_id: id });
  api.add({
    method: 'get',
    path: '/rules/{rule_id}',
    tag: 'Rules',
    id: 'getRule',
    summary: 'A rule',
    needs: 'read',
    params,
    response: ruleSchema,
    run: ({ tenant, params: { rule_id } }) => {
      const rule = tenant.monitor.rules.find((one) => one.id === rule_id) ?? notFound(`rule "${rule_id}"`);
      return { ...rule, when: { ...rule.when } };
    },
  });
  api.add({
    method: 'put',
    path: '/rules/{rule_id}',
    tag: 'Rules',
    id: 'putRule',
    summary: 'Make or change a rule; it is judged from now on',
    needs: 'configure',
    params,
    body: ruleSchema,
    response: ruleSchema,
    run: async ({ tenant, who, params: { rule_id }, body }) => {
      if (body.id !== rule_id)
        throw new Problem(400, 'API_BAD_REQUEST', 'body.id: is not that of the path.', { path: 'body.id' });
      const rule = ruleOf(body);
      await tenant.putRule(rule);
      await accounts.audit(tenant.storage, { actor: who.name, action: 'rule.put', subject: rule.id });
      return body;
    },
  });
  api.add({
    method: 'delete',
    path: '/rules/{rule_id}',
    tag: 'Rules',
    id: 'deleteRule',
    summary: 'Judge by a rule no more',
    needs: 'configure',
    params,
    response: z.undefined(),
    status: 204,
    run: async ({ tenant, who, params: { rule_id } }) => {
      await tenant.removeRule(rule_id);
      await accounts.audit(tenant.storage, { actor: who.name, action: 'rule.delete', subject: rule_id });
      return undefined;
    },
  });
  api.add({
    method: 'post',
    path: '/rules/preview',
    tag: 'Rules',
    id: 'previewRule',
    summary: 'What a rule would have raised on the history of plants',
    needs: 'read',
    body: z.strictObject({
      rule: ruleSchema,
      asset_ids: z.array(id).min(1).max(20),
      from: instant.optional(),
      to: instant.optional(),
    }),
    response: z.object({
      from: time,
      to: time,
      alerts: z.array(
        z.object({
          asset_id: z.string(),
          severity,
          since: time,
          raised_at: time,
          resolved_at: timeOrNull,
          why: z.string(),
        }),
      ),
      per_day: z.number(),
    }),
    run: async ({ tenant, body }) => {
      const rule = ruleOf(body.rule);
      const [first] = body.asset_ids as [string];
      const span = rangeOf(tenant, tenant.known(first), body, 30 * 86_400_000);
      const alerts = [];
      for (const assetId of new Set(body.asset_ids)) {
        const frame = await judgedFrame(tenant, tenant.known(assetId), span);
        if (frame.length === 0) continue;
        const zone = tenant.monitor.twin(assetId).plant?.site.timeZone;
        for (const found of await replayAsync(frame, [rule], { asset: { id: assetId, ...(zone && { zone }) } })) {
          alerts.push({
            asset_id: assetId,
            severity: found.severity,
            since: iso(found.since),
            raised_at: iso(found.raisedAt),
            resolved_at: iso(found.resolvedAt),
            why: found.why,
          });
        }
      }
      const daysLong = (span.to - span.from) / 86_400_000;
      return { from: iso(span.from), to: iso(span.to), alerts, per_day: alerts.length / daysLong };
    },
  });
}
