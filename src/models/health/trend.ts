import { TwinergyError } from '../../core/errors.js';
import { exp } from '../../core/math/index.js';

const DAY = 86_400_000;

/** Where a health score is going. */
export interface HealthTrend {
  /** Points a day (Theil–Sen slope): negative is worse. */
  readonly slope: number;
  /** Two-sided p-value that there is no trend (Mann–Kendall, widened where neighbouring scores go together). */
  readonly pValue: number;
  readonly direction: 'falling' | 'rising' | 'steady';
  /** Scores that were looked at. */
  readonly count: number;
  /** Of how many independent scores they are worth. */
  readonly effectiveCount: number;
  /** Days until the score falls to `limit` at this slope; null where it is not falling, or is there already. */
  readonly daysToLimit: number | null;
}

/** Options of `healthTrend`. */
export interface TrendOptions {
  /** p-value below which a trend is told. Default 0.05. */
  readonly significance?: number | undefined;
  /** Score for `daysToLimit`. Default 60, where the default bands turn critical. */
  readonly limit?: number | undefined;
}

/** More scores than this are thinned out evenly: pairs grow with the square. */
const MOST = 400;

/**
 * The trend of a series of scores: the median of the slopes of all pairs (Theil 1950, Sen 1968), and whether it is more
 * than chance by the Mann–Kendall test, whose variance is widened for autocorrelation of the ranks as Hamed & Rao (1998)
 * do: scores an hour apart are not independent, and without that any slow wave would be a trend.
 * Missing scores (NaN) are left out.
 * @param time ms since the epoch, rising
 * @throws TwinergyError `HEALTH_BAD_SERIES`
 */
export function healthTrend(
  time: ArrayLike<number>,
  score: ArrayLike<number>,
  { significance = 0.05, limit = 60 }: TrendOptions = {},
): HealthTrend {
  if (time.length !== score.length) {
    throw new TwinergyError('HEALTH_BAD_SERIES', `There are ${time.length} times and ${score.length} scores.`);
  }
  const known = Array.from({ length: time.length }, (_, i) => i).filter((i) => Number.isFinite(score[i] as number));
  const step = Math.max(1, Math.ceil(known.length / MOST));
  const t: number[] = [];
  const y: number[] = [];
  known.forEach((i, k) => {
    // Counted from the newest, so that the present is always among them.
    if ((known.length - 1 - k) % step !== 0) return;
    t.push((time[i] as number) / DAY);
    y.push(score[i] as number);
  });
  const n = y.length;
  const none: HealthTrend = {
    slope: 0,
    pValue: 1,
    direction: 'steady',
    count: known.length,
    effectiveCount: n,
    daysToLimit: null,
  };
  if (n < 4) return none;
  const slopes: number[] = [];
  let s = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const dy = (y[j] as number) - (y[i] as number);
      s += Math.sign(dy);
      const dt = (t[j] as number) - (t[i] as number);
      if (dt > 0) slopes.push(dy / dt);
    }
  }
  if (slopes.length === 0) throw new TwinergyError('HEALTH_BAD_SERIES', 'All scores are of the same time.');
  const slope = medianOf(slopes);
  const residual = y.map((value, i) => value - slope * (t[i] as number));
  const widening = autocorrelationFactor(ranks(residual));
  const variance = tiedVariance(y) * widening;
  const z = variance > 0 && s !== 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0;
  const pValue = twoSided(z);
  const direction = pValue >= significance || slope === 0 ? 'steady' : slope < 0 ? 'falling' : 'rising';
  const now = medianOf(y.slice(-Math.max(3, Math.min(9, n >> 2))));
  return {
    slope,
    pValue,
    direction,
    count: known.length,
    effectiveCount: n / widening,
    daysToLimit: direction === 'falling' && now > limit ? (now - limit) / -slope : null,
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const result = new Array<number>(values.length);
  order.forEach((i, rank) => {
    result[i] = rank;
  });
  return result;
}

/** n/n* of Hamed & Rao: 1 + 2/(n(n−1)(n−2)) Σ (n−k)(n−k−1)(n−k−2) ρ_k over the significant ρ_k; never below 1. */
function autocorrelationFactor(rank: readonly number[]): number {
  const n = rank.length;
  const mean = (n - 1) / 2;
  let power = 0;
  for (const r of rank) power += (r - mean) ** 2;
  let sum = 0;
  for (let k = 1; k < n - 2; k++) {
    let product = 0;
    for (let i = 0; i + k < n; i++) product += ((rank[i] as number) - mean) * ((rank[i + k] as number) - mean);
    const rho = product / power;
    // The first lag that tells nothing ends the sum: what follows is noise that would add up.
    if (Math.abs(rho) < 1.96 / Math.sqrt(n)) break;
    sum += (n - k) * (n - k - 1) * (n - k - 2) * rho;
  }
  return Math.max(1, 1 + (2 * sum) / (n * (n - 1) * (n - 2)));
}

/** Variance of Kendall's S with ties. */
function tiedVariance(y: readonly number[]): number {
  const n = y.length;
  const counts = new Map<number, number>();
  for (const value of y) counts.set(value, (counts.get(value) ?? 0) + 1);
  let ties = 0;
  for (const c of counts.values()) ties += c * (c - 1) * (2 * c + 5);
  return (n * (n - 1) * (2 * n + 5) - ties) / 18;
}

/** 2 (1 − Φ(|z|)) (Abramowitz & Stegun 26.2.17, absolute error below 1e-7). */
function twoSided(z: number): number {
  const x = Math.abs(z);
  const t = 1 / (1 + 0.2316419 * x);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.min(1, 2 * 0.3989422804014327 * exp(-0.5 * x * x) * series);
}
