import type { MaintenanceTask } from '@twinergy-examples/client';
import { useState } from 'react';
import { useSpeech } from '../i18n/index.js';
import { type Severity, SeverityWord } from '../parts/severity.js';

/** The weeks of a month, from Monday; each day by its local date. */
export function weeksOf(year: number, month: number): Date[][] {
  const first = new Date(year, month, 1);
  const back = (first.getDay() + 6) % 7;
  const length = new Date(year, month + 1, 0).getDate();
  return Array.from({ length: Math.ceil((back + length) / 7) }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => new Date(year, month, 1 - back + 7 * week + day)),
  );
}

/** Tasks in a month. */
export function MonthView({
  tasks,
  plantOf,
}: {
  readonly tasks: readonly MaintenanceTask[];
  readonly plantOf: (task: MaintenanceTask) => string;
}) {
  const { t, locale } = useSpeech();
  const [shown, setShown] = useState(() => new Date(new Date().getFullYear(), new Date().getMonth(), 1));
  const weeks = weeksOf(shown.getFullYear(), shown.getMonth());
  const move = (months: number) => setShown(new Date(shown.getFullYear(), shown.getMonth() + months, 1));
  const today = new Date().toDateString();
  const dueOn = (day: Date) => tasks.filter(({ due }) => new Date(due).toDateString() === day.toDateString());
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
  const title = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).format(shown);
  return (
    <section className="card" aria-labelledby="month">
      <div className="month-head">
        <h2 id="month" aria-live="polite">
          {title}
        </h2>
        <span className="buttons">
          <button type="button" className="button" aria-label={t('maintenance.before')} onClick={() => move(-1)}>
            ‹
          </button>
          <button type="button" className="button" aria-label={t('maintenance.next')} onClick={() => move(1)}>
            ›
          </button>
        </span>
      </div>
      <table className="month">
        <thead>
          <tr>
            {weeks[0]?.map((day) => (
              <th key={day.getDay()} scope="col">
                {weekday.format(day)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]?.toDateString()}>
              {week.map((day) => (
                <td
                  key={day.toDateString()}
                  className={day.getMonth() === shown.getMonth() ? undefined : 'outside'}
                  aria-current={day.toDateString() === today ? 'date' : undefined}
                >
                  <span className="day">
                    {/* Where the month is a list, the column doesn't tell it. */}
                    <span className="weekday">{weekday.format(day)} </span>
                    {day.getDate()}
                  </span>
                  {dueOn(day).map((task) => (
                    <p key={task.id} data-status={task.status}>
                      <SeverityWord severity={task.priority as Severity} /> {task.task}{' '}
                      <span className="muted">{plantOf(task)}</span>
                    </p>
                  ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
