import { expect, it } from 'vitest';
import { episodesOf } from './episodes.js';

const anomaly = (minute: number, p: number) => ({
  id: String(minute),
  asset_id: 'a',
  time: new Date(minute * 60_000).toISOString(),
  score: null,
  p_value: p,
  detector: null,
  why: null,
  contributions: [],
});

it('folds what follows closely, keeps the worst, and begins anew after an hour', () => {
  const found = episodesOf([anomaly(200, 0.01), anomaly(20, 0.001), anomaly(0, 0.01), anomaly(80, 0.02)]);
  expect(found.map(({ from, to, count, worst }) => [from / 60_000, to / 60_000, count, worst.id])).toEqual([
    [200, 200, 1, '200'],
    [0, 80, 3, '20'],
  ]);
  expect(episodesOf([])).toEqual([]);
});
