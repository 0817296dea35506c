import { type Alert, type AlertAction, actOnAlerts } from '@twinergy-examples/client';
import { useState } from 'react';
import { Link } from 'wouter';
import { useMay, useSession } from '../data/session.js';
import { useOptimistic } from '../data/use-optimistic.js';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { SeverityWord } from '../parts/severity.js';
import { useAssets } from '../shell/plant-frame.js';
import { Timeline } from './timeline.js';

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
    if (action.action === 'unshelve') return { ...alert, shelved: false };
    return action.action === 'assign' ? { ...alert, assigned_to: action.to } : alert;
  });
}

/** Alerts with what can be done about them, one by one or many at once. */
export function AlertList({
  alerts,
  chosen,
}: {
  readonly alerts: readonly Alert[];
  readonly chosen: string | undefined;
}) {
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
  const actions = (ids: readonly string[], shelved = false) => (
    <Actions me={me.name} shelved={shelved} onAct={(action) => act.mutate({ ids, action })} may={may} />
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
              {alert.assigned_to !== null && (
                <p className="muted">{t('alerts.assigned', { who: alert.assigned_to })}</p>
              )}
              {alert.shelved && (
                <p className="muted">
                  {t('alerts.shelved')}{' '}
                  {alert.shelved_until !== null && <Ago time={alert.shelved_until} timeZone={asset?.time_zone} />}
                </p>
              )}
              {alert.status !== 'resolved' && actions([alert.id], alert.shelved)}
              {chosen === alert.id && <Timeline id={alert.id} />}
            </li>
          );
        })}
      </ul>
    </>
  );
}

const SHELVE = ['1h', '4h', '24h', '7d'] as const;

/** What can be done about an alert. */
function Actions({
  me,
  may,
  shelved,
  onAct,
}: {
  readonly me: string;
  readonly may: boolean;
  readonly shelved: boolean;
  readonly onAct: (action: AlertAction) => void;
}) {
  const { t } = useSpeech();
  return (
    <span className="buttons">
      <button type="button" className="button" disabled={!may} onClick={() => onAct({ action: 'acknowledge' })}>
        {t('alerts.acknowledge')}
      </button>
      {shelved ? (
        <button type="button" className="button" disabled={!may} onClick={() => onAct({ action: 'unshelve' })}>
          {t('alerts.unshelve')}
        </button>
      ) : (
        <select
          className="button"
          aria-label={t('alerts.shelve')}
          value=""
          disabled={!may}
          onChange={({ target }) => onAct({ action: 'shelve', for: target.value })}
        >
          <option value="">{t('alerts.shelve')}</option>
          {SHELVE.map((span) => (
            <option key={span} value={span}>
              {span.replace(/(\d+)/, '$1 ')}
            </option>
          ))}
        </select>
      )}
      <button type="button" className="button" disabled={!may} onClick={() => onAct({ action: 'assign', to: me })}>
        {t('alerts.assign')}
      </button>
      <button type="button" className="button" disabled={!may} onClick={() => onAct({ action: 'resolve' })}>
        {t('alerts.resolve')}
      </button>
    </span>
  );
}
