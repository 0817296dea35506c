import { useQuery } from '@tanstack/react-query';
import { listAlerts } from '@twinergy-examples/client';
import { Link, useSearchParams } from 'wouter';
import { AlertList } from '../alerts/alert-list.js';
import { useGroups } from '../alerts/by-cause.js';
import { usePolling } from '../data/live.js';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { type Severity, severities } from '../parts/severity.js';
import { Empty } from '../parts/states.js';

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
  const byCause = open && severity === null && query.get('group') !== 'none';
  const groups = useGroups(alerts.data, byCause);
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
        {open && severity === null && (
          <button
            type="button"
            className="button"
            aria-pressed={byCause}
            onClick={() => filter('group', byCause ? 'none' : null)}
          >
            {t('alerts.by-cause')}
          </button>
        )}
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
        <Link href="/settings/rules" className="button as-link">
          {t('alerts.rules')}
        </Link>
      </div>
      <Answer query={alerts} height={320}>
        {(items) =>
          items.length === 0 ? <Empty text={t('alerts.none')} /> : <AlertList groups={groups} chosen={id} />
        }
      </Answer>
    </>
  );
}
