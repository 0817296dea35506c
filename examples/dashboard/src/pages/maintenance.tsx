import { createTask, type MaintenanceTask } from '@twinergy-examples/client';
import { useSearchParams } from 'wouter';
import { useMay } from '../data/session.js';
import { useTasks } from '../data/use-findings.js';
import { useSpeech } from '../i18n/index.js';
import { calendarFile } from '../maintenance/calendar-file.js';
import { MonthView } from '../maintenance/month-view.js';
import { Tasks } from '../maintenance/tasks.js';
import { Answer } from '../parts/answer.js';
import { severities } from '../parts/severity.js';
import { Empty } from '../parts/states.js';
import { Choice, Field, Form } from '../settings/form.js';
import { useAct } from '../settings/use-act.js';
import { useAssets } from '../shell/plant-frame.js';

/** What is to be done on all plants: a list by when it is due, or a month. */
export default function Maintenance() {
  const { t } = useSpeech();
  const tasks = useTasks();
  const may = useMay('operate');
  const assets = useAssets().data ?? [];
  const [query, setQuery] = useSearchParams();
  const month = query.get('view') === 'month';
  const view = (next: 'list' | 'month') => setQuery(next === 'month' ? { view: 'month' } : {});
  const plantOf = (task: MaintenanceTask) => assets.find(({ id }) => id === task.asset_id)?.name ?? '';
  return (
    <>
      <h1>{t('maintenance.title')}</h1>
      <div className="buttons">
        <button type="button" className="button" aria-pressed={!month} onClick={() => view('list')}>
          {t('maintenance.list')}
        </button>
        <button type="button" className="button" aria-pressed={month} onClick={() => view('month')}>
          {t('maintenance.calendar')}
        </button>
        {tasks.data !== undefined && tasks.data.length > 0 && (
          <a
            className="button as-link"
            download="maintenance.ics"
            href={`data:text/calendar;charset=utf-8,${encodeURIComponent(calendarFile(tasks.data, plantOf, Date.now()))}`}
          >
            {t('maintenance.ics')}
          </a>
        )}
      </div>
      <Answer query={tasks} height={320}>
        {(all) =>
          month ? (
            <MonthView tasks={all} plantOf={plantOf} />
          ) : all.length === 0 ? (
            <Empty text={t('maintenance.none')} />
          ) : (
            <Tasks tasks={all} />
          )
        }
      </Answer>
      {may && assets.length > 0 && <Plan />}
    </>
  );
}

/** Plans a task of one's own. */
function Plan() {
  const { t } = useSpeech();
  const assets = useAssets().data ?? [];
  const plan = useAct((body: Parameters<typeof createTask>[0]['body']) => createTask({ body }), {
    renew: ['tasks'],
    said: t('settings.saved'),
  });
  return (
    <section className="card">
      <h2>{t('maintenance.add')}</h2>
      <Form
        label={t('maintenance.add')}
        go={t('maintenance.add')}
        action={{
          ...plan,
          send: (field) =>
            plan.mutateAsync({
              asset_id: field('plant'),
              task: field('task'),
              due: new Date(field('due')).toISOString(),
              priority: severities.find((one) => one === field('priority')) ?? 'MEDIUM',
            }),
        }}
      >
        <Choice name="plant" label={t('plant.choose')} options={assets.map(({ id, name }) => [id, name])} />
        <Field name="task" label={t('maintenance.what')} required maxLength={500} />
        <Field name="due" type="datetime-local" label={t('maintenance.when')} required />
        <Choice
          name="priority"
          label={t('alerts.severity')}
          defaultValue="MEDIUM"
          options={severities.map((one) => [one, t(`severity.${one}`)])}
        />
      </Form>
    </section>
  );
}
