import type { Storage, StorageRecord, TenantStorage } from 'twinergy';
import { type Job, lifeFromPrediction, MaintenanceSchedule, planMaintenance } from 'twinergy/monitor/planner';

/** Tasks that alerts call for, by rule, with the people they need. */
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
const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
/** What a day of leaving an alert open is taken to cost by its severity, and the way to a plant, in money of the user. */
const COST_A_DAY: Readonly<Record<string, number>> = { CRITICAL: 400, HIGH: 100, MEDIUM: 15, LOW: 3 };
const VISIT = 150;
/** A planned replacement and a failure, where nothing better is known. */
const REPLACEMENT = { planned: 800, failure: 2500 } as const;

/**
 * Plans what the open alerts call for: one job for each kind of alert of an asset, with the remaining life that was last
 * predicted where the job is to forestall a failure. What people have planned, done or cancelled is left alone. Returns
 * the whole schedule by due time.
 */
export async function maintenanceSchedule(
  storage: Storage | TenantStorage,
  now: number,
): Promise<StorageRecord<'maintenanceSchedule'>[]> {
  const { rows: alerts } = await storage.list('alerts', { order: 'descending', limit: 1000 });
  const jobs = new Map<string, Job>();
  const worst = (severity: string) => (SEVERITIES as readonly string[]).indexOf(severity);
  for (const alert of alerts) {
    const task = TASKS[alert.rule ?? ''];
    if (alert.state === 'resolved' || task === undefined || alert.assetId === undefined) continue;
    const id = `${alert.assetId}:${alert.rule}`;
    const before = jobs.get(id);
    if (before !== undefined && worst(before.priority ?? 'LOW') <= worst(alert.severity)) continue;
    jobs.set(id, {
      id,
      assetId: alert.assetId,
      task,
      component: alert.channel,
      plannedCost: 0,
      lossPerDay: COST_A_DAY[alert.severity] ?? 3,
      priority: SEVERITIES.find((known) => known === alert.severity),
      why: alert.why,
      ...(alert.rule === 'predicted-failure' && (await forestalling(storage, alert.assetId))),
    });
  }
  const schedule = new MaintenanceSchedule(storage);
  await schedule.take(planMaintenance({ now, jobs: [...jobs.values()], visitCost: VISIT }));
  return schedule.list();
}

/** The costs and the life of a part that is said to fail. */
async function forestalling(storage: TenantStorage, assetId: string): Promise<Partial<Job>> {
  const { rows } = await storage.list('predictions', {
    assetId,
    where: { kind: 'rul' },
    order: 'descending',
    limit: 1,
  });
  const intervals = (rows[0]?.details as { intervals?: { level: number; lower: number; upper: number }[] } | undefined)
    ?.intervals;
  const life = lifeFromPrediction({ median: rows[0]?.value ?? null, intervals: intervals ?? [] });
  return { plannedCost: REPLACEMENT.planned, failureCost: REPLACEMENT.failure, lossPerDay: 0, life };
}
