import { packFloats32, unpackFloats32 } from '../neural/pack.js';
import type { Course } from './course.js';
import { type FittedLifeEngine, type LifeEngine, type LifeEngineSpec, rowsOf, strideOf } from './engine.js';

/** The library of an engine: moments of lives with what came after. */
interface Library {
  /** `width` numbers a moment: what the wear was at each lag, then the age. */
  readonly moments: Float32Array;
  /** Units until the end, up to the cap. */
  readonly remaining: Float32Array;
  /** Where each life's moments begin, and the end of the last. */
  readonly starts: Float32Array;
  /** By how much each number of a moment is multiplied before distances are taken. */
  readonly scale: Float32Array;
  readonly bandwidth: number;
}

/** Lags at which the wear is compared, in windows. */
const LAGS = [0, 1 / 6, 1 / 3, 2 / 3, 1, 1.5, 2, 3];
/** Most moments that are kept. */
const MOST = 8000;
/** Bandwidths that are tried, in units of the median distance to the best match. */
const BANDWIDTHS = [0.35, 0.5, 0.7, 1, 1.4];

/**
 * Trajectory matching: the last stretch of an asset's wear is laid along each life of the library where it fits best, and
 * what came after there is averaged by how well it fits (Wang, Yu, Siegel & Lee 2008).
 */
export function similarityEngine(): LifeEngine {
  return {
    name: 'similarity',
    *fit(lives, spec) {
      const useful = lives.filter(({ failed, remaining }) => failed || (remaining[0] as number) >= spec.cap);
      const stride = strideOf(useful, MOST);
      const width = LAGS.length + 1;
      const parts = useful.map((life) => {
        const rows = rowsOf(life, stride).filter((row) => life.failed || (life.remaining[row] as number) >= spec.cap);
        return {
          moments: momentsOf(life, rows, spec),
          remaining: Array.from(rows, (row) => Math.min(spec.cap, life.remaining[row] as number)),
        };
      });
      const starts = Float32Array.of(0, ...parts.map(({ remaining }) => remaining.length));
      for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
      const moments = new Float32Array((starts.at(-1) as number) * width);
      parts.forEach((part, i) => {
        moments.set(part.moments, (starts[i] as number) * width);
      });
      yield { phase: 'gathering moments', done: 1, total: 2 };
      const draft: Library = {
        moments,
        remaining: Float32Array.from(parts.flatMap(({ remaining }) => remaining)),
        starts,
        scale: scalesOf(moments, width),
        bandwidth: 1,
      };
      return fitted({ ...draft, bandwidth: chooseBandwidth(draft) }, spec);
    },
    fromJSON(state, spec) {
      const { bandwidth, ...packed } = state as Record<'moments' | 'remaining' | 'starts' | 'scale', string> & {
        bandwidth: number;
      };
      return fitted(
        {
          moments: unpackFloats32(packed.moments),
          remaining: unpackFloats32(packed.remaining),
          starts: unpackFloats32(packed.starts),
          scale: unpackFloats32(packed.scale),
          bandwidth,
        },
        spec,
      );
    },
  };
}

/** For each row the smoothed wear at the lags, then the age; NaN before the first row. */
function momentsOf(course: Course, rows: ArrayLike<number>, { window, age }: LifeEngineSpec): Float32Array {
  const smooth = Math.max(3, Math.round(window / 3));
  const sums = course.sums[course.channels.length];
  const result = new Float32Array(rows.length * (LAGS.length + 1));
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    for (const lag of LAGS) {
      const to = row + 1 - Math.round(lag * window);
      result[at++] = to < 1 ? Number.NaN : (sums?.mean(Math.max(0, to - smooth), to) ?? Number.NaN);
    }
    result[at++] = age ? (course.age[row] as number) : 0;
  }
  return result;
}

