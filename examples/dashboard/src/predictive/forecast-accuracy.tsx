import { inUnit } from '@twinergy-examples/ui';
import { usePlantForecast } from '../data/use-plant-series.js';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Curves } from '../parts/curves.js';
import { Empty } from '../parts/states.js';

/** How far past forecasts were off, by the hours they looked ahead, beside "as it was yesterday". */
export function ForecastAccuracy({ id }: { readonly id: string }) {
  const { t, locale } = useSpeech();
  const forecast = usePlantForecast(id);
  return (
    <section className="card" aria-labelledby="accuracy">
      <h2 id="accuracy">{t('ahead.accuracy')}</h2>
      <Answer query={forecast} height={280}>
        {({ accuracy: { by_lead: leads, compared, forecasts, days } }) => {
          if (leads.length === 0) return <Empty text={t('accuracy.none')} />;
          const total = leads.reduce((sum, { n }) => sum + n, 0);
          const mean = (pick: (lead: (typeof leads)[number]) => number) =>
            leads.reduce((sum, lead) => sum + lead.n * pick(lead), 0) / total;
          const inside = mean(({ coverage80 }) => coverage80);
          return (
            <>
              <p>
                {t('accuracy.sentence', {
                  error: inUnit(
                    mean(({ mae }) => mae),
                    'W',
                    locale,
                  ),
                  inside: `${Math.round(100 * inside)} %`,
                })}
              </p>
              <Curves
                title={t('accuracy.chart')}
                unit="W"
                x={{ field: 'hours', name: t('accuracy.lead'), text: (hours) => `${hours} h` }}
                rows={leads.map(({ hours, mae, persistence_mae }) => ({ hours, mae, persistence: persistence_mae }))}
                curves={[
                  { field: 'mae', name: t('chart.forecast'), color: '--forecast' },
                  { field: 'persistence', name: t('accuracy.persistence'), color: '--expected', dashed: true },
                ]}
              />
              <p className="muted">{t('accuracy.from', { forecasts, compared, days })}</p>
            </>
          );
        }}
      </Answer>
    </section>
  );
}
