import type { Anomaly } from '@twinergy-examples/client';

/** Anomalies that follow one another closely. */
export interface Episode {
  /** ms since the epoch; the first reading and the last. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** The one that is least by chance. */
  readonly worst: Anomaly;
}

/** Readings further apart than this belong to two episodes, ms. */
const APART = 3_600_000;

/** Folds anomalies into episodes, the newest first. @param anomalies in any order */
export function episodesOf(anomalies: readonly Anomaly[], apart = APART): Episode[] {
  const sorted = anomalies.map((one) => [Date.parse(one.time), one] as const).sort(([a], [b]) => a - b);
  const episodes: Episode[] = [];
  for (const [at, one] of sorted) {
    const last = episodes.at(-1);
    if (last === undefined || at - last.to > apart) episodes.push({ from: at, to: at, count: 1, worst: one });
    else
      episodes[episodes.length - 1] = {
        from: last.from,
        to: at,
        count: last.count + 1,
        worst: (one.p_value ?? 1) < (last.worst.p_value ?? 1) ? one : last.worst,
      };
  }
  return episodes.reverse();
}
