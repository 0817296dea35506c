import { useCallback, useEffect, useRef, useState } from 'react';
import type { Reading } from '../core/index.js';

/** What `useTwin` needs of a `DigitalTwin`. */
export interface LiveTwin {
  step(): Reading;
  readonly truth: Readonly<Record<string, number>> | undefined;
}

/** Options of `useTwin`. */
export interface TwinOptions {
  /** ms of the wall clock between steps. Default 1,000. */
  readonly every?: number;
  /** Whether it begins by itself. Default true. */
  readonly running?: boolean;
}

/** A twin that goes along in a page. */
export interface TwinView {
  /** What its instruments show after the newest step; undefined before the first. */
  readonly reading: Reading | undefined;
  /** The true values behind it. */
  readonly truth: Readonly<Record<string, number>> | undefined;
  readonly running: boolean;
  readonly start: () => void;
  readonly stop: () => void;
  /** One step now. */
  readonly step: () => void;
}

/**
 * Lets a twin step while the component is mounted, and shows what it measures.
 *
 * ```tsx
 * const twin = useMemo(() => new DigitalTwin(plant), [plant]);
 * const { reading, running, start, stop } = useTwin(twin, { every: 500 });
 * ```
 */
export function useTwin(twin: LiveTwin, { every = 1000, running: atFirst = true }: TwinOptions = {}): TwinView {
  const [view, setView] = useState<{ readonly twin: LiveTwin; readonly reading: Reading } | undefined>(undefined);
  const [running, setRunning] = useState(atFirst);
  const current = useRef(twin);
  current.current = twin;
  const step = useCallback(() => setView({ twin: current.current, reading: current.current.step() }), []);
  const start = useCallback(() => setRunning(true), []);
  const stop = useCallback(() => setRunning(false), []);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(step, every);
    return () => clearInterval(timer);
  }, [running, every, step]);
  // What another twin showed before is not this one's.
  const own = view?.twin === twin ? view : undefined;
  return { reading: own?.reading, truth: own && twin.truth, running, start, stop, step };
}
