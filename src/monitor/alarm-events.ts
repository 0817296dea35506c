import type { AlarmEvent, Severity } from '../alerts/index.js';
import type { StorageRecord, TenantStorage } from '../storage/index.js';

function eventOf({ time, assetId = '', action, subject = '', details }: StorageRecord<'audit'>): AlarmEvent {
  const { to, rule, severity } = details as { to: AlarmEvent['to']; rule: string; severity: Severity };
  const [fingerprint = ''] = subject.split('-');
  return {
    kind: action.slice('alert.'.length) as AlarmEvent['kind'],
    time,
    to,
    alert: { id: subject, fingerprint, assetId, rule, severity },
  };
}

/**
 * What happened to alerts by the audit that a monitor stored, `from` ≤ t < `to` (ms since the epoch), in the order of time:
 * for `alarmKpis`. Begin a day or more before the time of interest to see what was standing then.
 */
export async function alarmEvents(
  storage: TenantStorage,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<AlarmEvent[]> {
  const out: AlarmEvent[] = [];
  let after: string | undefined;
  do {
    const page = await storage.list('audit', { from, to, limit: 10_000, ...(after !== undefined && { after }) });
    for (const record of page.rows) if (record.action.startsWith('alert.')) out.push(eventOf(record));
    after = page.next;
  } while (after !== undefined);
  return out;
}