/** One over the deviation of the wear for all lags alike; of the age half as much. */
function scalesOf(moments: Float32Array, width: number): Float32Array {
  const deviation = (column: number) => {
    const values: number[] = [];
    for (let i = column; i < moments.length; i += width)
      if (Number.isFinite(moments[i])) values.push(moments[i] as number);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length));
  };
  const wear = 1 / Math.max(1e-9, deviation(0));
  const age = deviation(width - 1);
  return Float32Array.from({ length: width }, (_, k) => (k < width - 1 ? wear : age > 0 ? 0.5 / age : 0));
}

/** The best match in each life: its square distance a number, and what came after; `but` is left out. */
function matches(
  library: Library,
  query: Float32Array,
  from: number,
  but = -1,
): { distance: number; remaining: number }[] {
  const { moments, remaining, starts, scale } = library;
  const width = scale.length;
  const found: { distance: number; remaining: number }[] = [];
  for (let life = 0; life < starts.length - 1; life++) {
    if (life === but) continue;
    let least = Number.POSITIVE_INFINITY;
    let best = -1;
    for (let m = starts[life] as number; m < (starts[life + 1] as number); m++) {
      let sum = 0;
      let count = 0;
      for (let k = 0; k < width; k++) {
        const difference = ((query[from + k] as number) - (moments[m * width + k] as number)) * (scale[k] as number);
        // A lag from before the first row of either tells nothing.
        if (Number.isNaN(difference)) continue;
        sum += difference * difference;
        count++;
      }
      const distance = sum / count;
      if (distance < least) {
        least = distance;
        best = m;
      }
    }
    if (best >= 0) found.push({ distance: least, remaining: remaining[best] as number });
  }
  return found;
}

function average(found: readonly { distance: number; remaining: number }[], bandwidth: number) {
  const least = found.reduce((min, { distance }) => Math.min(min, distance), Number.POSITIVE_INFINITY);
  let total = 0;
  let sum = 0;
  let square = 0;
  for (const { distance, remaining } of found) {
    const weight = Math.exp((least - distance) / (2 * bandwidth * bandwidth));
    total += weight;
    sum += weight * remaining;
    square += weight * remaining * remaining;
  }
  const center = sum / total;
  return { center, spread: Math.sqrt(Math.max(0, square / total - center * center)) };
}

/** The bandwidth with the least square error when each life is matched against the others. */
function chooseBandwidth(library: Library): number {
  const { starts, remaining, scale, moments } = library;
  const every = Math.max(1, Math.floor(remaining.length / 400));
  const trials: { found: ReturnType<typeof matches>; truth: number }[] = [];
  for (let life = 0; life < starts.length - 1; life++) {
    for (let m = starts[life] as number; m < (starts[life + 1] as number); m += every) {
      const found = matches(library, moments, m * scale.length, life);
      if (found.length > 0) trials.push({ found, truth: remaining[m] as number });
    }
  }
  const nearest = trials.map(({ found }) => Math.min(...found.map(({ distance }) => distance))).sort((a, b) => a - b);
  const unit = Math.sqrt(Math.max(1e-9, nearest[nearest.length >> 1] ?? 1));
  let best = unit;
  let least = Number.POSITIVE_INFINITY;
  for (const factor of BANDWIDTHS) {
    const error = trials.reduce(
      (sum, { found, truth }) => sum + (average(found, factor * unit).center - truth) ** 2,
      0,
    );
    if (error < least) {
      least = error;
      best = factor * unit;
    }
  }
  return best;
}

function fitted(library: Library, spec: LifeEngineSpec): FittedLifeEngine {
  return {
    outlook(course, rows) {
      const queries = momentsOf(course, rows, spec);
      const center = new Float64Array(rows.length);
      const spread = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) {
        const found = matches(library, queries, i * library.scale.length);
        const answer = average(found, library.bandwidth);
        center[i] = answer.center;
        spread[i] = answer.spread;
      }
      return { center, spread };
    },
    toJSON: () => ({
      moments: packFloats32(library.moments),
      remaining: packFloats32(library.remaining),
      starts: packFloats32(library.starts),
      scale: packFloats32(library.scale),
      bandwidth: library.bandwidth,
    }),
  };
}
