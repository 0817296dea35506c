import { useQueryClient } from '@tanstack/react-query';
import { type LiveEvent, LiveStream } from '@twinergy-examples/client';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

/** How the live connection stands. */
export type LiveState = 'connecting' | 'open' | 'lost';

type Listener = (event: LiveEvent) => void;

/** Live events of all plants that one may see. */
export interface Live {
  readonly state: LiveState;
  /** Calls `listener` on each event; gives what stops it. */
  readonly on: (listener: Listener) => () => void;
}

const LiveContext = createContext<Live>({ state: 'connecting', on: () => () => undefined });

/** The live connection of the page. */
export const useLive = (): Live => useContext(LiveContext);

/** Answers that an event makes old, by the first part of their key. */
const TOUCHED: Readonly<Partial<Record<LiveEvent['type'], readonly string[]>>> = {
  alert: ['alerts', 'summary', 'assets'],
  anomaly: ['anomalies'],
  health: ['health'],
  forecast: ['forecast'],
  rul: ['rul'],
  maintenance: ['tasks'],
  asset: ['assets', 'summary', 'scenarios'],
  training: ['summary'],
  import: ['series', 'summary'],
};
/** How often what is touched is asked for anew, at most, ms. */
const PATIENCE = 1500;
/** How often the overview is renewed by readings, ms. */
const OVERVIEW = 5000;

/** Opens the live connection, and renews answers that its events make old. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const listeners = useMemo(() => new Set<Listener>(), []);

  useEffect(() => {
    const due = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const renew = (keys: readonly string[], wait: number) => {
      for (const key of keys) due.add(key);
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const key of due) void queries.invalidateQueries({ queryKey: [key] });
        due.clear();
      }, wait);
    };
    const stream = new LiveStream({
      onEvent(event) {
        for (const listener of listeners) listener(event);
        if (event.type === 'reading') renew(['summary'], OVERVIEW);
        else renew(TOUCHED[event.type] ?? [], PATIENCE);
      },
      onState: setState,
      onGap: () => void queries.invalidateQueries(),
    });
    return () => {
      clearTimeout(timer);
      stream.close();
    };
  }, [queries, listeners]);

  const live = useMemo<Live>(
    () => ({
      state,
      on(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
    [state, listeners],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** How often to ask where there is no live connection, ms; false where there is one. */
export function usePolling(interval = 5000): number | false {
  return useLive().state === 'open' ? false : interval;
}
