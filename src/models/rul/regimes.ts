import type { Random } from '../../core/random.js';

/** Operating regimes as JSON data. */
export interface SavedRegimes {
  /** Channels that tell the regime. */
  readonly settings: readonly string[];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** One centre a regime, in units of the deviations; empty: there is one regime. */
  readonly centres: readonly (readonly number[])[];
}

/** Most regimes that are told apart. */
const MOST = 12;
/** Rows that the clustering looks at. */
const ROWS = 1500;
/** Rows that tell whether a single channel has a few values: it is asked of each. */
const FEW_ROWS = 300;
/** How far regimes must lie apart: 1 − own distance / next distance, on average. A single cloud stays below 0.75. */
const SEPARATION = 0.85;

/**
 * Finds operating regimes: k-means (Lloyd 1982, begun as by Arthur & Vassilvitskii 2007) on the standardised settings; as
 * many as lie clearly apart (simplified silhouette, Hruschka et al. 2004), or one.
 * @param columns the values of each setting, all rows one after the other
 */
export function findRegimes(
  settings: readonly string[],
  columns: readonly Float64Array[],
  random: Random,
): SavedRegimes {
  const mean: number[] = [];
  const deviation: number[] = [];
  for (const values of columns) {
    const known = values.filter((value) => Number.isFinite(value));
    const m = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
    const s = Math.sqrt(known.reduce((sum, value) => sum + (value - m) ** 2, 0) / Math.max(1, known.length));
    mean.push(m);
    // What does not move tells nothing; a relative bound, so that rounding is no movement.
    deviation.push(s > 1e-9 * Math.max(1, Math.abs(m)) ? s : Number.POSITIVE_INFINITY);
  }
  const n = columns[0]?.length ?? 0;
  const every = Math.max(1, Math.floor(n / (columns.length > 1 ? ROWS : FEW_ROWS)));
  const points: number[][] = [];
  for (let i = 0; i < n; i += every) {
    const point = columns.map((values, j) => ((values[i] as number) - (mean[j] as number)) / (deviation[j] as number));
    if (point.every(Number.isFinite)) points.push(point);
  }
  let best: { separation: number; centres: number[][] } = { separation: SEPARATION, centres: [] };
  if (deviation.some(Number.isFinite)) {
    for (let k = 2; k <= Math.min(MOST, points.length / 10); k++) {
      const centres = cluster(points, k, random);
      const separation = separationOf(points, centres);
      if (separation > best.separation + 1e-3) best = { separation, centres };
    }
  }
  return { settings, mean, deviation: deviation.map((s) => (Number.isFinite(s) ? s : 0)), centres: best.centres };
}

/** The regime of a row; 0 where there is but one, or where a setting is missing. */
export function regimeOf({ mean, deviation, centres }: SavedRegimes, values: readonly number[]): number {
  if (centres.length === 0) return 0;
  const point = values.map((value, j) =>
    deviation[j] === 0 ? 0 : (value - (mean[j] as number)) / (deviation[j] as number),
  );
  return nearest(point, centres).index;
}

function nearest(point: readonly number[], centres: readonly (readonly number[])[]) {
  let index = 0;
  let first = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let c = 0; c < centres.length; c++) {
    const centre = centres[c] as readonly number[];
    let sum = 0;
    for (let j = 0; j < point.length; j++) sum += ((point[j] as number) - (centre[j] as number)) ** 2;
    if (sum < first) {
      second = first;
      first = sum;
      index = c;
    } else if (sum < second) second = sum;
  }
  return { index, first, second };
}

function cluster(points: readonly number[][], k: number, random: Random): number[][] {
  let best: number[][] = [];
  let least = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 3; trial++) {
    const centres = [points[random.int(points.length)] as number[]];
    while (centres.length < k) {
      const distances = points.map((point) => nearest(point, centres).first);
      let left = random.next() * distances.reduce((sum, d) => sum + d, 0);
      let chosen = 0;
      while (chosen < points.length - 1 && left > (distances[chosen] as number)) left -= distances[chosen++] as number;
      centres.push(points[chosen] as number[]);
    }
    let current = centres.map((centre) => [...centre]);
    let cost = 0;
    for (let round = 0; round < 15; round++) {
      const sums = current.map((centre) => centre.map(() => 0));
      const counts = current.map(() => 0);
      cost = 0;
      for (const point of points) {
        const { index, first } = nearest(point, current);
        cost += first;
        counts[index] = (counts[index] as number) + 1;
        const sum = sums[index] as number[];
        for (let j = 0; j < point.length; j++) sum[j] = (sum[j] as number) + (point[j] as number);
      }
      const next = sums.map((sum, c) =>
        counts[c] === 0 ? (current[c] as number[]) : sum.map((value) => value / (counts[c] as number)),
      );
      const moved = next.some((centre, c) =>
        centre.some((value, j) => Math.abs(value - (current[c]?.[j] as number)) > 1e-9),
      );
      current = next;
      if (!moved) break;
    }
    if (cost < least) {
      least = cost;
      best = current;
    }
  }
  return best;
}

function separationOf(points: readonly number[][], centres: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const point of points) {
    const { first, second } = nearest(point, centres);
    sum += second > 0 ? 1 - Math.sqrt(first / second) : 0;
  }
  return sum / points.length;
}
