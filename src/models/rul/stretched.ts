import { SMOOTH } from './modes.js';
import { Tally, type Told } from './tally.js';
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

/** A life with how far its way is at most from each moment back on, and at least up to it: where it can be is found at once. */
interface BoundedCurve extends Curve {
  readonly most: Float32Array;
  readonly least: Float32Array;
}

/** Lives, ready to be asked, with what is said at most. */
export interface Library {
  readonly curves: readonly BoundedCurve[];
  /** Longest remaining life that is told apart, in units. */
  readonly longest: number;
}

/** An asset as it is seen along one mode. */
export interface View {
  readonly mode: number;
  /** How unlikely it is that it fails this way, as the logarithm of odds. */
  readonly unlikely: number;
  readonly sums: WindowSums;
  /** How far it will be when it fails: what is seen is divided by that. */
  readonly total: number;
  /** Standard deviation of the mean of a week of a sound asset, in parts of the total; and of a worn one, in parts of the way gone. */
  readonly noise: number;
  readonly uneven: number;
  /** By how much one sound asset differs from another, standard deviation in parts of the total. */
  readonly offset: number;
  /** Standard deviation of the logarithm of the total, as told. */
  readonly doubt: number;
}

/** Stretches of time by which lives are tried, from less than a third to more than three times, and how unlikely they are. */
const STRETCHES = Float64Array.from({ length: 7 }, (_, i) => Math.exp(Math.log(3) * (i / 3 - 1)));
const STRETCH_DEVIATION = 0.35;
const UNLIKELY = STRETCHES.map((stretch) => 0.5 * (Math.log(stretch) / STRETCH_DEVIATION) ** 2);
/** What is seen is cut in so many parts at the most, each of at least so many rows; the means are of so many, the newest first. */
const PARTS = 16;
const LEAST_PART = 4;
const SIZES = [1, 1, 1, 1, 2, 2, 2, 2, 4] as const;
/** No life of the library is like another: each part of its way may be off by so much of it. */
const UNLIKE = 0.1;
/** Neighbouring means do not err on their own: squares count so much less. */
const TEMPER = 1.5;
/** So many means tell where on a life an asset can be at all. */
const TELLING = 3;
/** Every how many moments are looked at, pass after pass, until what counts is worth so many equally likely ones. */
const STRIDES = [64, 16, 4, 2, 1] as const;
const ENOUGH = 200;

/** Makes lives ready to be asked. */
export function libraryOf(curves: readonly Curve[], longest: number): Library {
  return {
    curves: curves.map((curve) => {
      const most = curve.points.slice();
      const least = curve.points.slice();
      for (let i = 1; i <= POINTS; i++) {
        least[i] = Math.min(least[i] as number, least[i - 1] as number);
        most[POINTS - i] = Math.max(most[POINTS - i] as number, most[POINTS - i + 1] as number);
      }
      return { ...curve, most, least };
    }),
    longest,
  };
}

/**
 * The remaining life of an asset whose rows `from` ≤ i ≤ `row` are seen: each life of the library, from each of its moments
 * on and in each stretch of time, counts by how well its past fits what is seen. A shift of all that is seen is free within
 * what sound assets differ by. While much fits, as with a sound asset, some of the moments, spread over all, say the same.
 */
export function remainingOf(
  { curves, longest }: Library,
  views: readonly View[],
  age: Float64Array,
  from: number,
  row: number,
): Told {
  const rows = row - from + 1;
  const block = Math.max(LEAST_PART, Math.ceil(rows / PARTS));
  const spacing = (block * ((age[row] as number) - (age[from] as number))) / Math.max(1, row - from);
  const means = meansOf(Math.max(1, Math.floor(rows / block)));
  const sights: Sight[] = [];
  for (const view of views) sights[view.mode] = sightOf(view, row, block, spacing, means);
  const tally = new Tally(longest);
  let before = 0;
  for (const stride of STRIDES) {
    for (let c = 0; c < curves.length; c++) {
      const curve = curves[c] as BoundedCurve;
      const sight = sights[curve.mode];
      if (sight !== undefined) lay(tally, curve, c, sight, stride, before);
    }
    if (tally.worth >= ENOUGH) break;
    before = stride;
  }
  return tally.told();
}

/** What is seen along one mode, as means of blocks of rows. */
interface Sight {
  readonly seen: Float64Array;
  readonly weight: Float64Array;
  /** How far back the middle of each block is, in units. */
  readonly back: Float64Array;
  readonly offset: number;
  readonly doubt: number;
  readonly unlikely: number;
  /** Room for the first and last place on a life where each of the first means can lie. */
  readonly first: Float64Array;
  readonly last: Float64Array;
}

