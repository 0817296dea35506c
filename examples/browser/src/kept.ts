import type { DemoConfig, PostedState } from './worker/messages.js';

const KEY = 'twinergy-demo';

/** Keeps the plant's state for the next visit. A browser that keeps nothing for us just begins anew. */
export function keep(state: PostedState): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // Storage is full or forbidden.
  }
}

/** What was kept of this very demonstration: the same plant, weather and begin. */
export function keptOf({ plant, seed, start }: DemoConfig): PostedState | null {
  const kept = anyKept();
  if (kept === null) return null;
  const { config } = kept;
  return config.plant === plant && config.seed === seed && config.start === start ? kept : null;
}

/** What was kept, of whichever demonstration. */
export function anyKept(): PostedState | null {
  try {
    const state: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return typeof state === 'object' && state !== null && 'kind' in state ? (state as PostedState) : null;
  } catch {
    return null;
  }
}

/** Forgets it. */
export function forget(): void {
  localStorage.removeItem(KEY);
}
