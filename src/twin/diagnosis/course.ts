import { log } from '../../core/math/index.js';
import { plantFaults } from '../faults/index.js';
import type { DaySummary } from './day.js';
import type { Projection } from './evidence.js';
import { WASHES } from './natural.js';

/** Days since the onset that it takes to tell a step from growth. */
const FEWEST_DAYS = 4;
/** Change over the time since the onset, as a share of the mean, that a step shows and that growth shows. */
const STEP = { mean: 0, sd: 0.12 } as const;
const GROWTH = { mean: 1, sd: 0.6 } as const;
/** What a loss is after rain as a share of what it was: dust, and what no rain takes away. */
const WASHED = { mean: 0, sd: 0.3 } as const;
const KEPT = { mean: 1, sd: 0.25 } as const;
/** Evidence of a course counts at most this much, as a logarithm: weather makes courses of its own. */
const MOST = 3;
/** Days on either side of rain that are compared, and how many of them must be seen. */
const BESIDE = { days: 3, seen: 1 } as const;
/** Standing that a loss must have before the rain for the rain to say anything. */
const SEEN = 3;

/** How a cause's size went since its onset: logarithms of evidence. */
export interface Course {
  /** For growth over a step. */
  readonly growth: number;
  /** For a loss that rain leaves as it is over one that it takes away. */
  readonly lasting: number;
  /** Largest rise from one day to the next that is no chance, in sizes. */
  readonly leap: number;
}

/** Nothing known of the course. */
export const NO_COURSE: Course = { growth: 0, lasting: 0, leap: 0 };
/** Light that dust takes more on one day, as a logarithm: at most ordinarily, and how much beyond counts e-fold. */
const DUST = { most: 0.02, more: 0.01 } as const;
/** Standard deviations that a rise must stand out. */
const NO_CHANCE = 3;

/** Kinds that come at a stroke, and kinds that grow over weeks or more, by the catalogue. */
const AT_A_STROKE = new Set(['bypass-short', 'hot-spot', 'ground-fault', 'string-open', 'mppt-fault', 'tracker-stall']);
const GROWING = new Set([
  'soiling',
  ...plantFaults
    .filter(({ progression, days }) => progression !== 'step' && progression !== 'intermittent' && days > 10)
    .map(({ id }) => id),
]);
/** What dims the light or the current for good. */
const LASTING = new Set(['lid', 'letid', 'discolouration', 'pid', 'series-resistance']);

const density = (x: number, { mean, sd }: { mean: number; sd: number }, error: number): number => {
  const variance = sd * sd + error * error;
  return -0.5 * log(variance) - (0.5 * (x - mean) ** 2) / variance;
};
const limited = (value: number): number => Math.max(-MOST, Math.min(MOST, Number.isFinite(value) ? value : 0));

/**
 * The course of a cause.
 * @param projections its days, the last today
 * @param days summaries, the last of the same day
 * @param onset index of its first day among `days`
 */
export function courseOf(projections: readonly Projection[], days: readonly DaySummary[], onset: number): Course {
  const first = days.length - projections.length;
  // Half of the onset's day is sound, which is no growth.
  const since = projections.flatMap(({ a, b }, p) =>
    first + p > onset && a > 0 ? [{ day: first + p, size: b / a, variance: 1 / a }] : [],
  );
  return { growth: growthOf(since), lasting: lastingOf(since, days, onset), leap: leapOf(since, onset) };
}

interface Sized {
  readonly day: number;
  readonly size: number;
  readonly variance: number;
}

function growthOf(since: readonly Sized[]): number {
  const n = since.length;
  if (n < FEWEST_DAYS) return 0;
  const level = weightedMean(since);
  if (!(level > 0)) return 0;
  // A line by least squares; days err by more than their rows do.
  const weights = since.map(({ variance }) => 1 / (variance + (0.08 * level) ** 2));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const mean = (pick: (own: Sized) => number) =>
    since.reduce((sum, own, i) => sum + (weights[i] as number) * pick(own), 0) / total;
  const centre = mean(({ day }) => day);
  const middle = mean(({ size }) => size);
  const spread = mean(({ day }) => (day - centre) ** 2) * total;
  const slope = (mean(({ day, size }) => (day - centre) * (size - middle)) * total) / spread;
  const misfit =
    since.reduce((sum, { day, size }, i) => {
      const off = size - middle - slope * (day - centre);
      return sum + (weights[i] as number) * off * off;
    }, 0) / Math.max(1, n - 2);
  const span = (since[n - 1] as Sized).day - (since[0] as Sized).day;
  const change = (slope * span) / middle;
  const error = (Math.sqrt(Math.max(1, misfit) / spread) * span) / middle;
  // More than growth from nothing is growth all the same.
  return limited(density(Math.min(GROWTH.mean, change), GROWTH, error) - density(Math.max(0, change), STEP, error));
}

