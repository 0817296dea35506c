import type { Frame } from '../../core/frame.js';
import { LEAST_ROWS } from './engine.js';
import { type Learned, mixed } from './learn.js';
import type { ResolvedRul } from './options.js';
import type { FaultRisk } from './risks.js';

/** An interval that holds the truth with probability `level` %. */
export interface LifeInterval {
  readonly level: number;
  readonly lower: number;
  /** Where it is the predictor's `cap`, it means "that long or longer". */
  readonly upper: number;
}

/** What is said about an asset's remaining life. All lengths are in the predictor's `unit` (days by default). */
export interface RULPrediction {
  /** Time of the last row that was looked at. */
  readonly time: number;
  /** As likely too long as too short; null where nothing can be said, for `reason`. */
  readonly median: number | null;
  /** The mean: the best guess where large errors count most; null as the median. */
  readonly mean: number | null;
  /** From the narrowest to the widest. Likely to be off at either end, unless one end is the cap. */
  readonly intervals: readonly LifeInterval[];
  /** Probability that it fails within each of the horizons. */
  readonly failureWithin: Readonly<Record<number, number>> | null;
  /** What it most likely fails of; null where the histories did not tell faults. */
  readonly fault: string | null;
  /** All faults that it may fail of, most likely first. */
  readonly faults: readonly FaultRisk[];
  /**
   * 0…1: by how much the 80 % interval is narrower than that of an asset of which nothing is known. Null where there is
   * nothing to compare with.
   */
  readonly confidence: number | null;
  /** What the answer rests on. */
  readonly evidence: {
    /** Rows that were looked at. */
    readonly rows: number;
    /** Units from the last row to the time for which was asked. */
    readonly age: number;
  };
  /** Why there is no answer. */
  readonly reason?: string;
}

/** Options of a prediction; all have defaults. */
export interface PredictLifeOptions {
  /** For which time is asked, on the frame's axis; the asset has not failed until then. Default: the last row's. */
  readonly now?: number | undefined;
  /** When it was last made as new: rows before say nothing. */
  readonly since?: number | undefined;
}

/** Of the equally likely lives, so many must outlast the age of the evidence. */
const LEAST_OUTLASTING = 5;

/** The remaining life at the last row of `frame`. */
export function predictLife(
  learned: Learned,
  { cap, unit, window, levels, horizons }: ResolvedRul,
  history: Frame,
  { now, since }: PredictLifeOptions = {},
): RULPrediction {
  const frame = since === undefined ? history : history.slice(since);
  const time = frame.time[frame.length - 1] ?? Number.NaN;
  const age = Math.max(0, ((now ?? time) - time) / unit) || 0;
  const evidence = { rows: frame.length, age };
  const nothing = (reason: string): RULPrediction => ({
    time,
    median: null,
    mean: null,
    intervals: [],
    failureWithin: null,
    fault: null,
    faults: [],
    confidence: null,
    evidence,
    reason,
  });
  if (frame.length < LEAST_ROWS)
    return nothing(`It takes at least ${LEAST_ROWS} rows of history; so far there are ${frame.length}.`);
  const course = learned.preparation.course(frame);
  const from = Math.max(0, frame.length - window);
  if (course.channels.every((values) => values.subarray(from).every(Number.isNaN)))
    return nothing('No channel has a value in the rows that are looked back on.');
  const row = frame.length - 1;
  const { center, spread } = mixed(
    learned.members.map(({ weight, fitted }) => {
      const outlook = fitted.outlook(course, [row]);
      return { center: outlook.center[0] as number, spread: outlook.spread[0] as number, weight };
    }),
  );
  const all = learned.calibration.lives(center, spread, cap);
  // It has lasted since the last row: what would have ended until then is out.
  const lives = age === 0 ? all : all.filter((life) => life > age).map((life) => life - age);
  if (lives.length < LEAST_OUTLASTING)
    return nothing(`The last row is ${round(age)} units old: by then it would most likely have failed.`);
  const top = cap - age;
  const width = interval(lives, 80, top);
  const faults = learned.risks?.at(course, row) ?? [];
  return {
    time,
    median: quantile(lives, 0.5),
    mean: lives.reduce((sum, life) => sum + life, 0) / lives.length,
    intervals: levels.map((level) => interval(lives, level, top)),
    failureWithin: Object.fromEntries(horizons.map((horizon) => [horizon, shareBelow(lives, horizon, top)])),
    fault: faults[0]?.fault ?? null,
    faults,
    confidence:
      learned.ignorance > 0 ? Math.max(0, Math.min(1, 1 - (width.upper - width.lower) / learned.ignorance)) : null,
    evidence,
  };
}

/**
 * Of equal tails; but where the upper tail would be cut off by the cap, all of the tail is below, since nothing can be longer
 * than "that long or longer".
 */
function interval(lives: Float64Array, level: number, top: number): LifeInterval {
  const tail = (1 - level / 100) / 2;
  const upper = quantile(lives, 1 - tail);
  return upper >= top
    ? { level, lower: quantile(lives, 2 * tail), upper }
    : { level, lower: quantile(lives, tail), upper };
}

/** The `p` quantile of equally likely values, of which each stands for the middle of its part. */
function quantile(sorted: Float64Array, p: number): number {
  const place = Math.max(0, Math.min(sorted.length - 1, p * sorted.length - 0.5));
  const low = Math.floor(place);
  const a = sorted[low] as number;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return a + (place - low) * (b - a);
}

/** The probability of a life of at most `limit`. A life at the cap is longer than that. */
function shareBelow(sorted: Float64Array, limit: number, top: number): number {
  let count = 0;
  for (const life of sorted) if (life <= limit && life < top) count++;
  return count / sorted.length;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