/** How many parts each mean is of, and how many newer ones there are: the newest, the oldest, then those between. */
function meansOf(parts: number): { readonly size: number; readonly newer: number }[] {
  const means: { size: number; newer: number }[] = [];
  let newer = 0;
  for (const size of SIZES) {
    if (newer >= parts) break;
    means.push({ size: Math.min(size, parts - newer), newer });
    newer += size;
  }
  // What does not fit is soonest seen at the ends.
  return [...means.slice(0, 1), ...means.slice(1).slice(-1), ...means.slice(1, -1)];
}

function sightOf(
  { sums, total, noise, uneven, offset, doubt, unlikely }: View,
  row: number,
  block: number,
  spacing: number,
  means: ReturnType<typeof meansOf>,
): Sight {
  const room = () => new Float64Array(means.length);
  const [seen, weight, back] = [room(), room(), room()];
  means.forEach(({ size, newer }, k) => {
    const way = sums.mean(Math.max(0, row + 1 - (newer + size) * block), row + 1 - newer * block) / total;
    seen[k] = way;
    const rows = block * size;
    const apart = ((uneven * uneven * SMOOTH) / rows + (UNLIKE * UNLIKE) / size) * way * way;
    weight[k] = 1 / (TEMPER * ((noise * noise * SMOOTH) / rows + apart + 1e-12));
    back[k] = (newer + size / 2) * spacing;
  });
  return { seen, weight, back, offset, doubt, unlikely, first: room(), last: room() };
}

/** Lays what is seen along one life, at every `stride`-th moment but for those of every `before`-th. */
function lay(
  tally: Tally,
  { points, most, least, length }: BoundedCurve,
  place: number,
  sight: Sight,
  stride: number,
  before: number,
): void {
  const { seen, back, first, last } = sight;
  const told = Math.min(TELLING, seen.length);
  for (let k = 0; k < told; k++) {
    const bound = farthest(tally.least + sight.unlikely, sight, k);
    const from = firstBelow(least, (seen[k] as number) + bound) - 1;
    const to = firstBelow(most, (seen[k] as number) - bound);
    if (to === 0 || from === POINTS) return;
    first[k] = from;
    // Before its first row a life was what it was then.
    last[k] = to > POINTS ? Number.POSITIVE_INFINITY : to;
  }
  for (let s = 0; s < STRETCHES.length; s++) {
    const span = (STRETCHES[s] as number) * length;
    const pace = POINTS / Math.max(1e-9, span);
    const unlikely = sight.unlikely + (UNLIKELY[s] as number);
    let low = 0;
    let end = POINTS;
    for (let k = 0; k < told; k++) {
      const off = (back[k] as number) * pace;
      low = Math.max(low, (first[k] as number) - off);
      end = Math.min(end, (last[k] as number) - off);
    }
    // Each life and stretch begins elsewhere.
    const own = place * 37 + s * 23;
    const start = own & (stride - 1);
    const skipped = before === 0 ? -1 : own & (before - 1);
    let moment = low > start ? start + stride * Math.ceil((low - start) / stride) : start;
    for (; moment < end; moment += stride) {
      if (skipped >= 0 && (moment & (before - 1)) === skipped) continue;
      const log = -unlikely - misfit(points, moment, pace, sight, tally.least + unlikely);
      if (log >= tally.least) tally.add((span * moment) / POINTS, log);
    }
  }
}

/** How far a mean may be from a life that is to count: beyond, no shift or scale makes it as likely as `least`. */
function farthest(least: number, { seen, weight, offset, doubt }: Sight, k: number): number {
  const scale = 1.5 * doubt * (seen[k] as number);
  return Math.sqrt(Math.max(0, -2 * least * (1 / (weight[k] as number) + offset * offset + scale * scale)));
}

/** The first point of a way that never grows at which it is below a level, or one beyond the last. */
function firstBelow(points: Float32Array, level: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as number) < level) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Half the square distance of what is seen from a life, as far as no shift or scale explains it; it is left off once it is too much. */
function misfit(
  points: Float32Array,
  moment: number,
  pace: number,
  { seen, weight, back, offset, doubt }: Sight,
  least: number,
): number {
  let s0 = 1 / (offset * offset);
  let s1 = 0;
  let s2 = 1 / (doubt * doubt);
  let r0 = 0;
  let r1 = 0;
  let second = 0;
  let half = 0;
  for (let k = 0; k < seen.length; k++) {
    const place = moment + (back[k] as number) * pace;
    const low = place | 0;
    const way =
      low >= POINTS
        ? // Before its first row a life was what it was then.
          (points[POINTS] as number)
        : (points[low] as number) + (place - low) * ((points[low + 1] as number) - (points[low] as number));
    const off = (seen[k] as number) - way;
    const w = weight[k] as number;
    const wf = w * way;
    s0 += w;
    s1 += wf;
    s2 += wf * way;
    r0 += w * off;
    r1 += wf * off;
    second += w * off * off;
    half = 0.5 * (second - (s2 * r0 * r0 - 2 * s1 * r0 * r1 + s0 * r1 * r1) / (s0 * s2 - s1 * s1));
    if (-half < least) break;
  }
  return half;
}
