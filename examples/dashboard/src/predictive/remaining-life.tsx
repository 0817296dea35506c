import { useQuery } from '@tanstack/react-query';
import { getRemainingLife } from '@twinergy-examples/client';
import { Bars, exactTime, Figure, threeDigits } from '@twinergy-examples/ui';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Curves } from '../parts/curves.js';

/** When the plant is likely to fail: the distribution, and how it was seen before. */
export function RemainingLife({ id, timeZone }: { readonly id: string; readonly timeZone: string }) {
  const { t, locale } = useSpeech();
  const life = useQuery({
    queryKey: ['rul', id],
    queryFn: async () => (await getRemainingLife({ path: { asset_id: id } })).data,
  });
  const inDays = (days: number | null) => (days === null ? t('life.beyond') : `${threeDigits(days, locale)} d`);
  return (
    <section className="card" aria-labelledby="life">
      <h2 id="life">{t('ahead.life')}</h2>
      <Answer query={life} height={280}>
        {({ days, intervals, failure_within: within, reason, history, made_at: made }) => (
          <>
            <dl>
              <Figure
                name={t('life.median')}
                value={days}
                unit="d"
                beside={reason ?? t(made === null ? 'life.none' : days === null ? 'life.endless' : 'life.half')}
              />
            </dl>
            {Object.keys(within).length > 0 && (
              <>
                <h3>{t('life.within')}</h3>
                <Bars
                  label={t('life.within')}
                  most={1}
                  bars={Object.entries(within).map(([span, probability]) => ({
                    name: t('life.days', { days: span }),
                    value: probability,
                    text: `${threeDigits(100 * probability, locale)} %`,
                    color: '--high',
                  }))}
                />
              </>
            )}
            {intervals.length > 0 && (
              <ul className="plain muted">
                {intervals.map(({ level, low, high }) => (
                  <li key={level}>
                    {t('life.interval', {
                      level: `${Math.round(level <= 1 ? 100 * level : level)} %`,
                      low: inDays(low),
                      high: inDays(high),
                    })}
                  </li>
                ))}
              </ul>
            )}
            {history.filter(({ days: then }) => then !== null).length > 1 && (
              <Curves
                title={t('life.history')}
                unit="d"
                height={160}
                x={{
                  field: 'time',
                  name: t('chart.time'),
                  text: (time) => exactTime(Date.parse(String(time)), timeZone, locale),
                }}
                rows={history.map(({ time, days: then, low, high }) => ({
                  time,
                  days: then,
                  interval: low === null || high === null ? null : ([low, high] as const),
                }))}
                curves={[{ field: 'days', name: t('life.median'), color: '--forecast' }]}
                bands={[{ field: 'interval', name: t('life.band'), color: '--forecast', opacity: 0.2 }]}
              />
            )}
          </>
        )}
      </Answer>
    </section>
  );
}
