import { useQuery } from '@tanstack/react-query';
import { getHealth } from '@twinergy-examples/client';
import { Bars, exactTime, Figure, threeDigits } from '@twinergy-examples/ui';
import { useSpeech, type Word } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Curves } from '../parts/curves.js';

/** What costs less is not worth a word, points. */
const LEAST_POINTS = 0.05;

/** Health with its parts, what each of them costs, and its course. */
export function HealthParts({ id, timeZone }: { readonly id: string; readonly timeZone: string }) {
  const { t, locale } = useSpeech();
  const health = useQuery({
    queryKey: ['health', id],
    queryFn: async () => (await getHealth({ path: { asset_id: id } })).data,
  });
  const color = (score: number) => (score >= 85 ? '--good' : score >= 75 ? '--medium' : '--high');
  return (
    <section className="card" aria-labelledby="health">
      <h2 id="health">{t('ahead.health')}</h2>
      <Answer query={health} height={280}>
        {({ score, components, degradation, missing, history }) => (
          <>
            <dl>
              <Figure
                name={t('figure.health')}
                value={score}
                unit="/ 100"
                beside={
                  missing.length === 0
                    ? undefined
                    : t('health.missing', { parts: missing.map((name) => partName(t, name)).join(', ') })
                }
              />
            </dl>
            <Bars
              label={t('ahead.health')}
              most={100}
              bars={components
                .filter(({ score: own }) => own !== null)
                .map(({ name, score: own, lost }) => ({
                  name: partName(t, name),
                  value: own ?? 0,
                  text:
                    lost === null || lost < LEAST_POINTS
                      ? threeDigits(own ?? 0, locale)
                      : t('health.costs', {
                          score: threeDigits(own ?? 0, locale),
                          points: threeDigits(lost, locale),
                        }),
                  color: color(own ?? 0),
                }))}
            />
            {degradation !== null && degradation >= LEAST_POINTS && (
              <p>{t('health.degradation', { points: threeDigits(degradation, locale) })}</p>
            )}
            {history.length > 1 && (
              <Curves
                title={t('health.history')}
                unit=""
                height={160}
                x={{
                  field: 'time',
                  name: t('chart.time'),
                  text: (time) => exactTime(Date.parse(String(time)), timeZone, locale),
                }}
                rows={history}
                curves={[{ field: 'score', name: t('figure.health'), color: '--good' }]}
              />
            )}
          </>
        )}
      </Answer>
    </section>
  );
}

function partName(t: (word: Word) => string, name: string): string {
  return ['power', 'temperature', 'battery', 'inverter'].includes(name) ? t(`health.part.${name}` as Word) : name;
}
