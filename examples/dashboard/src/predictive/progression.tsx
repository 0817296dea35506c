import { useQuery } from '@tanstack/react-query';
import { getFailureProgression } from '@twinergy-examples/client';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { Curves } from '../parts/curves.js';
import { useFaults } from './use-faults.js';

const COLORS = ['--high', '--grid', '--battery', '--sun', '--load'];
const SEVERITY = '.severity';

/** How the plant would fail when the faults of a scenario grow: their severity and what they take, day by day. */
export function Progression({
  id,
  scenario,
  days,
}: {
  readonly id: string;
  readonly scenario: string;
  readonly days: number;
}) {
  const { t, locale } = useSpeech();
  const known = useFaults(id);
  const progression = useQuery({
    queryKey: ['progression', id, scenario, days],
    queryFn: async () => (await getFailureProgression({ path: { asset_id: id }, query: { scenario, days } })).data,
    staleTime: 60_000,
  });
  return (
    <Answer query={progression} height={260}>
      {({ rows, failures }) => {
        const faults = [...new Set(rows.flatMap((row) => Object.keys(row)))]
          .filter((name) => name.endsWith(SEVERITY))
          .map((name) => name.slice(0, -SEVERITY.length));
        const x = {
          field: 'time',
          name: t('chart.day'),
          text: (time: string | number) =>
            new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
              Date.parse(String(time)),
            ),
        };
        const of = (suffix: string, factor: number) =>
          rows.map((row) => ({
            time: row.time ?? '',
            ...Object.fromEntries(
              faults.map((fault) => [
                fault,
                typeof row[`${fault}${suffix}`] === 'number' ? factor * Number(row[`${fault}${suffix}`]) : null,
              ]),
            ),
          }));
        const curves = faults.map((fault, i) => ({
          field: fault,
          name: known.find((one) => one.id === fault)?.title ?? fault,
          color: COLORS[i % COLORS.length] as string,
        }));
        return (
          <>
            {failures.length === 0 ? (
              <p>{t('whatif.lasts')}</p>
            ) : (
              <ul className="plain">
                {failures.map(({ criterion, title, time }) => (
                  <li key={criterion}>
                    {title}: <Ago time={time} />
                  </li>
                ))}
              </ul>
            )}
            <div className="columns halves">
              <Curves title={t('progression.severity')} unit="%" {...{ x, curves }} rows={of(SEVERITY, 100)} />
              <Curves title={t('progression.lost')} unit="W" {...{ x, curves }} rows={of('.lostPower', 1)} />
            </div>
          </>
        );
      }}
    </Answer>
  );
}
