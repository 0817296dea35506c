import { z } from '@hono/zod-openapi';
import { type AlertChange, type AlertEngine, type Duration, durationMs, type StorageRecord } from 'twinergy';
import type { Tenant } from '../fleet/tenant.js';
import { id, iso, numberOrNull, page, pageQuery, range, severity, text, time, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { restName } from '../http/names.js';
import { describe, notFound } from '../http/problem.js';

const status = z.enum(['active', 'acknowledged', 'resolved']);
export const alertSchema = z
  .object({
    id: z.string(),
    asset_id: z.string().nullable(),
    type: z.string().openapi({ description: 'Id of the rule' }),
    severity,
    status,
    state: z.string().openapi({ description: 'Named state of ISA-18.2 / IEC 62682' }),
    title: z.string(),
    message: z.string().nullable(),
    channel: z.string().nullable(),
    value: numberOrNull,
    threshold: numberOrNull,
    unit: z.string().nullable(),
    created_at: time,
    updated_at: timeOrNull,
    acknowledged_at: timeOrNull,
    acknowledged_by: z.string().nullable(),
    resolved_at: timeOrNull,
    resolved_by: z.string().nullable(),
    assigned_to: z.string().nullable(),
    shelved: z.boolean(),
    shelved_until: timeOrNull,
    playbook: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
  })
  .openapi('Alert');

interface AlertDetails {
  readonly unit?: string;
  readonly labels?: Record<string, string>;
  readonly resolvedBy?: string | null;
  readonly alarmState?: string;
  readonly assignedTo?: string | null;
  readonly shelved?: boolean;
  readonly shelvedUntil?: number | null;
  readonly playbook?: string | null;
}

/** An alert as the API shows it. */
export function restAlert(alert: StorageRecord<'alerts'>): z.input<typeof alertSchema> {
  const details = (alert.details ?? {}) as AlertDetails;
  return {
    id: alert.id,
    asset_id: alert.assetId ?? null,
    type: alert.rule ?? '',
    severity: severity.parse(alert.severity),
    status: status.parse(alert.state),
    state: details.alarmState ?? alert.state,
    title: alert.title,
    message: alert.why ?? null,
    channel: alert.channel === undefined ? null : restName(alert.channel),
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    unit: details.unit ?? null,
    created_at: iso(alert.time),
    updated_at: iso(alert.updatedAt),
    acknowledged_at: iso(alert.acknowledgedAt),
    acknowledged_by: alert.acknowledgedBy ?? null,
    resolved_at: iso(alert.resolvedAt),
    resolved_by: details.resolvedBy ?? null,
    assigned_to: details.assignedTo ?? null,
    shelved: details.shelved ?? false,
    shelved_until: iso(details.shelvedUntil),
    playbook: details.playbook ?? null,
    labels: { ...details.labels },
  };
}

/** Alerts by what is asked for, the newest first. */
export async function listAlerts(
  tenant: Tenant,
  query: {
    readonly asset_id?: string | undefined;
    readonly status?: z.output<typeof status> | 'open' | undefined;
    readonly severity?: string | undefined;
    readonly type?: string | undefined;
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
) {
  if (query.status === 'open') {
    // Few stand at a time; which, the monitor knows.
    const open = tenant.monitor
      .openAlerts(query.asset_id)
      .filter((alert) => query.severity === undefined || alert.severity === query.severity)
      .filter((alert) => query.type === undefined || alert.rule === query.type);
    const start = query.cursor === undefined ? 0 : open.findIndex((alert) => alert.id === query.cursor) + 1;
    const part = open.slice(start, start + query.limit);
    const records = await Promise.all(part.map((alert) => tenant.storage.get('alerts', alert.id)));
    return {
      items: records.flatMap((record) => (record === undefined ? [] : [restAlert(record)])),
      next: start + query.limit < open.length ? (part.at(-1)?.id ?? null) : null,
    };
  }
  const { rows, next } = await tenant.storage.list('alerts', {
    assetId: query.asset_id,
    from: query.from,
    to: query.to,
    where: {
      ...(query.status && { state: query.status }),
      ...(query.severity && { severity: query.severity }),
      ...(query.type && { rule: query.type }),
    },
    order: 'descending',
    limit: query.limit,
    after: query.cursor,
  });
  return { items: rows.map(restAlert), next: next ?? null };
}

export async function alertOf(tenant: Tenant, alertId: string): Promise<StorageRecord<'alerts'>> {
  return (await tenant.storage.get('alerts', alertId)) ?? notFound(`alert "${alertId}"`);
}

const duration = z
  .string()
  .regex(/^\d{1,6}(\.\d+)?(s|m|h|d)$/)
  .openapi({ example: '4h' });
const action = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('acknowledge'), comment: text(2000).optional() }),
    z.strictObject({ action: z.literal('resolve'), comment: text(2000).optional() }),
    z.strictObject({ action: z.literal('shelve'), for: duration.optional(), comment: text(2000).optional() }),
    z.strictObject({ action: z.literal('unshelve'), comment: text(2000).optional() }),
    z.strictObject({ action: z.literal('assign'), to: text(100, 1), comment: text(2000).optional() }),
    z.strictObject({ action: z.literal('comment'), comment: text(2000, 1) }),
    z.strictObject({ action: z.literal('suppress'), comment: text(2000).optional() }),
    z.strictObject({ action: z.literal('unsuppress'), comment: text(2000).optional() }),
    z.strictObject({ action: z.literal('reset'), comment: text(2000).optional() }),
  ])
  .openapi('AlertAction');

