import type { Course } from './course.js';
import { WindowSums } from './windows.js';

/** One way in which assets fail, as JSON data. The way along it is about 0 while sound and about 1 at failure. */
export interface FailureMode {
  /** What each channel's distance from sound is multiplied by. */
  readonly weight: readonly number[];
  /** The same so that the way is told as exactly as can be beside what sound assets differ by: it tells which mode it is. */
  readonly telling: readonly number[];
  /** How far each channel is from sound at failure. */
  readonly end: readonly number[];
  /** How many standard deviations of sound assets lie between sound and failed, so told. */
  readonly reach: number;
  /** Standard deviation of sound assets along the way. */
  readonly offset: number;
  /** Standard deviation of a week's mean along the way, of one sound asset. */
  readonly noise: number;
  /** The same of a worn asset, as a part of the way gone: how much the weather or the load lets its wear show. */
  readonly uneven: number;
  /** How far off it is told how far an asset can go, standard deviation of the logarithm. */
  readonly doubt: number;
  /** By which channels, with the wear taken off, and then by which constant, is told how far beyond 1 this asset can go. */
  readonly beyond: readonly number[];
}

/** All ways in which assets of a kind fail, as JSON data. */
export interface FailureModes {
  /** What each channel shows while nothing wears. */
  readonly sound: readonly number[];
  readonly modes: readonly FailureMode[];
}

/** A course as seen along one mode. */
export interface Way {
  /** Means of the last rows. */
  readonly smooth: Float64Array;
  /** Sums of the rows one by one. */
  readonly sums: WindowSums;
  /** Means of the last rows along the direction that tells the mode, in standard deviations of sound assets. */
  readonly telling: Float64Array;
}

/** Rows over which channels are smoothed: a week of days. */
export const SMOOTH = 7;
/** No asset fails before this part of the way. */
const LEAST_WAY = 0.3;

/** A course as seen along each mode. */
export function waysOf(course: Course, { sound, modes }: FailureModes): Way[] {
  const along = (channels: readonly Float64Array[], weight: readonly number[]) => {
    const way = new Float64Array(course.length);
    channels.forEach((values, c) => {
      const [w, level] = [weight[c] as number, sound[c] as number];
      for (let row = 0; row < way.length; row++)
        way[row] = (way[row] as number) + w * known((values[row] as number) - level);
    });
    return way;
  };
  const [weekly, daily] = [smoothed(course, SMOOTH), smoothed(course, 1)];
  return modes.map(({ weight, telling, reach }) => ({
    smooth: along(weekly, weight),
    sums: new WindowSums(along(daily, weight)),
    telling: along(weekly, telling).map((way) => way * reach),
  }));
}

/** How far along its mode a life ended. */
export function endOf({ length }: Course, { smooth }: Way): number {
  return Math.max(LEAST_WAY, smooth[length - 1] as number);
}

/** How far along a mode this asset will be when it fails, as its rows `from` ≤ i ≤ `row` tell. */
export function wayToFailure(
  course: Course,
  way: Way,
  { sound, modes }: FailureModes,
  mode: number,
  from: number,
  row: number,
): number {
  const { beyond } = modes[mode] as FailureMode;
  const point = bareMeans(course, way, { sound, modes }, mode, from, row);
  const told = point.reduce((sum, value, c) => sum + value * (beyond[c] as number), 1);
  // It has not failed yet.
  return Math.max(LEAST_WAY, 0.98 * (way.smooth[row] as number), told);
}

/** Mean of each channel with the wear taken off, then 1. */
export function bareMeans(
  course: Course,
  { sums }: Way,
  { sound, modes }: FailureModes,
  mode: number,
  from: number,
  row: number,
): number[] {
  const { end } = modes[mode] as FailureMode;
  const worn = sums.mean(from, row + 1);
  return [
    ...end.map((far, c) =>
      known((course.sums[c]?.mean(from, row + 1) ?? Number.NaN) - (sound[c] as number) - worn * far),
    ),
    1,
  ];
}

/** Each channel's mean over the last rows; where these have no value, the one before. */
export function smoothed(course: Course, rows: number): Float64Array[] {
  return course.channels.map((values, c) => {
    let before = Number.NaN;
    return values.map((_, row) => {
      const mean = course.sums[c]?.mean(Math.max(0, row + 1 - rows), row + 1) ?? Number.NaN;
      if (Number.isFinite(mean)) before = mean;
      return before;
    });
  });
}

/** What is missing is taken as usual. */
export function known(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
