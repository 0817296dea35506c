import type { WearHistory } from './law.js';

/** Days between levels. */
const SPACINGS = [4, 6, 8, 12, 16, 24] as const;

/** A level of wear over a few days. */
export interface Level {
  readonly day: number;
  readonly value: number;
  readonly variance: number;
}

/**
 * Levels at even distances back from now, each the weighted mean of the days nearest to it, at the shortest distance at
 * which measuring lets tell a step from one to the next.
 * @param telling greatest standard deviation that such a step may have
 */
export function levelsOf({ days, value, sd }: WearHistory, telling: number): Level[] {
  let levels: Level[] = [];
  for (const spacing of SPACINGS) {
    const sums = new Map<number, readonly [weight: number, day: number, value: number]>();
    days.forEach((day, i) => {
      const place = Math.round(-day / spacing);
      if (Math.abs(day + place * spacing) > spacing / 4) return;
      const weight = 1 / (sd[i] as number) ** 2;
      const [w, d, v] = sums.get(place) ?? [0, 0, 0];
      sums.set(place, [w + weight, d + weight * day, v + weight * (value[i] as number)]);
    });
    levels = [...sums.entries()]
      .sort(([a], [b]) => b - a)
      .map(([, [weight, day, sum]]) => ({ day: day / weight, value: sum / weight, variance: 1 / weight }));
    const steps = levels.map(({ variance }) => Math.sqrt(2 * variance)).sort((a, b) => a - b);
    if ((steps[steps.length >> 1] ?? 0) <= telling) break;
  }
  return levels;
}
