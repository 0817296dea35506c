import { dayMs, hourMs, minuteMs } from '../contract/time.js';
import { bucketFields, field } from './codec/buckets.js';

/** Steps that are kept; days are made of hours when they are read. Each is a multiple of the one before. */
export const keptSteps = { '1m': minuteMs, '15m': 15 * minuteMs, '1h': hourMs } as const;
export type KeptStep = keyof typeof keptSteps;
export const keptKinds = Object.keys(keptSteps) as KeptStep[];

/** A bucket of one step that is being filled. */
interface Open {
  readonly width: number;
  readonly buckets: number;
  readonly into: Float64Array;
  bucket: number;
  start: number;
  end: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  area: number;
}

/**
 * Adds one channel's samples of a day to the buckets of all steps in one pass: `into[k]` belongs to `keptKinds[k]` and has
 * `bucketFields` × buckets. The area of a bucket is the trapezoid rule inside it, its first and last value held to its edges.
 */
export function rollDay(time: Float64Array, column: Float64Array, origin: number, into: readonly Float64Array[]): void {
  const levels = keptKinds.map((kind, k): Open => {
    const width = keptSteps[kind];
    const none = { bucket: -1, start: 0, end: Number.NEGATIVE_INFINITY, count: 0, sum: 0, min: 0, max: 0, area: 0 };
    return { width, buckets: dayMs / width, into: into[k] as Float64Array, ...none };
  });
  const finest = levels[0] as Open;
  let lastTime = 0;
  let lastValue = 0;
  // The finest bucket is filled in local variables: all but one sample of each only come here.
  let end = Number.NEGATIVE_INFINITY;
  let count = 0;
  let sum = 0;
  let min = 0;
  let max = 0;
  let inside = 0;
  const settle = () => {
    finest.count = count;
    finest.sum = sum;
    finest.min = min;
    finest.max = max;
    for (const level of levels) level.area += inside;
  };
  for (let i = 0; i < time.length; i++) {
    const value = column[i] as number;
    if (Number.isNaN(value)) continue;
    const t = time[i] as number;
    const area = ((value + lastValue) / 2) * (t - lastTime);
    if (t < end) {
      count++;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
      inside += area;
    } else {
      settle();
      for (let k = 0; k < levels.length; k++) {
        const level = levels[k] as Open;
        if (t < level.end) level.area += area;
        else {
          close(level, levels[k + 1], lastTime, lastValue);
          open(level, origin, t, value);
        }
      }
      end = finest.end;
      count = 1;
      sum = value;
      min = value;
      max = value;
      inside = 0;
    }
    lastTime = t;
    lastValue = value;
  }
  settle();
  levels.forEach((level, k) => {
    close(level, levels[k + 1], lastTime, lastValue);
  });
}

function open(level: Open, origin: number, t: number, value: number): void {
  level.bucket = Math.floor((t - origin) / level.width);
  level.start = origin + level.bucket * level.width;
  level.end = level.start + level.width;
  level.count = 0;
  level.sum = 0;
  level.area = value * (t - level.start);
}

/** Writes a bucket down and adds it to the one of the next coarser step, which is still open. */
function close(level: Open, coarser: Open | undefined, lastTime: number, lastValue: number): void {
  if (level.bucket < 0) return;
  const { bucket, buckets, into, count, sum, min, max } = level;
  into[field.count * buckets + bucket] = count;
  into[field.sum * buckets + bucket] = sum;
  into[field.min * buckets + bucket] = min;
  into[field.max * buckets + bucket] = max;
  into[field.last * buckets + bucket] = lastValue;
  into[field.area * buckets + bucket] = level.area + lastValue * (level.end - lastTime);
  if (coarser === undefined) return;
  coarser.min = coarser.count === 0 ? min : Math.min(coarser.min, min);
  coarser.max = coarser.count === 0 ? max : Math.max(coarser.max, max);
  coarser.count += count;
  coarser.sum += sum;
}

/** Room for the buckets of a day of one step, all empty. */
export function emptyBuckets(kind: KeptStep): Float64Array {
  return new Float64Array((bucketFields.length * dayMs) / keptSteps[kind]);
}
