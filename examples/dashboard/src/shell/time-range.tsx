import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { addDays, dateAt, dayStart } from '../data/day.js';
import { useSpeech, type Word } from '../i18n/index.js';

const HOUR = 3_600_000;
const RANGES = { now: 6 * HOUR, today: 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR, '1y': 8760 * HOUR } as const;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The stretches of time that every page offers. */
export type Range = keyof typeof RANGES;

/** A stretch of time. */
export interface Stretch {
  /** Tells it from others. */
  readonly key: string;
  /** Whether it ends now, and goes on with what comes in. */
  readonly live: boolean;
  /** Its bounds as it is now, ms since the epoch. */
  readonly bounds: () => { readonly from: number; readonly to: number };
}

/** The last `span` ms, up to now. */
export function untilNow(key: string, span: number): Stretch {
  return { key, live: true, bounds: () => ({ from: Date.now() - span, to: Date.now() }) };
}

/** Days that a person chose, from the first to the last, as `2026-06-21`. */
interface Days {
  readonly first: string;
  readonly last: string;
}

/**
 * The chosen stretch of time, which stands in the address, so that a link shows the same: `range=7d`, or
 * `from=2026-06-01&to=2026-06-21` in days at the plant.
 * @param timeZone zone of the plant
 */
export function useRange(timeZone: string, otherwise: Range = 'today') {
  const [query, setQuery] = useSearchParams();
  const wanted = query.get('range') ?? otherwise;
  const range = wanted in RANGES ? (wanted as Range) : otherwise;
  const first = query.get('from') ?? '';
  const last = query.get('to') ?? '';
  const days = DATE.test(first) && DATE.test(last) && first <= last ? `${first}/${last}` : '';
  const stretch = useMemo((): Stretch => {
    if (days === '') return untilNow(range, RANGES[range]);
    const [from = '', to = ''] = days.split('/');
    const bounds = { from: dayStart(from, timeZone), to: dayStart(addDays(to, 1), timeZone) };
    return { key: `${days} ${timeZone}`, live: false, bounds: () => bounds };
  }, [range, days, timeZone]);
  const choose = (next: Range | Days) =>
    setQuery((before) => {
      for (const name of ['range', 'from', 'to']) before.delete(name);
      if (typeof next === 'string') before.set('range', next);
      else {
        before.set('from', next.first);
        before.set('to', next.last);
      }
      return before;
    });
  return {
    stretch,
    range: days === '' ? range : undefined,
    days: days === '' ? undefined : { first, last },
    choose,
    timeZone,
  };
}

/** The time control: some usual stretches, or days of one's own. */
export function TimeRange({ range, days, choose, timeZone }: ReturnType<typeof useRange>) {
  const { t } = useSpeech();
  const today = dateAt(Date.now(), timeZone);
  const set = (next: Days) => next.first !== '' && next.last !== '' && choose(next);
  return (
    <fieldset className="ranges">
      <legend className="visually-hidden">{t('range.label')}</legend>
      {Object.keys(RANGES).map((name) => (
        <button
          key={name}
          type="button"
          className="button"
          aria-pressed={range === name}
          onClick={() => choose(name as Range)}
        >
          {t(`range.${name}` as Word)}
        </button>
      ))}
      <button
        type="button"
        className="button"
        aria-pressed={days !== undefined}
        onClick={() => choose({ first: addDays(today, -6), last: today })}
      >
        {t('range.days')}
      </button>
      {days !== undefined && (
        <span className="range-days">
          <label>
            {t('range.from')}
            <input
              type="date"
              className="button"
              max={days.last}
              value={days.first}
              onChange={({ target }) => set({ first: target.value, last: days.last })}
            />
          </label>
          <label>
            {t('range.to')}
            <input
              type="date"
              className="button"
              min={days.first}
              max={today}
              value={days.last}
              onChange={({ target }) => set({ first: days.first, last: target.value })}
            />
          </label>
        </span>
      )}
    </fieldset>
  );
}
