import { exactTime, relativeTime } from '@twinergy-examples/ui';
import { useEffect, useState } from 'react';
import { useSpeech } from '../i18n/index.js';

/** A time as it is said ("3 min ago"), with the exact one on hover and focus. */
export function Ago({ time, timeZone = 'UTC' }: { readonly time: string; readonly timeZone?: string | undefined }) {
  const { locale } = useSpeech();
  const now = useNow();
  const at = Date.parse(time);
  return (
    <time dateTime={time} title={`${exactTime(at, timeZone, locale)} (${timeZone})`}>
      {relativeTime(at, now, locale)}
    </time>
  );
}

/** The time, renewed every half minute. */
export function useNow(every = 30_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
