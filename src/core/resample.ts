import { type Duration, durationMs } from './duration.js';
import { quote, TwinergyError } from './errors.js';
import { TimeZone } from './zone.js';

/** How the values of a step become one. `energy` is the time-weighted mean of a power: it keeps the energy. */
export type Aggregation = 'mean' | 'sum' | 'min' | 'max' | 'first' | 'last' | 'count' | 'energy';

/** How a frame is resampled. */
export interface ResampleOptions {
  /** One way for all columns, or one each. Default: `mean`. */
  readonly how?: Aggregation | Readonly<Record<string, Aggregation>>;
  /**
   * Steps of whole days begin at local midnight of this IANA zone, also on days of 23 or 25 hours, and steps of whole weeks
   * on Mondays. Other steps count from the UTC epoch. Default `UTC`.
   */
  readonly zone?: string;
  /** Least share of a step's expected samples that must be there, else the step is missing. Default 0: one is enough. */
  readonly minCoverage?: number;
}

const AGGREGATIONS: readonly Aggregation[] = ['mean', 'sum', 'min', 'max', 'first', 'last', 'count', 'energy'];

/** The steps that hold data or lie between data: their starts and, for each, its first source row. */
interface Steps {
  readonly starts: Float64Array;
  /** `firstRow[k]…firstRow[k + 1]` are the rows of step k. */
  readonly firstRow: Uint32Array;
  readonly ends: Float64Array;
}

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const MOST_STEPS = 2 ** 26;

function stepsOf(time: Float64Array, step: number, zone: TimeZone): Steps {
  const starts: number[] = [];
  const ends: number[] = [];
  const firstRow: number[] = [];
  const wholeDays = step % DAY === 0;
  // The epoch was a Thursday; weeks begin on Mondays.
  const phase = step % WEEK === 0 ? 4 * DAY : 0;
  const span = time.length > 0 ? (time[time.length - 1] as number) - (time[0] as number) : 0;
  if (span / step > MOST_STEPS) {
    throw new TwinergyError('RESAMPLE_TOO_FINE', `${Math.ceil(span / step)} steps are more than a frame can hold.`, {
      path: 'step',
      value: step,
      hint: 'Choose a longer step, or slice the frame first.',
    });
  }
  /** Start of the step that holds `t`. */
  const startOf = (t: number): number => {
    if (!wholeDays) return Math.floor(t / step) * step;
    const localDay = Math.floor((t + zone.offsetAt(t) - phase) / step) * step + phase;
    return midnight(localDay, zone);
  };
  const nextOf = (start: number): number => {
    if (!wholeDays) return start + step;
    // The middle of the next step is in it whatever the clocks do.
    return startOf(start + step + Math.min(step, DAY) / 2);
  };
  let row = 0;
  let start = time.length > 0 ? startOf(time[0] as number) : 0;
  while (row < time.length) {
    const end = nextOf(start);
    starts.push(start);
    ends.push(end);
    firstRow.push(row);
    while (row < time.length && (time[row] as number) < end) row++;
    start = end;
  }
  firstRow.push(row);
  return { starts: Float64Array.from(starts), firstRow: Uint32Array.from(firstRow), ends: Float64Array.from(ends) };
}

/** The moment at which the local day that begins at `local` begins: where midnight is skipped, the first moment after. */
function midnight(local: number, zone: TimeZone): number {
  const match = zone.fromLocal(local);
  if (match.kind === 'unique') return match.time;
  if (match.kind === 'ambiguous') return match.earlier;
  return local - zone.offsetAt(local - DAY);
}

/** The usual distance of two samples: the median. */
function medianStep(time: Float64Array): number {
  if (time.length < 2) return 0;
  const distances = Float64Array.from(
    { length: time.length - 1 },
    (_, i) => (time[i + 1] as number) - (time[i] as number),
  ).sort();
  return distances[distances.length >> 1] as number;
}

/**
 * Resamples columns onto steps of `step`. A step's time is its start; a step without data is missing (NaN), so that gaps
 * stay gaps. `energy` holds each sample until the next one (at most twice the usual distance), so that the mean times the
 * covered time is the energy, also with irregular steps.
 */
export function resampleColumns(
  time: Float64Array,
  columns: ReadonlyMap<string, { readonly data: Float64Array; readonly unit: string }>,
  step: Duration,
  { how = 'mean', zone = 'UTC', minCoverage = 0 }: ResampleOptions = {},
): { time: Float64Array; columns: Map<string, { data: Float64Array; unit: string }> } {
  const steps = stepsOf(time, durationMs(step, 'step'), new TimeZone(zone));
  const usual = medianStep(time);
  const result = new Map<string, { data: Float64Array; unit: string }>();
  if (typeof how === 'object') {
    const unknown = Object.keys(how).find((name) => !columns.has(name));
    if (unknown !== undefined)
      throw new TwinergyError('FRAME_UNKNOWN_COLUMN', `There is no column ${quote(unknown)} to resample.`, {
        path: `how.${unknown}`,
      });
  }
  for (const [name, { data, unit }] of columns) {
    const way = typeof how === 'string' ? how : (how[name] ?? 'mean');
    if (!AGGREGATIONS.includes(way)) {
      throw new TwinergyError('RESAMPLE_UNKNOWN', `${quote(way)} is not a way to resample.`, {
        value: way,
        hint: `Ways are: ${AGGREGATIONS.join(', ')}.`,
      });
    }
    const out = new Float64Array(steps.starts.length);
    for (let k = 0; k < out.length; k++) {
      const from = steps.firstRow[k] as number;
      const to = steps.firstRow[k + 1] as number;
      const expected = usual > 0 ? ((steps.ends[k] as number) - (steps.starts[k] as number)) / usual : 1;
      out[k] =
        way === 'energy'
          ? heldMean(time, data, steps.starts[k] as number, steps.ends[k] as number, from, to, usual)
          : aggregate(data, from, to, way);
      if (minCoverage > 0 && way !== 'count' && present(data, from, to) < minCoverage * expected) out[k] = Number.NaN;
    }
    result.set(name, { data: out, unit: way === 'count' ? '1' : unit });
  }
  return { time: steps.starts, columns: result };
}

function present(data: Float64Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(data[i] as number)) count++;
  return count;
}

function aggregate(data: Float64Array, from: number, to: number, way: Exclude<Aggregation, 'energy'>): number {
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let first = Number.NaN;
  let last = Number.NaN;
  for (let i = from; i < to; i++) {
    const value = data[i] as number;
    if (Number.isNaN(value)) continue;
    if (count === 0) first = value;
    last = value;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (way === 'count') return count;
  if (count === 0) return Number.NaN;
  if (way === 'mean') return sum / count;
  if (way === 'sum') return sum;
  if (way === 'min') return min;
  if (way === 'max') return max;
  return way === 'first' ? first : last;
}

/** The mean over a step of a value that holds from its sample to the next one, also from a sample before the step. */
function heldMean(
  time: Float64Array,
  data: Float64Array,
  start: number,
  end: number,
  from: number,
  to: number,
  usual: number,
): number {
  let covered = 0;
  let integral = 0;
  for (let i = Math.max(0, from - 1); i < to; i++) {
    const value = data[i] as number;
    if (Number.isNaN(value)) continue;
    const since = time[i] as number;
    const next = i + 1 < time.length ? (time[i + 1] as number) : since + usual;
    const until = next - since > 2 * usual ? since + usual : next;
    const held = Math.min(until, end) - Math.max(since, start);
    if (held <= 0) continue;
    covered += held;
    integral += value * held;
  }
  return covered > 0 ? integral / covered : Number.NaN;
}
