import { z } from '@hono/zod-openapi';
import type { StorageRecord } from 'twinergy';
import { MaintenanceSchedule } from 'twinergy/monitor/planner';
import { maintenanceSchedule } from '../fleet/maintenance.js';
import type { Tenant } from '../fleet/tenant.js';
import { id, instant, iso, numberOrNull, page, severity, text, time, timeOrNull } from '../http/common.js';
import type { Api } from '../http/endpoint.js';
import { notFound } from '../http/problem.js';
import type { Parts } from './context.js';

export const taskStatus = z.enum(['proposed', 'approved', 'in progress', 'done', 'cancelled']);
export const taskSchema = z
  .object({
    id: z.string(),
    asset_id: z.string().nullable(),
    task: z.string(),
    status: taskStatus,
    priority: severity,
    component: z.string().nullable(),
    due: time,
    completed_at: timeOrNull,
    cost: numberOrNull,
    details: z.unknown(),
  })
  .openapi('MaintenanceTask');
export const taskInput = z.strictObject({
  asset_id: id,
  task: text(500, 1),
  due: instant,
  priority: severity.default('MEDIUM'),
  component: text(200).optional(),
  cost: z.number().nonnegative().max(1e9).optional(),
});
export const taskChange = z.strictObject({
  status: taskStatus.optional(),
  due: instant.optional(),
  task: text(500, 1).optional(),
  cost: z.number().nonnegative().max(1e9).optional(),
  comment: text(2000).optional(),
});

export function restTask(task: StorageRecord<'maintenanceSchedule'>): z.input<typeof taskSchema> {
  return {
    id: task.id,
    asset_id: task.assetId ?? null,
    task: task.task,
    status: taskStatus.parse(task.status),
    priority: severity.catch('MEDIUM').parse(task.priority),
    component: task.component ?? null,
    due: iso(task.time),
    completed_at: iso(task.completedAt),
    cost: task.cost ?? null,
    details: task.details ?? null,
  };
}

/** Plans a task. */
export async function createTask(tenant: Tenant, input: z.output<typeof taskInput>, by: string) {
  const task = {
    id: crypto.randomUUID(),
    time: input.due,
    assetId: tenant.known(input.asset_id),
    task: input.task,
    status: 'approved',
    priority: input.priority,
    component: input.component,
    cost: input.cost,
    details: { by },
  };
  await tenant.storage.put('maintenanceSchedule', [task]);
  tenant.tellMaintenance(task.assetId, { kind: 'created', task_id: task.id, status: task.status });
  return restTask(task);
}

/** Changes a task: approved, moved, done. */
export async function changeTask(tenant: Tenant, taskId: string, change: z.output<typeof taskChange>, by: string) {
  const task = (await tenant.storage.get('maintenanceSchedule', taskId)) ?? notFound(`task "${taskId}"`);
  const details = (task.details ?? {}) as { history?: unknown[] };
  const { status, due, task: what, cost, comment } = change;
  const changed = {
    ...task,
    ...(status !== undefined && { status }),
    ...(due !== undefined && { time: due }),
    ...(what !== undefined && { task: what }),
    ...(cost !== undefined && { cost }),
    ...(status === 'done' ? { completedAt: Date.now() } : status !== undefined && { completedAt: undefined }),
    details: {
      ...details,
      history: [
        ...(details.history ?? []),
        { time: Date.now(), by, status: status ?? task.status, comment: comment ?? null },
      ].slice(-50),
    },
  };
  await tenant.storage.put('maintenanceSchedule', [changed]);
  tenant.tellMaintenance(task.assetId ?? null, { kind: 'changed', task_id: taskId, status: changed.status });
  return restTask(changed);
}

export function maintenanceRoutes(api: Api, { accounts }: Parts): void {
  api.add({
    method: 'get',
    path: '/maintenance',
    tag: 'Maintenance',
    id: 'listTasks',
    summary: 'What is to be done, by due time: planned tasks, and proposals for what alerts call for',
    needs: 'read',
    query: z.object({
      asset_id: id.optional(),
      status: taskStatus.optional(),
      from: instant.optional(),
      to: instant.optional(),
    }),
    response: page(taskSchema),
    run: async ({ tenant, query }) => {
      if (query.asset_id !== undefined) tenant.known(query.asset_id);
      const tasks = await maintenanceSchedule(tenant.storage, Date.now());
      return {
        items: tasks
          .filter(({ assetId }) => query.asset_id === undefined || assetId === query.asset_id)
          .filter(({ status }) => query.status === undefined || status === query.status)
          .filter(({ time: due }) => due >= (query.from ?? due) && due < (query.to ?? Number.POSITIVE_INFINITY))
          .map(restTask),
        next: null,
      };
    },
  });
  api.add({
    method: 'get',
    path: '/maintenance/calendar.ics',
    tag: 'Maintenance',
    id: 'getCalendar',
    summary: 'The open tasks as an iCalendar file (RFC 5545); proposals are tentative',
    needs: 'read',
    query: z.object({ asset_id: id.optional() }),
    response: z.string(),
    produces: ['text/calendar'],
    run: async ({ tenant, query }) => {
      const assetId = query.asset_id === undefined ? undefined : tenant.known(query.asset_id);
      await maintenanceSchedule(tenant.storage, Date.now());
      const schedule = new MaintenanceSchedule(tenant.storage);
      const calendar = await schedule.toICalendar(assetId === undefined ? {} : { assetId });
      return new Response(calendar, {
        headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'private, no-cache' },
      });
    },
  });
  api.add({
    method: 'post',
    path: '/maintenance',
    tag: 'Maintenance',
    id: 'createTask',
    summary: 'Plan a task',
    needs: 'operate',
    status: 201,
    body: taskInput,
    response: taskSchema,
    run: async ({ tenant, who, body }) => {
      const task = await createTask(tenant, body, who.name);
      await accounts.audit(tenant.storage, { actor: who.name, action: 'task.create', subject: task.id });
      return task;
    },
  });
  api.add({
    method: 'patch',
    path: '/maintenance/{task_id}',
    tag: 'Maintenance',
    id: 'updateTask',
    summary: 'Approve a task, move it, say that it is done',
    needs: 'operate',
    params: z.object({ task_id: id }),
    body: taskChange,
    response: taskSchema,
    run: async ({ tenant, who, params, body }) => {
      const task = await changeTask(tenant, params.task_id, body, who.name);
      await accounts.audit(tenant.storage, {
        actor: who.name,
        action: 'task.update',
        subject: task.id,
        details: { status: task.status },
      });
      return task;
    },
  });
}
