import { TwinergyError } from '../../core/errors.js';
import { type Column, Frame } from '../../core/frame.js';

/** What `buildSeries` reads from a frame, and how. */
export interface SeriesSpec {
  /** The column to forecast. */
  readonly target: string;
  /** Columns that are measured, so known up to the origin only. */
  readonly past: readonly string[];
  /** Columns known ahead of time as well: weather forecasts, calendars, the twin's prediction. */
  readonly known: readonly string[];
  /** ms between steps. */
  readonly step: number;
  /** Known columns as a function of time (ms), by name. They come after those of `known`. */
  readonly covariates?: Readonly<Record<string, (time: number) => number>> | undefined;
  /** What the target would be under a clear sky, or any curve in proportion to it; ≤ 0 at night. */
  readonly clearSky?: ((time: number) => number) | string | undefined;
  /** Properties of this series that do not change. */
  readonly static?: Readonly<Record<string, number>> | undefined;
  /** The typical size of the target where it is known already. Default: its root mean square. */
  readonly scale?: number | undefined;
  /** The factor that brings the clear-sky curve to the size of the target. Default: found from the history. */
  readonly clearSkyFactor?: number | undefined;
}

/**
 * One history on a regular grid, as engines take it. Step `i` covers the time `start + i·step` up to the next; a value is
 * the mean of the readings in it. The target and the past columns reach up to `length`, the known ones up to `extent`.
 */
export interface Series {
  /** ms since the epoch at which step 0 begins. */
  readonly start: number;
  /** ms a step. */
  readonly step: number;
  /** Steps with history. */
  readonly length: number;
  /** Steps for which known columns are there; at least `length`. */
  readonly extent: number;
  /** The target; missing is NaN. */
  readonly target: Float64Array;
  /** The target with gaps filled from what was known at the time, never from later values. */
  readonly filled: Float64Array;
  /** The past columns, gaps filled in the same way. */
  readonly past: readonly Float64Array[];
  /** The known columns, gaps filled with the value before. */
  readonly known: readonly Float64Array[];
  /** The clear-sky curve in the size of the target, never below 0, or null where none was given. */
  readonly clearSky: Float64Array | null;
  /** By what the curve that was given is multiplied in `clearSky`. */
  readonly clearSkyFactor: number;
  /** Values of `SeriesSpec.static`. */
  readonly static: readonly number[];
  /** A typical size of the target (its root mean square), by which engines make series comparable. */
  readonly scale: number;
}

/** Mean of the finite readings of each step; NaN where there are none. */
function toGrid(time: Float64Array, data: Float64Array, start: number, step: number, length: number): Float64Array {
  const sum = new Float64Array(length);
  const count = new Uint32Array(length);
  for (let i = 0; i < time.length; i++) {
    const at = Math.floor(((time[i] as number) - start) / step);
    const value = data[i] as number;
    if (at < 0 || at >= length || !Number.isFinite(value)) continue;
    sum[at] = (sum[at] as number) + value;
    count[at] = (count[at] as number) + 1;
  }
  for (let i = 0; i < length; i++) sum[i] = (sum[i] as number) / (count[i] as number);
  return sum;
}

/**
 * Fills gaps with what was known at the time: a short gap (up to 3 steps) with the value before it, a longer one with the
 * value of the day before; night with 0. A gap at the very beginning takes the first value there is.
 */
export function fillGaps(data: Float64Array, season: number, clearSky: Float64Array | null): Float64Array {
  const filled = Float64Array.from(data);
  const first = data.find((value) => Number.isFinite(value)) ?? 0;
  let gap = 0;
  for (let i = 0; i < filled.length; i++) {
    if (Number.isFinite(filled[i])) {
      gap = 0;
      continue;
    }
    gap++;
    if (clearSky !== null && (clearSky[i] as number) <= 0) filled[i] = 0;
    else if (i === 0) filled[i] = first;
    else if (gap <= 3 || i < season) filled[i] = filled[i - 1] as number;
    else filled[i] = filled[i - season] as number;
  }
  return filled;
}

/** The commonest distance between rows, in ms. */
export function inferStep(frame: Frame): number {
  const { time } = frame;
  if (time.length < 2) return 36e5;
  const gaps = Float64Array.from({ length: time.length - 1 }, (_, i) => (time[i + 1] as number) - (time[i] as number));
  gaps.sort();
  return gaps[gaps.length >> 1] as number;
}

/** Steps of one day, at least 1. */
export function seasonOf(step: number): number {
  return Math.max(1, Math.round(864e5 / step));
}

/**
 * Puts a frame on a regular grid. `until` (ms): the history ends before it, later rows count only for the known columns.
 * `ahead`: steps after the history for which the known columns are wanted.
 * @throws TwinergyError `FORECAST_NO_HISTORY` where the target has no value before `until`
 */
