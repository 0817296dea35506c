import { useSyncExternalStore } from 'react';

const QUERY = '(prefers-reduced-motion: reduce)';

// Asked once, not in each frame of a replay.
let asked: MediaQueryList | undefined;
const query = () => {
  asked ??= matchMedia(QUERY);
  return asked;
};

const subscribe = (listener: () => void) => {
  query().addEventListener('change', listener);
  return () => query().removeEventListener('change', listener);
};

/** Whether the visitor asked for little motion. */
export function useReducedMotion(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}
