import { type Alert, type AlertAction, actOnAlerts } from '@twinergy-examples/client';
import { type ReactNode, useState } from 'react';
import { useMay, useSession } from '../data/session.js';
import { useOptimistic } from '../data/use-optimistic.js';
import { useSpeech } from '../i18n/index.js';
import { Actions } from './actions.js';
import { AlertLine } from './alert-line.js';

interface Act {
  readonly ids: readonly string[];
  readonly action: AlertAction;
}

/** The list after an action, before the server has answered. */
function foresee(alerts: Alert[], { ids, action }: Act, who: string): Alert[] {
  const now = new Date().toISOString();
  return alerts.map((alert) => {
    if (!ids.includes(alert.id)) return alert;
    if (action.action === 'acknowledge')
      return { ...alert, status: 'acknowledged', acknowledged_at: now, acknowledged_by: who };
    if (action.action === 'resolve') return { ...alert, status: 'resolved', resolved_at: now, resolved_by: who };
    if (action.action === 'shelve') return { ...alert, shelved: true };
    if (action.action === 'unshelve') return { ...alert, shelved: false };
    return action.action === 'assign' ? { ...alert, assigned_to: action.to } : alert;
  });
}

/** Alerts that belong together, with what is said above them. */
export interface AlertGroup {
  readonly id: string;
  readonly head?: ReactNode;
  readonly alerts: readonly Alert[];
}

/** Alerts in groups with what can be done about them, one by one or many at once. */
export function AlertList({
  groups,
  chosen,
}: {
  readonly groups: readonly AlertGroup[];
  readonly chosen: string | undefined;
}) {
  const { t } = useSpeech();
  const me = useSession();
  const may = useMay('operate');
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const act = useOptimistic<Act, Alert[]>({
    key: ['alerts'],
    act: ({ ids, action }) => actOnAlerts({ body: { alert_ids: [...ids], action } }),
    foresee: (shown, input) => (Array.isArray(shown) ? foresee(shown, input, me.name) : shown),
  });
  const actions = (ids: readonly string[], shelved = false) => (
    <Actions me={me.name} shelved={shelved} onAct={(action) => act.mutate({ ids, action })} may={may} />
  );
  const mark = (id: string, on: boolean) =>
    setMarked((before) => {
      const after = new Set(before);
      if (on) after.add(id);
      else after.delete(id);
      return after;
    });
  return (
    <>
      {marked.size > 1 && (
        <p className="bulk">
          {t('alerts.selected', { count: marked.size })} {actions([...marked])}
        </p>
      )}
      {groups.map(({ id, head, alerts }) => (
        <section key={id} className={head === undefined ? undefined : 'incident'}>
          {head}
          <ul className="alerts">
            {alerts.map((alert) => (
              <AlertLine
                key={alert.id}
                alert={alert}
                marked={marked.has(alert.id)}
                onMark={(on) => mark(alert.id, on)}
                open={chosen === alert.id}
                actions={actions([alert.id], alert.shelved)}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
