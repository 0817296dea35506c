import { useQuery } from '@tanstack/react-query';
import { listAnomalies } from '@twinergy-examples/client';
import { Bars, exactTime, StateWord, threeDigits } from '@twinergy-examples/ui';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { type Episode, episodesOf } from '../parts/episodes.js';
import { Empty } from '../parts/states.js';

/** Episodes that are shown, and readings that they are made of, at most. */
const SHOWN = 5;
const READ = 500;

/** Readings unlike what the twin expects, those that follow one another together, with what explains the worst of them. */
export function Anomalies({ id, timeZone }: { readonly id: string; readonly timeZone: string }) {
  const { t } = useSpeech();
  const anomalies = useQuery({
    queryKey: ['anomalies', id, 'newest'],
    queryFn: async () => (await listAnomalies({ query: { asset_id: id, limit: READ } })).data.items,
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
              {episodesOf(items)
                .slice(0, SHOWN)
                .map((episode, i) => (
                  <li key={episode.from}>
                    <Explained {...{ episode, timeZone }} open={i === 0} />
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
  episode: {
    from,
    to,
    count,
    worst: { why, p_value: p, contributions },
  },
  timeZone,
  open,
}: {
  readonly episode: Episode;
  readonly timeZone: string;
  readonly open: boolean;
}) {
  const { t, locale } = useSpeech();
  const away = (value: number | null) =>
    value === null ? '' : ` (${value > 0 ? '+' : ''}${threeDigits(100 * value, locale)} %)`;
  return (
    <details open={open}>
      <summary>
        <StateWord state="medium">
          <Ago time={new Date(to).toISOString()} timeZone={timeZone} />
        </StateWord>{' '}
        {count > 1 && (
          <span className="muted">{t('anomalies.episode', { count, from: exactTime(from, timeZone, locale) })} </span>
        )}
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
        <p className="muted">{t('anomalies.chance', { p: p < 0.0001 ? '< 0.0001' : threeDigits(p, locale) })}</p>
      )}
    </details>
  );
}
