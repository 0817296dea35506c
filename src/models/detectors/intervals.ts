/** A stretch of time with anomalous rows. */
export interface AnomalyInterval {
  /** Time of the first and of the last anomalous row, ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** Time and score of the most unusual row. */
  readonly peak: { readonly time: number; readonly score: number };
  /** Anomalous rows in it. */
  readonly rows: number;
  /** The channels that tell most at the peak, most telling first. */
  readonly channels: readonly string[];
}

/** Options of `toIntervals`. */
export interface IntervalOptions {
  /** Anomalous rows at most this many ms apart belong to one interval. Default: three rows of the series. */
  readonly gap?: number;
  /** Intervals with fewer anomalous rows are left out. Default 1. */
  readonly minimumRows?: number;
}

/** Joins anomalous rows into intervals. `channelsAt` names the telling channels of a row. */
export function toIntervals(
  series: Readonly<Record<'time' | 'score' | 'raw', Float64Array>> & { readonly anomalous: Uint8Array },
  channelsAt: (row: number) => readonly string[],
  { gap, minimumRows = 1 }: IntervalOptions = {},
): AnomalyInterval[] {
  const { time, score, raw, anomalous } = series;
  const longest = gap ?? 3 * typicalStep(time);
  const intervals: AnomalyInterval[] = [];
  let open: { first: number; last: number; peak: number; rows: number } | undefined;
  const close = () => {
    if (open !== undefined && open.rows >= minimumRows) {
      intervals.push({
        start: time[open.first] as number,
        end: time[open.last] as number,
        peak: { time: time[open.peak] as number, score: score[open.peak] as number },
        rows: open.rows,
        channels: channelsAt(open.peak),
      });
    }
    open = undefined;
  };
  for (let i = 0; i < time.length; i++) {
    if (anomalous[i] !== 1) continue;
    if (open !== undefined && (time[i] as number) - (time[open.last] as number) > longest) close();
    open ??= { first: i, last: i, peak: i, rows: 0 };
    open.last = i;
    open.rows++;
    // By the raw score: far out, all scores are 1.
    if ((raw[i] as number) > (raw[open.peak] as number)) open.peak = i;
  }
  close();
  return intervals;
}

/** Median ms between rows; 0 with fewer than two. */
export function typicalStep(time: Float64Array): number {
  if (time.length < 2) return 0;
  const steps = time.slice(1).map((t, i) => t - (time[i] as number));
  steps.sort();
  return steps[steps.length >> 1] as number;
}
