import { expect, it } from 'vitest';
import { shownIn, zoneFor } from './preferences.js';

it('shows temperatures and times as one likes them, and leaves other units alone', () => {
  const usual = { zone: 'plant', temperature: '°C' } as const;
  const warm = { ...usual, temperature: '°F' } as const;
  expect(shownIn(warm, '°C').of(100)).toBe(212);
  expect(shownIn(warm, '°C').unit).toBe('°F');
  expect(shownIn(usual, '°C').of(100)).toBe(100);
  expect(shownIn(warm, 'kW').of(3)).toBe(3);
  expect(zoneFor(usual, 'Asia/Tokyo')).toBe('Asia/Tokyo');
  expect(zoneFor({ ...usual, zone: 'own' }, 'Asia/Tokyo')).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
});
