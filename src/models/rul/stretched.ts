import type { WindowSums } from './windows.js';

/** Parts that a life of the library is kept in. */
export const POINTS = 60;

/** A life of the library. */
export interface Curve {
  readonly mode: number;
  /** From its first row to its last, in units. */
  readonly length: number;
  /** The way from its end (1) back to its beginning, evenly in time. */
  readonly points: Float32Array;
}

/** Lives with what is said at most. */
export interface Library {
  readonly curves: readonly Curve[];
  /** Longest remaining life that is told apart, in units. */
  readonly longest: number;
}

/** An asset as it is seen along one mode. */
export interface View {
  readonly mode: number;
  readonly sums: WindowSums;
  /** How far it will be when it fails: what is seen is divided by that. */
  readonly total: number;
  /** Standard deviation of the mean of a week, and of what one sound asset differs from another, in parts of the total. */
  readonly noise: number;
  readonly offset: number;
}

/** Quantiles of the remaining life. */
export interface Told {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Stretches of time by which lives are tried, from less than a third to more than three times, and how likely they are. */
const STRETCHES = Array.from({ length: 11 }, (_, i) => Math.exp(Math.log(3) * (i / 5 - 1)));
const STRETCH_DEVIATION = 0.35;
/** What is seen is taken in so many means at the most, each of at least so many rows. */
const BLOCKS = 16;
const LEAST_BLOCK = 4;
const WEEK = 7;
/** Wear itself goes up and down by this part of it. */
const UNEVEN = 0.1;
/** Neighbouring means do not err on their own, and no life of the library is like another: squares count so much less. */
const TEMPER = 3;
/** What is e to the −8th as likely as the best does not count. */
const NEGLIGIBLE = 8;
/** Parts of the logarithm of remaining life. */
const BINS = 160;

/**
 * The remaining life of an asset whose rows `from` ≤ i ≤ `row` are seen: each life of the library, from each of its moments
 * on and in each stretch of time, counts by how well its past fits what is seen. A shift of all that is seen is free within
 * what sound assets differ by.
 */
export function remainingOf(
  { curves, longest }: Library,
  views: readonly View[],
  age: Float64Array,
  from: number,
  row: number,
): Told {
  const scale = BINS / Math.log(1 + 3 * longest);
  const logs = new Float64Array(BINS + 1).fill(Number.NEGATIVE_INFINITY);
  const mass = new Float64Array(BINS + 1);
  const block = Math.max(LEAST_BLOCK, Math.ceil((row - from + 1) / BLOCKS));
  const count = Math.max(1, Math.floor((row - from + 1) / block));
  const spacing = (block * ((age[row] as number) - (age[from] as number))) / Math.max(1, row - from);
  const seen = new Float64Array(count);
  const weight = new Float64Array(count);
  let best = Number.NEGATIVE_INFINITY;
  for (const { mode, sums, total, noise, offset } of views) {
    for (let k = 0; k < count; k++) {
      const way = sums.mean(Math.max(0, row + 1 - (k + 1) * block), row + 1 - k * block) / total;
      seen[k] = way;
      weight[k] = 1 / (TEMPER * ((noise * noise * WEEK) / block + (UNEVEN * way) ** 2 + 1e-12));
    }
    for (const { mode: other, length, points } of curves) {
      if (other !== mode) continue;
      for (const stretch of STRETCHES) {
        const step = (spacing / Math.max(1e-9, stretch * length)) * POINTS;
        const before = 0.5 * (Math.log(stretch) / STRETCH_DEVIATION) ** 2;
        // Most moments are out by the newest mean alone.
        const bound = farthest(best - NEGLIGIBLE + before, weight[0] as number, offset);
        for (let moment = 0; moment < POINTS; moment++) {
          if (Math.abs((seen[0] as number) - wayAt(points, moment + 0.5 * step)) > bound) continue;
          const log = -before - misfit(points, moment, step, seen, weight, offset, best - NEGLIGIBLE + before);
          if (log < best - NEGLIGIBLE) continue;
          best = Math.max(best, log);
          add(logs, mass, Math.min(BINS, Math.floor(Math.log(1 + (stretch * length * moment) / POINTS) * scale)), log);
        }
      }
    }
  }
  return quantiles(logs, mass, best, scale, longest);
}

/** How far the newest mean may be from a life that is to count: beyond, no shift makes it as likely as `least`. */
function farthest(least: number, weight: number, offset: number): number {
  return Math.sqrt(Math.max(0, -2 * least * (1 / weight + offset * offset)));
}

/** Before its first row a life was what it was then. */
function wayAt(points: Float32Array, place: number): number {
  if (place >= POINTS) return points[POINTS] as number;
  const low = Math.floor(place);
  const way = points[low] as number;
  return way + (place - low) * ((points[low + 1] as number) - way);
}

/** Half the square distance of what is seen from a life, as far as no shift explains it; it is left off once it is too much. */
function misfit(
  points: Float32Array,
  moment: number,
  step: number,
  seen: Float64Array,
  weight: Float64Array,
  offset: number,
  least: number,
): number {
  let sum = 1 / (offset * offset);
  let first = 0;
  let second = 0;
  let half = 0;
  for (let k = 0; k < seen.length; k++) {
    const off = (seen[k] as number) - wayAt(points, moment + (k + 0.5) * step);
    const w = weight[k] as number;
    sum += w;
    first += w * off;
    second += w * off * off;
    half = 0.5 * (second - (first * first) / sum);
    if (-half < least) break;
  }
  return half;
}

/** Adds e^log to a bin, whose mass is kept relative to its own greatest. */
function add(logs: Float64Array, mass: Float64Array, bin: number, log: number): void {
  const top = logs[bin] as number;
  if (log <= top) mass[bin] = (mass[bin] as number) + Math.exp(log - top);
  else {
    mass[bin] = (mass[bin] as number) * Math.exp(top - log) + 1;
    logs[bin] = log;
  }
}

function quantiles(logs: Float64Array, mass: Float64Array, best: number, scale: number, longest: number): Told {
  // Nothing in the library is of this kind.
  if (best === Number.NEGATIVE_INFINITY) return { low: 0, middle: longest / 2, high: longest };
  const part = mass.map((m, bin) => (m > 0 ? m * Math.exp((logs[bin] as number) - best) : 0));
  const all = part.reduce((sum, p) => sum + p, 0);
  const at = (p: number) => {
    let sum = 0;
    for (let bin = 0; bin <= BINS; bin++) {
      const own = part[bin] as number;
      if (own > 0 && sum + own >= p * all)
        return Math.min(longest, Math.exp((bin + (p * all - sum) / own) / scale) - 1);
      sum += own;
    }
    return longest;
  };
  return { low: at(0.1), middle: at(0.5), high: at(0.9) };
}
