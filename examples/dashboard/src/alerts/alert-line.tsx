import type { Alert } from '@twinergy-examples/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { SeverityWord } from '../parts/severity.js';
import { useAssets } from '../shell/plant-frame.js';
import { Timeline } from './timeline.js';

/** One alert: what, where, since when, why, who sees to it. `actions`: what can be done about it. */
export function AlertLine({
  alert,
  marked,
  onMark,
  open,
  actions,
}: {
  readonly alert: Alert;
  readonly marked: boolean;
  readonly onMark: (on: boolean) => void;
  /** Whether its timeline is shown. */
  readonly open: boolean;
  readonly actions: ReactNode;
}) {
  const { t } = useSpeech();
  const asset = (useAssets().data ?? []).find(({ id }) => id === alert.asset_id);
  return (
    <li className="card" data-status={alert.status}>
      <p className="alert-head">
        <input
          type="checkbox"
          aria-label={alert.title}
          checked={marked}
          onChange={({ target }) => onMark(target.checked)}
        />
        <SeverityWord severity={alert.severity} />
        <Link href={`/alerts/${encodeURIComponent(alert.id)}`}>
          <strong>{alert.title}</strong>
        </Link>
        {asset !== undefined && <Link href={`/plants/${encodeURIComponent(asset.id)}`}>{asset.name}</Link>}
        <span className="muted">
          <Ago time={alert.created_at} timeZone={asset?.zone} />
        </span>
      </p>
      <p>{alert.message}</p>
      {alert.playbook !== null && <p className="muted">{alert.playbook}</p>}
      {alert.acknowledged_by !== null && (
        <p className="muted">{t('alerts.acknowledged', { who: alert.acknowledged_by })}</p>
      )}
      {alert.assigned_to !== null && <p className="muted">{t('alerts.assigned', { who: alert.assigned_to })}</p>}
      {alert.shelved && (
        <p className="muted">
          {t('alerts.shelved')}{' '}
          {alert.shelved_until !== null && <Ago time={alert.shelved_until} timeZone={asset?.zone} />}
        </p>
      )}
      {alert.status !== 'resolved' && actions}
      {open && <Timeline id={alert.id} />}
    </li>
  );
}
