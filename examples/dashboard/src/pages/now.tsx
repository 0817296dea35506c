import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getScenarios, type MaintenanceTask, setScenario } from '@twinergy-examples/client';
import { Figure, inUnit } from '@twinergy-examples/ui';
import { Link } from 'wouter';
import { problemText } from '../data/query.js';
import { useMay } from '../data/session.js';
import { useMoveTask, useTasks } from '../data/use-findings.js';
import { Findings, Headline } from '../findings/findings.js';
import { useSpeech, type Word } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { PowerChart } from '../parts/power-chart.js';
import { type Severity, SeverityWord, severities } from '../parts/severity.js';
import { useAsset } from '../shell/plant-frame.js';
import { useSummary } from '../shell/shell.js';
import { TimeRange, useRange } from '../shell/time-range.js';
import { useToast } from '../shell/toast.js';

/** One plant: is it well, what is wrong, what to do, and its power. */
export default function Now({ id }: { readonly id: string }) {
  const { t, locale } = useSpeech();
  const asset = useAsset(id);
  const plant = useSummary().data?.plants.find(({ asset_id }) => asset_id === id);
  const time = useRange(asset?.zone ?? 'UTC');
  return (
    <>
      <Headline id={id} timeZone={asset?.zone} />
      <dl className="figures">
        <Figure
          name={t('figure.power')}
          value={plant?.power}
          unit="W"
          beside={t('figure.expected', { value: inUnit(plant?.expected_power, 'W', locale) })}
        />
        <Figure
          name={t('figure.energy')}
          value={plant === undefined ? undefined : plant.energy_today_kwh * 1000}
          unit="Wh"
          beside={
            plant?.expected_today_kwh == null
              ? undefined
              : t('figure.expected', { value: inUnit(plant.expected_today_kwh * 1000, 'Wh', locale) })
          }
        />
        <Figure name={t('figure.health')} value={plant?.health} unit="/ 100" />
        {plant?.battery_level != null && <Figure name={t('figure.battery')} value={plant.battery_level} unit="%" />}
        <Figure name={t('figure.alerts')} value={plant?.open_alerts} unit="" />
      </dl>
      <div className="columns wide-first">
        <Findings id={id} timeZone={asset?.zone} />
        <ToDo id={id} />
      </div>
      <section className="card">
        <TimeRange {...time} />
        <PowerChart id={id} stretch={time.stretch} timeZone={time.timeZone} />
      </section>
      {asset?.simulated === true && <TryFault id={id} />}
    </>
  );
}

/** The worst first. */
const urgency = ({ priority }: MaintenanceTask) => severities.indexOf(priority as Severity);

function ToDo({ id }: { readonly id: string }) {
  const { t } = useSpeech();
  const tasks = useTasks(id);
  const may = useMay('operate');
  const move = useMoveTask(({ status }) => t(`status.${status}` as Word));
  return (
    <section className="card" aria-labelledby="to-do">
      <h2 id="to-do">{t('now.do')}</h2>
      <Answer query={tasks}>
        {(all) => {
          const open = all
            .filter(({ status }) => status !== 'done' && status !== 'cancelled')
            .sort((a, b) => urgency(a) - urgency(b) || Date.parse(a.due) - Date.parse(b.due));
          if (open.length === 0) return <p className="muted">{t('now.nothing')}</p>;
          return (
            <ul className="tasks">
              {open.slice(0, 4).map((task, i) => (
                <li key={task.id}>
                  <p>
                    <SeverityWord severity={task.priority as Severity} /> {task.task}{' '}
                    <span className="muted">
                      {t('maintenance.due', { when: '' })}
                      <Ago time={task.due} />
                    </span>
                  </p>
                  {task.status === 'proposed' ? (
                    <button
                      type="button"
                      className={i === 0 ? 'button primary' : 'button'}
                      disabled={!may}
                      onClick={() => move.mutate({ id: task.id, status: 'approved' })}
                    >
                      {t('now.approve')}
                    </button>
                  ) : (
                    <Link href="/maintenance" className="muted">
                      {t(`status.${task.status}` as Word)}
                    </Link>
                  )}
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </section>
  );
}

/** For simulated plants: plays a scenario of faults. */
function TryFault({ id }: { readonly id: string }) {
  const { t, named } = useSpeech();
  const queries = useQueryClient();
  const toast = useToast();
  const may = useMay('operate');
  const { data } = useQuery({ queryKey: ['scenarios'], queryFn: async () => (await getScenarios()).data });
  const playing = data?.playing[id] ?? 'normal';
  const play = async (scenario: string) => {
    try {
      await setScenario({ body: { scenario, asset_id: id } });
      await queries.invalidateQueries({ queryKey: ['scenarios'] });
    } catch (error) {
      toast(problemText(error), 'high');
    }
  };
  return (
    <section className="card" aria-labelledby="scenario">
      <h2 id="scenario">{t('now.scenario')}</h2>
      <div className="buttons">
        {data?.available.map(({ name, faults }) => (
          <button
            key={name}
            type="button"
            className="button"
            title={faults.join(', ')}
            aria-pressed={playing === name}
            disabled={!may}
            onClick={() => void play(name)}
          >
            {named('scenario', name)}
          </button>
        ))}
      </div>
    </section>
  );
}
