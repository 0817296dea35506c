import { useQuery } from '@tanstack/react-query';
import { getSummary } from '@twinergy-examples/client';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useLive, usePolling } from '../data/live.js';
import { useSpeech, type Word } from '../i18n/index.js';
import { useNow } from '../parts/ago.js';
import { Icon } from './icons.js';

const PLACES = [
  { path: '/', icon: 'overview', word: 'nav.overview' },
  { path: '/alerts', icon: 'alerts', word: 'nav.alerts' },
  { path: '/maintenance', icon: 'maintenance', word: 'nav.maintenance' },
  { path: '/settings', icon: 'settings', word: 'nav.settings' },
] as const satisfies readonly { path: string; icon: string; word: Word }[];

/** The figures of all plants; asked for here too, so that the rail counts alerts on every page. */
export function useSummary() {
  const refetchInterval = usePolling();
  return useQuery({ queryKey: ['summary'], queryFn: async () => (await getSummary()).data, refetchInterval });
}

/** The frame of every page: the rail (a bar at the bottom on a phone), the word on the connection, the page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { t } = useSpeech();
  const [location] = useLocation();
  const summary = useSummary();
  const open = Object.values(summary.data?.alerts ?? {}).reduce((sum, count) => sum + count, 0);
  const here = (path: string) =>
    path === '/' ? location === '/' || location.startsWith('/plants') : location.startsWith(path);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <nav className="rail" aria-label="Twinergy">
        <span className="brand" aria-hidden="true">
          Twinergy
        </span>
        {PLACES.map(({ path, icon, word }) => (
          <Link key={path} href={path} className="place" aria-current={here(path) ? 'page' : undefined}>
            <Icon name={icon} />
            <span>{t(word)}</span>
            {path === '/alerts' && open > 0 && <span className="count">{open}</span>}
          </Link>
        ))}
      </nav>
      <main id="content">
        <ConnectionWord updatedAt={summary.dataUpdatedAt} failing={summary.isError || summary.failureCount > 0} />
        {children}
      </main>
    </div>
  );
}

/** Says when there is no connection, and how old what is shown is. */
function ConnectionWord({ updatedAt, failing }: { readonly updatedAt: number; readonly failing: boolean }) {
  const { t } = useSpeech();
  const { state } = useLive();
  const now = useNow(5000);
  if (state !== 'lost') return null;
  const age = Math.max(0, Math.round((now - updatedAt) / 1000));
  return (
    <p className="connection" role="status">
      {failing
        ? t('state.offline', { age: age < 90 ? `${age} s` : `${Math.round(age / 60)} min` })
        : t('state.polling')}
    </p>
  );
}