function leapOf(since: readonly Sized[], onset: number): number {
  let leap = 0;
  let before: Sized = { day: onset - 1, size: 0, variance: 0 };
  for (const own of since) {
    const gone = own.day - before.day;
    const sure = own.size - before.size - NO_CHANCE * Math.sqrt(own.variance + before.variance);
    if (sure > 0 && gone > 0) leap = Math.max(leap, sure / gone);
    before = own;
  }
  return leap;
}

function lastingOf(since: readonly Sized[], days: readonly DaySummary[], onset: number): number {
  let evidence = 0;
  for (let w = Math.max(0, onset + 1); w < days.length - 1; w++) {
    if (!((days[w] as DaySummary).rain >= WASHES)) continue;
    const before = since.filter(({ day }) => day < w && day >= w - BESIDE.days);
    const after = since.filter(({ day }) => day > w && day <= w + BESIDE.days);
    if (before.length < BESIDE.seen || after.length < BESIDE.seen) continue;
    const level = weightedMean(before);
    const error = Math.sqrt(1 / before.reduce((sum, { variance }) => sum + 1 / variance, 0));
    if (!(level > SEEN * error)) continue;
    const left = weightedMean(after) / level;
    evidence += limited(
      density(Math.max(left, 0), KEPT, error / level) - density(Math.min(left, 1), WASHED, error / level),
    );
  }
  // One rain may have missed the plant; several have not.
  return Math.max(-2 * MOST, Math.min(2 * MOST, evidence));
}

function weightedMean(list: readonly Sized[]): number {
  const total = list.reduce((sum, { variance }) => sum + 1 / variance, 0);
  return list.reduce((sum, { size, variance }) => sum + size / variance, 0) / total;
}

/** What a course adds to the logarithm of the probability of a kind. */
export function courseWeight(kind: string, { growth, lasting }: Course): number {
  // An instrument's error may be there at a stroke or grow: its name follows.
  const either = kind === 'gain' || kind === 'bias';
  const shape = either ? Math.abs(growth) : GROWING.has(kind) ? growth : AT_A_STROKE.has(kind) ? -growth : 0;
  const rain = kind === 'soiling' ? -lasting : LASTING.has(kind) ? Math.min(0, lasting) : 0;
  return 0.5 * shape + rain;
}

/**
 * What it adds to the logarithm of the probability of a cause that stays once it has come, or comes at the same hours again,
 * that the next day does not show it. Snow goes by itself.
 * @param projections its days, the last of which is the next day
 */
export function goneWeight(kind: string, projections: readonly Projection[]): number {
  const [then, next] = projections.slice(-2);
  if (kind === 'snow' || then === undefined || next === undefined || !(then.a > 0)) return 0;
  const size = then.b / then.a;
  return Math.max(-2 * MOST, Math.min(0, size * next.b - 0.5 * size * size * next.a));
}

/**
 * What a course adds to the logarithm of the probability of dust: it does not come in a day.
 * @param loss logarithmic loss of light at size 1
 */
export const dustWeight = ({ leap }: Course, loss: number): number =>
  -Math.min(2 * MOST, Math.max(0, leap * loss - DUST.most) / DUST.more);

/** The clearer of two views of a course: growth that has come to its end was growth. */
export const clearer = (one: Course, other: Course): Course => ({
  growth: Math.abs(one.growth) > Math.abs(other.growth) ? one.growth : other.growth,
  lasting: Math.abs(one.lasting) > Math.abs(other.lasting) ? one.lasting : other.lasting,
  leap: Math.max(one.leap, other.leap),
});
