import { useQuery } from '@tanstack/react-query';
import { getHealth, getLosses, getRemainingLife } from '@twinergy-examples/client';
import { Bars, Figure, inUnit } from '@twinergy-examples/ui';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { PowerChart } from '../parts/power-chart.js';
import { useAsset } from '../shell/plant-frame.js';

const DAY = 86_400_000;

/** PredictiveTab: forecast, remaining life, health, losses. */
export default function PredictiveTab({ id }: { readonly id: string }) {
  const { t, language } = useSpeech();
  const asset = useAsset(id);
  const path = { asset_id: id };
  const life = useQuery({ queryKey: ['rul', id], queryFn: async () => (await getRemainingLife({ path })).data });
  const health = useQuery({ queryKey: ['health', id], queryFn: async () => (await getHealth({ path })).data });
  const losses = useQuery({ queryKey: ['losses', id], queryFn: async () => (await getLosses({ path })).data });
  return (
    <>
      <section className="card">
        <PowerChart id={id} span={DAY / 2} timeZone={asset?.time_zone ?? 'UTC'} />
      </section>
      <div className="columns">
        <section className="card">
          <h2>{t('ahead.life')}</h2>
          <Answer query={life}>
            {({ days, intervals, failure_within: within, reason }) => (
              <>
                <Figure name={t('ahead.life')} value={days} unit="d" beside={reason ?? undefined} />
                <Bars
                  label={t('ahead.life')}
                  bars={Object.entries(within).map(([span, probability]) => ({
                    name: `${span} d`,
                    value: probability,
                    text: `${Math.round(100 * probability)} %`,
                    color: '--high',
                  }))}
                />
                <p className="muted">
                  {intervals.map(({ level, low, high }) => `${level} %: ${low ?? '–'}…${high ?? '–'} d`).join(', ')}
                </p>
              </>
            )}
          </Answer>
        </section>
        <section className="card">
          <h2>{t('ahead.health')}</h2>
          <Answer query={health}>
            {({ components }) => (
              <Bars
                label={t('ahead.health')}
                bars={components.map(({ name, score }) => ({
                  name,
                  value: score ?? 0,
                  text: score === null ? '–' : String(Math.round(score)),
                  color: '--good',
                }))}
              />
            )}
          </Answer>
        </section>
        <section className="card">
          <h2>{t('ahead.losses')}</h2>
          <Answer query={losses}>
            {({ steps }) => (
              <Bars
                label={t('ahead.losses')}
                bars={steps.map(({ title, energy_kwh: kwh, kind }) => ({
                  name: title,
                  value: kwh,
                  text: inUnit(kwh * 1000, 'Wh', language),
                  color: kind === 'total' ? '--measured' : '--high',
                }))}
              />
            )}
          </Answer>
        </section>
      </div>
    </>
  );
}
