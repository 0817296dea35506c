import type { Matrix } from '../matrix.js';
import type { Course } from './course.js';

/** How the course of a channel is summed up. */
export interface RulFeatureOptions {
  /** Rows that are looked back on. */
  readonly window: number;
  /** Rows at the beginning that tell what is usual for this very asset; 0: nothing is compared with them. */
  readonly baseline: number;
  /** Whether the time since the first row is a feature. */
  readonly age: boolean;
}

/** One number that sums up a channel. */
interface Summary {
  readonly kind: 'level' | 'slope' | 'change' | 'spread';
  /** Rows that it looks back on. */
  readonly rows: number;
}

/** What is said of each channel. */
function channelSummaries({ window, baseline }: RulFeatureOptions): Summary[] {
  return [
    { kind: 'level', rows: Math.max(2, Math.round(window / 6)) },
    { kind: 'level', rows: Math.max(3, Math.round(window / 2)) },
    { kind: 'level', rows: window },
    { kind: 'slope', rows: window },
    ...(baseline > 0 ? [{ kind: 'change', rows: Math.max(3, Math.round(window / 2)) } as const] : []),
    { kind: 'spread', rows: window },
  ];
}

/** What is said of the wear: more, since it is the least noisy. */
function wearSummaries({ window, baseline }: RulFeatureOptions): Summary[] {
  const part = (share: number) => Math.max(3, Math.round(window * share));
  return [
    ...[1 / 10, 1 / 5, 1 / 3, 2 / 3, 1, 2].map((share) => ({ kind: 'level', rows: part(share) }) as const),
    ...[1 / 3, 2 / 3, 1, 2, 4].map((share) => ({ kind: 'slope', rows: part(share) }) as const),
    ...(baseline > 0 ? [1 / 3, 1] : []).map((share) => ({ kind: 'change', rows: part(share) }) as const),
    { kind: 'spread', rows: part(1) },
  ];
}

/** What a feature is of and says, for explanations. */
export interface RulFeature {
  /** A channel's name, `wear` or `age`. */
  readonly channel: string;
  readonly kind: Summary['kind'] | 'age';
  /** Rows that it looks back on; 0: all. */
  readonly rows: number;
}

/** The features in the order of the columns. */
export function rulFeatureList(channels: readonly string[], options: RulFeatureOptions): RulFeature[] {
  return [
    ...channels.flatMap((channel) => channelSummaries(options).map((summary) => ({ channel, ...summary }))),
    ...wearSummaries(options).map((summary) => ({ channel: 'wear', ...summary })),
    ...(options.age ? [{ channel: 'age', kind: 'age', rows: 0 } as const] : []),
  ];
}

/** Columns of the matrix that `writeFeatures` fills. */
export function featureCount(channels: number, options: RulFeatureOptions): number {
  return channels * channelSummaries(options).length + wearSummaries(options).length + (options.age ? 1 : 0);
}

/**
 * The features of some rows of a course: per channel means over several windows, slope, change against the asset's first
 * rows, and standard deviation; of the wear, more. A feature without a value is NaN, which the trees take.
 */
export function rulFeatures(course: Course, rows: ArrayLike<number>, options: RulFeatureOptions): Matrix {
  const columns = featureCount(course.channels.length, options);
  const data = new Float64Array(rows.length * columns);
  writeFeatures(course, rows, options, data, 0);
  return { data, rows: rows.length, columns };
}

/** The same into `data` from `at` on. */
export function writeFeatures(
  course: Course,
  rows: ArrayLike<number>,
  options: RulFeatureOptions,
  data: Float64Array,
  at: number,
): void {
  const perChannel = channelSummaries(options);
  const ofWear = wearSummaries(options);
  let place = at;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    course.sums.forEach((sums, c) => {
      for (const { kind, rows: back } of c === course.channels.length ? ofWear : perChannel) {
        const from = Math.max(0, row + 1 - back);
        if (kind === 'level') data[place++] = sums.mean(from, row + 1);
        else if (kind === 'slope') data[place++] = sums.slope(from, row + 1);
        else if (kind === 'spread') data[place++] = sums.deviation(from, row + 1);
        // The first rows are only the asset's own standard once they lie behind.
        else data[place++] = sums.mean(from, row + 1) - sums.mean(0, Math.min(options.baseline, row + 1));
      }
    });
    if (options.age) data[place++] = course.age[row] as number;
  }
}
