import type { AlertAction } from '@twinergy-examples/client';
import { useSpeech } from '../i18n/index.js';

const SHELVE = ['1h', '4h', '24h', '7d'] as const;

/** What can be done about alerts. */
export function Actions({
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