export function buildSeries(frame: Frame, spec: SeriesSpec, ahead: number, until = Number.POSITIVE_INFINITY): Series {
  const { step } = spec;
  const season = seasonOf(step);
  const raw = frame.column(spec.target);
  let first = 0;
  while (first < raw.length && !Number.isFinite(raw[first])) first++;
  let last = Math.min(frame.indexAt(until), frame.length) - 1;
  while (last >= 0 && !Number.isFinite(raw[last])) last--;
  if (last < first) {
    throw new TwinergyError('FORECAST_NO_HISTORY', `Column "${spec.target}" has no value to learn or go on from.`, {
      path: spec.target,
    });
  }
  const start = Math.floor((frame.time[first] as number) / step) * step;
  const lastTime = frame.time[last] as number;
  // With `until` given, what is missing right before it is a gap of the history, not a reason to forecast from earlier.
  const end = Number.isFinite(until) ? Math.max(lastTime + 1, until) : lastTime + 1;
  const length = Math.ceil((end - start) / step);
  const extent = length + ahead;
  const at = (i: number) => start + i * step;

  let clearSky: Float64Array | null = null;
  if (typeof spec.clearSky === 'function') {
    clearSky = Float64Array.from({ length: extent }, (_, i) =>
      stepMean(spec.clearSky as (t: number) => number, at(i), step),
    );
  } else if (spec.clearSky !== undefined) {
    const given = toGrid(frame.time, frame.column(spec.clearSky), start, step, extent);
    // A clear sky is much as it was the day before; the last value held, a night's or a noon's, would be nonsense.
    for (let i = season; i < extent; i++) if (Number.isNaN(given[i])) given[i] = given[i - season] as number;
    clearSky = fillKnown(given);
  }
  const untilRow = frame.indexAt(end);
  const history = (name: string) =>
    toGrid(frame.time.subarray(0, untilRow), frame.column(name).subarray(0, untilRow), start, step, length);
  const target = history(spec.target);
  let clearSkyFactor = 1;
  if (clearSky !== null) {
    clearSkyFactor = spec.clearSkyFactor ?? proportion(target, clearSky);
    for (let i = 0; i < extent; i++) clearSky[i] = Math.max(0, clearSkyFactor * (clearSky[i] as number));
  }
  const known = spec.known.map((name) => fillKnown(toGrid(frame.time, frame.column(name), start, step, extent)));
  for (const covariate of Object.values(spec.covariates ?? {})) {
    known.push(Float64Array.from({ length: extent }, (_, i) => stepMean(covariate, at(i), step)));
  }
  return {
    start,
    step,
    length,
    extent,
    target,
    filled: fillGaps(target, season, clearSky),
    past: spec.past.map((name) => fillGaps(history(name), season, null)),
    known,
    clearSky,
    clearSkyFactor,
    static: Object.values(spec.static ?? {}),
    scale: spec.scale ?? rootMeanSquare(target),
  };
}

/** How large the target is against the clear-sky curve on its clear days: the 90th percentile of their ratio in full light. */
function proportion(target: Float64Array, clearSky: Float64Array): number {
  let most = 0;
  for (const value of clearSky) most = Math.max(most, value);
  const ratios: number[] = [];
  for (let i = 0; i < target.length; i++) {
    const clear = clearSky[i] as number;
    if (clear > 0.2 * most && Number.isFinite(target[i])) ratios.push((target[i] as number) / clear);
  }
  ratios.sort((a, b) => a - b);
  const factor = ratios[Math.floor(0.9 * ratios.length)] ?? 1;
  return factor > 0 ? factor : 1;
}

/** Mean of a curve over a step, from four points inside it. */
function stepMean(curve: (time: number) => number, from: number, step: number): number {
  let sum = 0;
  for (let k = 0; k < 4; k++) sum += curve(from + ((k + 0.5) / 4) * step);
  return sum / 4;
}

function fillKnown(data: Float64Array): Float64Array {
  let previous = data.find((value) => Number.isFinite(value)) ?? 0;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) previous = data[i] as number;
    else data[i] = previous;
  }
  return data;
}

function rootMeanSquare(data: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    sum += value * value;
    count++;
  }
  const result = Math.sqrt(sum / count);
  return result > 0 ? result : 1;
}

/** When the history of a target ends: the first step (ms) after its last value. */
export function futureStart(
  frame: Frame,
  { target, step }: { readonly target: string; readonly step: number },
): number {
  const data = frame.column(target);
  let last = data.length - 1;
  while (last >= 0 && !Number.isFinite(data[last])) last--;
  return last < 0 ? Number.NEGATIVE_INFINITY : (Math.floor((frame.time[last] as number) / step) + 1) * step;
}

/** `frame` up to `from` (ms), and from there on the rows of `future` with its columns `names`; all else is missing there. */
export function withFuture(frame: Frame, future: Frame, names: readonly string[], from: number): Frame {
  const past = frame.slice(Number.NEGATIVE_INFINITY, from);
  const ahead = future.slice(from);
  const time = new Float64Array(past.length + ahead.length);
  time.set(past.time);
  time.set(ahead.time, past.length);
  const columns = new Map<string, Column>();
  for (const [name, { data, unit }] of past.columns()) {
    const joined = new Float64Array(time.length).fill(Number.NaN);
    joined.set(data);
    if (names.includes(name)) joined.set(ahead.column(name), past.length);
    columns.set(name, { data: joined, unit });
  }
  return new Frame(time, columns);
}

/** The same series as it was known at step `length`: for back-tests. Arrays are views. */
export function truncate(series: Series, length: number): Series {
  return {
    ...series,
    length,
    target: series.target.subarray(0, length),
    filled: series.filled.subarray(0, length),
    past: series.past.map((column) => column.subarray(0, length)),
  };
}
