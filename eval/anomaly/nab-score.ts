/** Weights of an application profile of the Numenta Anomaly Benchmark. */
export interface NabProfile {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/** The three published profiles (Lavin & Ahmad 2015). */
export const nabProfiles = {
  standard: { truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  reward_low_fp: { truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  reward_low_fn: { truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
} as const satisfies Record<string, NabProfile>;

/** One series as it is scored. */
export interface NabSeries {
  /** A detector's score for each row; only their order counts. */
  readonly scores: ArrayLike<number>;
  /** First and last row of each labelled window, in order. */
  readonly windows: readonly (readonly [first: number, last: number])[];
  /** Rows at the start that do not count. */
  readonly probation: number;
}

/** Rows of probation: 15 % of the series, of at most 5000 rows. */
export function probationOf(rows: number, share = 0.15): number {
  return Math.min(Math.floor(share * rows), Math.floor(share * 5000));
}

/** 2 / (1 + e^(5y)) − 1: near 1 at a window's left edge (y = −1), 0 at its right edge, −1 far behind it. */
export function scaledSigmoid(position: number): number {
  return position >= 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** What each row is worth if it is flagged, and in which window it lies (−1: in none). */
export function rowValues(rows: number, windows: NabSeries['windows'], profile: NabProfile) {
  const value = new Float64Array(rows);
  const window = new Int32Array(rows).fill(-1);
  windows.forEach(([first, last], w) => {
    window.fill(w, first, last + 1);
  });
  const best = scaledSigmoid(-1);
  let previous: readonly [number, number] | undefined;
  for (let i = 0; i < rows; i++) {
    const inside = window[i] as number;
    if (inside >= 0) {
      const [first, last] = windows[inside] as readonly [number, number];
      const width = last - first + 1;
      value[i] = (profile.truePositive * scaledSigmoid(-(last - i + 1) / width)) / best;
      previous = [first, last];
    } else {
      const position = previous === undefined ? 3 : (i - previous[1]) / (previous[1] - previous[0]);
      value[i] = profile.falsePositive * scaledSigmoid(position);
    }
  }
  return { value, window };
}

/** The best threshold over all series and what it scores, before normalisation. */
export function sweep(
  corpus: readonly NabSeries[],
  profile: NabProfile,
): { threshold: number; score: number; windows: number } {
  const points: { score: number; value: number; window: number }[] = [];
  let windows = 0;
  for (const { scores, windows: own, probation } of corpus) {
    const { value, window } = rowValues(scores.length, own, profile);
    // Windows wholly in probation are not asked for.
    const numbers = new Map<number, number>();
    for (let i = probation; i < scores.length; i++) {
      const inside = window[i] as number;
      if (inside >= 0 && !numbers.has(inside)) numbers.set(inside, windows++);
      points.push({
        score: scores[i] as number,
        value: value[i] as number,
        window: inside < 0 ? -1 : (numbers.get(inside) as number),
      });
    }
  }
  points.sort((a, b) => b.score - a.score);
  const won = new Float64Array(windows).fill(-profile.falseNegative);
  let total = -profile.falseNegative * windows;
  let best = { threshold: Number.POSITIVE_INFINITY, score: total, windows };
  for (let i = 0; i < points.length; i++) {
    const { score, value, window } = points[i] as { score: number; value: number; window: number };
    if (window < 0) total += value;
    else if (value > (won[window] as number)) {
      total += value - (won[window] as number);
      won[window] = value;
    }
    if (points[i + 1]?.score !== score && total > best.score) best = { threshold: score, score: total, windows };
  }
  return best;
}

/** 0: as good as never flagging; 100: each window found at its first row and nothing else flagged. */
export function normalised(score: number, windows: number, profile: NabProfile): number {
  const nothing = -profile.falseNegative * windows;
  const perfect = profile.truePositive * windows;
  return (100 * (score - nothing)) / (perfect - nothing);
}
