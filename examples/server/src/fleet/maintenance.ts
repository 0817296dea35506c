import type { StorageRecord, TenantStorage } from 'twinergy';

const DAY = 86_400_000;

/** Tasks that alerts call for, by rule, and the days until they should be done, by severity. */
const TASKS: Readonly<Record<string, string>> = {
  'critical-temperature': 'Check cooling: fan, filter, air paths',
  'low-battery': 'Check the battery and its charging',
  'power-drop': 'Inspect the array and its strings',
  'inverter-failure': 'Inspect the inverter',
  'panel-degradation': 'Clean the modules, then measure their curves',
  'voltage-anomaly': 'Check grid connection and voltage settings',
  'detected-anomaly': 'Look into unusual behaviour',
  'predicted-failure': 'Replace the failing part before it fails',
};
const DAYS: Readonly<Record<string, number>> = { CRITICAL: 1, HIGH: 3, MEDIUM: 14, LOW: 30 };

/**
 * Proposes one task for each kind of open alert of an asset, due by how bad it is; what a person has planned, done or
 * cancelled is left alone. Returns the whole schedule by due time.
 */
export async function maintenanceSchedule(
  storage: TenantStorage,
  now: number,
): Promise<StorageRecord<'maintenanceSchedule'>[]> {
  const { rows: alerts } = await storage.list('alerts', { order: 'descending', limit: 1000 });
  const tasks = [...(await storage.list('maintenanceSchedule', { limit: 1000 })).rows];
  const open = alerts.filter(({ state }) => state !== 'resolved');
  const proposals: StorageRecord<'maintenanceSchedule'>[] = [];
  for (const alert of open) {
    const task = TASKS[alert.rule ?? ''];
    if (task === undefined || alert.assetId === undefined) continue;
    const mine = tasks.findIndex((other) => other.id === `proposal:${alert.id}`);
    const proposed = tasks[mine];
    if (proposed?.status === 'proposed' && proposed.priority !== alert.severity) {
      // What nobody has decided on yet becomes as urgent as its alert has become.
      const due = now + (DAYS[alert.severity] ?? 14) * DAY;
      tasks.splice(mine, 1);
      proposals.push({
        ...proposed,
        priority: alert.severity,
        time: due,
        details: { why: alert.why, alert: alert.id },
      });
      continue;
    }
    const pending = tasks.some(
      (other) =>
        other.assetId === alert.assetId && other.task === task && !['done', 'cancelled'].includes(other.status),
    );
    if (
      pending ||
      proposed !== undefined ||
      proposals.some((other) => other.assetId === alert.assetId && other.task === task)
    )
      continue;
    proposals.push({
      id: `proposal:${alert.id}`,
      time: now + (DAYS[alert.severity] ?? 14) * DAY,
      assetId: alert.assetId,
      task,
      status: 'proposed',
      priority: alert.severity,
      component: alert.channel,
      details: { why: alert.why, alert: alert.id },
    });
  }
  if (proposals.length > 0) await storage.put('maintenanceSchedule', proposals);
  return [...tasks, ...proposals].sort((a, b) => a.time - b.time);
}