type ActionInput = z.output<typeof action>;

/** What an action does to the alerts. */
function does(alertId: string, { action: kind, ...rest }: ActionInput, by: string) {
  const who = { by, ...(rest.comment !== undefined && { comment: rest.comment }) };
  return (alerts: AlertEngine): AlertChange | undefined => {
    switch (kind) {
      case 'acknowledge':
        return alerts.acknowledge(alertId, who);
      case 'resolve':
        return alerts.resolve(alertId, who);
      case 'shelve':
        return alerts.shelve(alertId, {
          ...who,
          ...('for' in rest && rest.for && { forMs: durationMs(rest.for as Duration, 'for') }),
        });
      case 'unshelve':
        return alerts.unshelve(alertId, who);
      case 'suppress':
        return alerts.suppress(alertId, who);
      case 'unsuppress':
        return alerts.unsuppress(alertId, who);
      case 'reset':
        return alerts.reset(alertId, who);
      case 'assign':
        return alerts.assign(alertId, 'to' in rest ? rest.to : by, who);
      case 'comment':
        return alerts.comment(alertId, { by, comment: rest.comment ?? '' });
    }
  };
}

/** Does something to an alert; gives it as it is then. */
export async function actOn(tenant: Tenant, alertId: string, what: ActionInput, by: string) {
  await alertOf(tenant, alertId);
  await tenant.monitor.operate(does(alertId, what, by));
  return restAlert(await alertOf(tenant, alertId));
}

export function alertRoutes(api: Api): void {
  api.add({
    method: 'get',
    path: '/alerts',
    tag: 'Alerts',
    id: 'listAlerts',
    summary: 'Alerts, the newest first; `status=open`: those that stand, the worst first',
    needs: 'read',
    query: z.object({
      ...pageQuery,
      ...range,
      asset_id: id.optional(),
      status: z.enum(['open', 'active', 'acknowledged', 'resolved']).optional(),
      severity: severity.optional(),
      type: text(256).optional().openapi({ description: 'Id of the rule' }),
    }),
    response: page(alertSchema),
    run: ({ tenant, query }) => {
      if (query.asset_id !== undefined) tenant.known(query.asset_id);
      return listAlerts(tenant, query);
    },
  });

  const params = z.object({ alert_id: id });
  api.add({
    method: 'get',
    path: '/alerts/{alert_id}',
    tag: 'Alerts',
    id: 'getAlert',
    summary: 'An alert with its history',
    needs: 'read',
    params,
    response: alertSchema.extend({
      timeline: z.array(
        z.object({
          time,
          kind: z.string(),
          by: z.string(),
          comment: z.string().nullable(),
          from: z.string().nullable(),
          to: z.string().nullable(),
        }),
      ),
    }),
    run: async ({ tenant, params: { alert_id } }) => {
      const alert = await alertOf(tenant, alert_id);
      const { rows } = await tenant.storage.list('audit', { where: { subject: alert_id }, limit: 1000 });
      return {
        ...restAlert(alert),
        timeline: rows.map((row) => {
          const details = (row.details ?? {}) as { comment?: string | null; from?: string; to?: string };
          return {
            time: iso(row.time),
            kind: row.action.replace(/^alert\./, ''),
            by: row.actor,
            comment: details.comment ?? null,
            from: details.from ?? null,
            to: details.to ?? null,
          };
        }),
      };
    },
  });

  api.add({
    method: 'post',
    path: '/alerts/{alert_id}/actions',
    tag: 'Alerts',
    id: 'actOnAlert',
    summary: 'Acknowledge, shelve, assign, comment, suppress, reset or resolve an alert',
    needs: 'operate',
    params,
    body: action,
    response: alertSchema,
    run: ({ tenant, who, params: { alert_id }, body }) => actOn(tenant, alert_id, body, who.name),
  });

  api.add({
    method: 'post',
    path: '/alerts/actions',
    tag: 'Alerts',
    id: 'actOnAlerts',
    summary: 'The same for many alerts; one that fails does not stop the others',
    needs: 'operate',
    body: z.strictObject({ alert_ids: z.array(id).min(1).max(500), action }),
    response: z.object({
      done: z.array(alertSchema),
      failed: z.array(z.object({ id: z.string(), code: z.string(), detail: z.string() })),
    }),
    run: async ({ tenant, who, body }) => {
      const done: z.input<typeof alertSchema>[] = [];
      const failed: { id: string; code: string; detail: string }[] = [];
      for (const one of new Set(body.alert_ids)) {
        try {
          done.push(await actOn(tenant, one, body.action, who.name));
        } catch (error) {
          const { status: code, code: name, detail } = describe(error);
          if (code >= 500) throw error;
          failed.push({ id: one, code: name, detail });
        }
      }
      return { done, failed };
    },
  });
}
