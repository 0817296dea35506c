import { useMemo } from 'react';
import { addDays } from '../data/day.js';
import { useSpeech } from '../i18n/index.js';
import type { useClock } from './use-clock.js';

const STEP = 300_000;

/** The day, the time in it, and the replay. */
export function Clock({
  span: { day, today, from, to },
  timeZone,
  clock: { time, playing, setPlaying, setTime },
  onDay,
}: {
  readonly span: { readonly day: string; readonly today: string; readonly from: number; readonly to: number };
  readonly timeZone: string;
  readonly clock: ReturnType<typeof useClock>;
  readonly onDay: (day: string) => void;
}) {
  const { t, locale } = useSpeech();
  const format = useMemo(() => new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone }), [locale, timeZone]);
  const text = format.format(time);
  return (
    <div className="twin-clock">
      <div className="buttons">
        <button
          type="button"
          className="button"
          aria-label={t('twin.day-before')}
          onClick={() => onDay(addDays(day, -1))}
        >
          ‹
        </button>
        <input
          type="date"
          className="button"
          aria-label={t('twin.day')}
          value={day}
          max={today}
          onChange={({ target }) => target.value !== '' && onDay(target.value)}
        />
        <button
          type="button"
          className="button"
          aria-label={t('twin.day-after')}
          disabled={day >= today}
          onClick={() => onDay(addDays(day, 1))}
        >
          ›
        </button>
      </div>
      <button type="button" className="button" onClick={() => setPlaying(!playing)}>
        {t(playing ? 'twin.pause' : 'twin.play')}
      </button>
      <output className="twin-hour">
        {text} <span className="muted">{timeZone}</span>
      </output>
      <input
        type="range"
        className="twin-time"
        aria-label={t('twin.time')}
        aria-valuetext={text}
        min={from}
        max={to}
        step={STEP}
        value={time}
        onChange={({ target }) => {
          setPlaying(false);
          setTime(Number(target.value));
        }}
      />
    </div>
  );
}
