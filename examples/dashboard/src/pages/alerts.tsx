import { useQuery } from '@tanstack/react-query';
import { type Alert, type AlertAction, actOnAlerts, getAlert, listAlerts } from '@twinergy-examples/client';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { usePolling } from '../data/live.js';
import { useMay, useSession } from '../data/session.js';
import { useOptimistic } from '../data/use-optimistic.js';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { type Severity, SeverityWord, severities } from '../parts/severity.js';
import { Empty } from '../parts/states.js';
import { useAssets } from '../shell/plant-frame.js';

/** The live list of alerts, with what can be done about them. */
export default function Alerts({ id }: { readonly id: string | undefined }) {
  const { t } = useSpeech();
  const [query, setQuery] = useSearchParams();
  const severity = query.get('severity') as Severity | null;
  const open = query.get('show') !== 'all';
  const refetchInterval = usePolling();
  const alerts = useQuery({
    queryKey: ['alerts', severity, open],
    queryFn: async () =>
      (
        await listAlerts({
          query: { limit: 200, ...(open && { status: 'open' }), ...(severity !== null && { severity }) },
        })
      ).data.items,
    refetchInterval,
  });
  const filter = (name: string, value: string | null) =>
    setQuery((before) => {
      if (value === null) before.delete(name);
      else before.set(name, value);
      return before;
    });
  return (
    <>
      <h1>{t('alerts.title')}</h1>
      <div className="buttons">
        <button type="button" className="button" aria-pressed={open} onClick={() => filter('show', null)}>
          {t('alerts.open')}
        </button>
        <button type="button" className="button" aria-pressed={!open} onClick={() => filter('show', 'all')}>
          {t('alerts.all')}
        </button>
        <select
          className="button"
          aria-label={t('alerts.severity')}
          value={severity ?? ''}
          onChange={({ target }) => filter('severity', target.value === '' ? null : target.value)}
        >
          <option value="">{t('alerts.severity')}</option>
          {severities.map((one) => (
            <option key={one} value={one}>
              {t(`severity.${one}`)}
            </option>
          ))}
        </select>
      </div>
      <Answer query={alerts} height={320}>
        {(items) => (items.length === 0 ? <Empty text={t('alerts.none')} /> : <List alerts={items} chosen={id} />)}
      </Answer>
    </>
  );
}

interface Act {
  readonly ids: readonly string[];
  readonly action: AlertAction;
}

/** The list after an action, before the server has answered. */
function foresee(alerts: Alert[], { ids, action }: Act, who: string): Alert[] {
  const now = new Date().toISOString();
  return alerts.map((alert) => {
    if (!ids.includes(alert.id)) return alert;
    if (action.action === 'acknowledge')
      return { ...alert, status: 'acknowledged', acknowledged_at: now, acknowledged_by: who };
    if (action.action === 'resolve') return { ...alert, status: 'resolved', resolved_at: now, resolved_by: who };
    if (action.action === 'shelve') return { ...alert, shelved: true };
    return action.action === 'assign' ? { ...alert, assigned_to: action.to } : alert;
  });
}

function List({ alerts, chosen }: { readonly alerts: readonly Alert[]; readonly chosen: string | undefined }) {
  const { t } = useSpeech();
  const me = useSession();
  const may = useMay('operate');
  const assets = useAssets().data ?? [];
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const act = useOptimistic<Act, Alert[]>({
    key: ['alerts'],
    act: ({ ids, action }) => actOnAlerts({ body: { alert_ids: [...ids], action } }),
    foresee: (shown, input) => (Array.isArray(shown) ? foresee(shown, input, me.name) : shown),
  });
  const actions = (ids: readonly string[]) => (
    <span className="buttons">
      <button
        type="button"
        className="button"
        disabled={!may}
        onClick={() => act.mutate({ ids, action: { action: 'acknowledge' } })}
      >
        {t('alerts.acknowledge')}
      </button>
      <button
        type="button"
        className="button"
        disabled={!may}
        onClick={() => act.mutate({ ids, action: { action: 'shelve', for: '4h' } })}
      >
        {t('alerts.shelve')}
      </button>
      <button
        type="button"
        className="button"
        disabled={!may}
        onClick={() => act.mutate({ ids, action: { action: 'assign', to: me.name } })}
      >
        {t('alerts.assign')}
      </button>
      <button
        type="button"
        className="button"
        disabled={!may}
        onClick={() => act.mutate({ ids, action: { action: 'resolve' } })}
      >
        {t('alerts.resolve')}
      </button>
    </span>
  );
  const mark = (id: string, on: boolean) =>
    setMarked((before) => {
      const after = new Set(before);
      if (on) after.add(id);
      else after.delete(id);
      return after;
    });
  return (
    <>
      {marked.size > 1 && (
        <p className="bulk">
          {t('alerts.selected', { count: marked.size })} {actions([...marked])}
        </p>
      )}
      <ul className="alerts">
        {alerts.map((alert) => {
          const asset = assets.find(({ id }) => id === alert.asset_id);
          return (
            <li key={alert.id} className="card" data-status={alert.status}>
              <p className="alert-head">
                <input
                  type="checkbox"
                  aria-label={alert.title}
                  checked={marked.has(alert.id)}
                  onChange={({ target }) => mark(alert.id, target.checked)}
                />
                <SeverityWord severity={alert.severity} />
                <Link href={`/alerts/${encodeURIComponent(alert.id)}`}>
                  <strong>{alert.title}</strong>
                </Link>
                {asset !== undefined && <Link href={`/plants/${encodeURIComponent(asset.id)}`}>{asset.name}</Link>}
                <span className="muted">
                  <Ago time={alert.created_at} timeZone={asset?.time_zone} />
                </span>
              </p>
              <p>{alert.message}</p>
              {alert.playbook !== null && <p className="muted">{alert.playbook}</p>}
              {alert.acknowledged_by !== null && (
                <p className="muted">{t('alerts.acknowledged', { who: alert.acknowledged_by })}</p>
              )}
              {alert.status !== 'resolved' && actions([alert.id])}
              {chosen === alert.id && <Timeline id={alert.id} />}
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** What has happened to an alert, step by step. */
function Timeline({ id }: { readonly id: string }) {
  const { t } = useSpeech();
  const alert = useQuery({
    queryKey: ['alerts', 'one', id],
    queryFn: async () => (await getAlert({ path: { alert_id: id } })).data,
  });
  return (
    <Answer query={alert}>
      {({ timeline }) => (
        <>
          <h3>{t('alerts.timeline')}</h3>
          <ol className="timeline">
            {timeline.map(({ time, kind, by, comment }) => (
              <li key={`${time}-${kind}`}>
                <Ago time={time} /> {kind} <span className="muted">{by}</span> {comment}
              </li>
            ))}
          </ol>
        </>
      )}
    </Answer>
  );
}
