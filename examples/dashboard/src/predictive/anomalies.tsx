import { useQuery } from '@tanstack/react-query';
import { type Anomaly, listAnomalies } from '@twinergy-examples/client';
import { Bars, StateWord, threeDigits } from '@twinergy-examples/ui';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { Empty } from '../parts/states.js';

const SHOWN = 5;

/** Readings unlike what the twin expects, each with what explains it. */
export function Anomalies({ id, timeZone }: { readonly id: string; readonly timeZone: string }) {
  const { t } = useSpeech();
  const anomalies = useQuery({
    queryKey: ['anomalies', id, 'newest'],
    queryFn: async () => (await listAnomalies({ query: { asset_id: id, limit: SHOWN } })).data.items,
  });
  return (
    <section className="card" aria-labelledby="anomalies">
      <h2 id="anomalies">{t('ahead.anomalies')}</h2>
      <Answer query={anomalies} height={240}>
        {(items) =>
          items.length === 0 ? (
            <Empty text={t('anomalies.none')} />
          ) : (
            <ol className="findings">
              {items.map((anomaly, i) => (
                <li key={anomaly.id}>
                  <Explained {...{ anomaly, timeZone }} open={i === 0} />
                </li>
              ))}
            </ol>
          )
        }
      </Answer>
    </section>
  );
}

function Explained({
  anomaly: { time, why, p_value: p, contributions },
  timeZone,
  open,
}: {
  readonly anomaly: Anomaly;
  readonly timeZone: string;
  readonly open: boolean;
}) {
  const { t, language } = useSpeech();
  const away = (value: number | null) =>
    value === null ? '' : ` (${value > 0 ? '+' : ''}${threeDigits(100 * value, language)} %)`;
  return (
    <details open={open}>
      <summary>
        <StateWord state="medium">
          <Ago time={time} timeZone={timeZone} />
        </StateWord>{' '}
        {why}
      </summary>
      <Bars
        label={t('anomalies.share')}
        bars={contributions.slice(0, 5).map(({ channel, title, share, value }) => ({
          name: `${title === '' ? channel : title}${away(value)}`,
          value: share,
          text: `${Math.round(100 * share)} %`,
          color: '--anomaly',
        }))}
      />
      {p !== null && (
        <p className="muted">{t('anomalies.chance', { p: p < 0.0001 ? '< 0.0001' : threeDigits(p, language) })}</p>
      )}
    </details>
  );
}
