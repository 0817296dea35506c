import { useQuery } from '@tanstack/react-query';
import { type Alert, type Incident, listIncidents } from '@twinergy-examples/client';
import { usePolling } from '../data/live.js';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { SeverityWord } from '../parts/severity.js';
import { useAssets } from '../shell/plant-frame.js';
import type { AlertGroup } from './alert-list.js';

/** Open alerts folded under their likely causes; those that stand alone come together, in the order given. */
export function useGroups(alerts: readonly Alert[] | undefined, byCause: boolean): readonly AlertGroup[] {
  const refetchInterval = usePolling();
  const incidents = useQuery({
    // An object, not a list: what is foreseen of alerts does not touch it.
    queryKey: ['alerts', 'incidents'],
    queryFn: async () => (await listIncidents()).data,
    enabled: byCause,
    refetchInterval,
  }).data;
  if (alerts === undefined) return [];
  const groups: AlertGroup[] = [];
  const placed = new Set<string>();
  for (const incident of byCause ? (incidents?.items ?? []) : []) {
    const ids = [...(incident.cause === null ? [] : [incident.cause]), ...incident.effects];
    const found = ids.flatMap((id) => alerts.filter((alert) => alert.id === id));
    if (found.length < 2) continue;
    for (const { id } of found) placed.add(id);
    groups.push({ id: incident.id, head: <Cause incident={incident} />, alerts: found });
  }
  const alone = alerts.filter(({ id }) => !placed.has(id));
  return alone.length === 0 ? groups : [...groups, { id: 'alone', alerts: alone }];
}

/** The likely cause of several alerts, how sure that is, why, and what to do. */
function Cause({ incident }: { readonly incident: Incident }) {
  const { t } = useSpeech();
  const { name, asset_id, severity, probability, since, why, next, effects, cause } = incident;
  const zone = (useAssets().data ?? []).find(({ id }) => id === asset_id)?.zone;
  const count = effects.length + (cause === null ? 0 : 1);
  return (
    <header>
      <h2>
        <SeverityWord severity={severity} /> {t('alerts.cause', { name, count })}
      </h2>
      <p className="muted">
        {t('now.sure', { percent: `${Math.min(99, Math.round(100 * probability))} %` })} ·{' '}
        <Ago time={since} timeZone={zone} />
      </p>
      <details>
        <summary>{t('now.evidence')}</summary>
        <p>{why}</p>
        {next !== null && <p>{next}</p>}
      </details>
    </header>
  );
}
