import type { MaintenanceTask } from '@twinergy-examples/client';
import { Link } from 'wouter';
import { useMay } from '../data/session.js';
import { useMoveTask } from '../data/use-findings.js';
import { useSpeech, type Word } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { type Severity, SeverityWord } from '../parts/severity.js';
import { useAssets } from '../shell/plant-frame.js';

/** What comes after each state, and what the button says. */
const NEXT: Readonly<Partial<Record<MaintenanceTask['status'], readonly [MaintenanceTask['status'], Word]>>> = {
  proposed: ['approved', 'maintenance.approve'],
  approved: ['in progress', 'maintenance.start'],
  'in progress': ['done', 'maintenance.finish'],
};

/** Tasks by when they are due, each with its next step. */
export function Tasks({ tasks }: { readonly tasks: readonly MaintenanceTask[] }) {
  const { t } = useSpeech();
  const may = useMay('operate');
  const assets = useAssets().data ?? [];
  const move = useMoveTask(({ status }) => t(`status.${status}` as Word));
  const sorted = [...tasks].sort((a, b) => Date.parse(a.due) - Date.parse(b.due));
  return (
    <ul className="tasks">
      {sorted.map((task) => {
        const next = NEXT[task.status];
        const asset = assets.find(({ id }) => id === task.asset_id);
        return (
          <li key={task.id} className="card" data-status={task.status}>
            <p>
              <SeverityWord severity={task.priority as Severity} /> <strong>{task.task}</strong>{' '}
              {asset !== undefined && <Link href={`/plants/${encodeURIComponent(asset.id)}`}>{asset.name}</Link>}{' '}
              <span className="muted">
                {t(`status.${task.status}` as Word)}, {t('maintenance.due', { when: '' })}
                <Ago time={task.due} timeZone={asset?.zone} />
              </span>
            </p>
            {next !== undefined && (
              <span className="buttons">
                <button
                  type="button"
                  className="button primary"
                  disabled={!may}
                  onClick={() => move.mutate({ id: task.id, status: next[0] })}
                >
                  {t(next[1])}
                </button>
                <button
                  type="button"
                  className="button"
                  disabled={!may}
                  onClick={() => move.mutate({ id: task.id, status: 'cancelled' })}
                >
                  {t('maintenance.cancel')}
                </button>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
