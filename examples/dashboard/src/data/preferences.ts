import { useSyncExternalStore } from 'react';

/** What a person has chosen for this browser. */
export interface Preferences {
  /** Times are those of the plant, or of where one is. */
  readonly zone: 'plant' | 'own';
  readonly temperature: '°C' | '°F';
}

const KEY = 'twinergy-preferences';
const USUAL: Preferences = { zone: 'plant', temperature: '°C' };

function stored(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const { zone, temperature } = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Preferences>;
    return {
      zone: zone === 'own' ? 'own' : USUAL.zone,
      temperature: temperature === '°F' ? '°F' : USUAL.temperature,
    };
  } catch {
    return USUAL;
  }
}

let current: Preferences | undefined;
const listeners = new Set<() => void>();
const now = () => {
  current ??= stored();
  return current;
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The choices. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, now);
}

/** Chooses; kept for the next visit. */
export function prefer(choice: Partial<Preferences>): void {
  current = { ...now(), ...choice };
  localStorage.setItem(KEY, JSON.stringify(current));
  for (const listener of listeners) listener();
}

/** The zone that times of a plant are shown in. */
export function zoneFor(preferences: Preferences, plantZone: string): string {
  return preferences.zone === 'plant' ? plantZone : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A unit as it is shown, and a value in it. */
export function shownIn({ temperature }: Preferences, unit: string): { unit: string; of: (value: number) => number } {
  return unit === '°C' && temperature === '°F'
    ? { unit: '°F', of: (value) => 32 + 1.8 * value }
    : { unit, of: (value) => value };
}
