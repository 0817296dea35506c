import { correlation, median } from './statistics.js';

const DAY = 86_400_000;
const QUARTER = 900_000;
/** Lags that are tried, each way. */
const LONGEST_LAG = 14 * 3_600_000;
/** A day tells the lag only if the channel follows its expectation this closely. */
const LEAST_CORRELATION = 0.9;
/** Days that must agree before a stretch is believed. */
const LEAST_DAYS = 3;
/** A stretch of fewer days is taken for part of a neighbour of nearly the same lag. */
const BRIEF = 7;
/** Lags that differ by no more than this many cells are the same, and no lag at all if that small. */
const SAME = 1.5;

/** A stretch of days over which a channel's clock is off by the same amount. */
export interface ClockStretch {
  readonly from: number;
  readonly to: number;
  /** How far the clock is ahead, ms. */
  readonly lag: number;
  /** Share of the days that could be judged which lie in this stretch. */
  readonly share: number;
}

/**
 * Stretches of days over which a channel runs ahead of its expectation or behind, to a quarter of an hour: per day the lag
 * at which the two correlate best.
 */
export function clockStretches(
  time: Float64Array,
  data: Float64Array,
  expected: Float64Array,
  step: number,
): ClockStretch[] {
  const grid = Math.max(step, QUARTER);
  const start = dayStart(time, expected);
  const cells = Math.ceil(((time[time.length - 1] ?? start) - start + 1) / grid);
  if (!(cells > 0) || cells > 1e7) return [];
  const measured = binned(time, data, start, grid, cells);
  const known = binned(time, expected, start, grid, cells);
  const perDay = Math.round(DAY / grid);
  const lags: { day: number; lag: number }[] = [];
  for (let day = 0; day * perDay < cells; day++) {
    const lag = bestLag(
      measured,
      known,
      day * perDay,
      Math.min(cells, (day + 1) * perDay),
      Math.round(LONGEST_LAG / grid),
    );
    if (!Number.isNaN(lag)) lags.push({ day, lag });
  }
  // Clouds pull a single day's lag to the brighter half of it: a week's median holds still.
  const steady = lags.map((_, i) => median(lags.slice(Math.max(0, i - 3), i + 4).map(({ lag }) => lag)));
  const parts: { first: number; end: number; level: number }[] = [];
  let first = 0;
  for (let i = 1; i <= steady.length; i++) {
    const level = median(steady.slice(first, i));
    if (i < steady.length && Math.abs((steady[i] as number) - level) <= SAME) continue;
    const before = parts[parts.length - 1];
    const short = i - first < BRIEF || (before !== undefined && before.end - before.first < BRIEF);
    // A few odd days beside a stretch of nearly the same lag belong to it.
    if (before !== undefined && Math.abs(before.level - level) <= (short ? 2 * SAME : SAME) - 0.5) {
      before.end = i;
      before.level = median(steady.slice(before.first, i));
    } else parts.push({ first, end: i, level });
    first = i;
  }
  const stretches = parts
    .filter((part) => part.end - part.first >= LEAST_DAYS && Math.abs(part.level) > SAME)
    .map((part) => ({
      from: start + (lags[part.first]?.day ?? 0) * DAY,
      to: start + ((lags[part.end - 1]?.day ?? 0) + 1) * DAY,
      lag: Math.round(part.level) * grid,
      share: (part.end - part.first) / lags.length,
    }));
  return stretches;
}

/** The moment half a day away from the middle of the expectation's days: a day's sun lies between two of them. */
function dayStart(time: Float64Array, expected: Float64Array): number {
  let east = 0;
  let north = 0;
  for (let i = 0; i < time.length; i++) {
    const weight = Math.max(0, expected[i] as number);
    if (!(weight > 0)) continue;
    const angle = (2 * Math.PI * ((time[i] as number) % DAY)) / DAY;
    east += weight * Math.sin(angle);
    north += weight * Math.cos(angle);
  }
  const middle = (Math.atan2(east, north) / (2 * Math.PI)) * DAY;
  const phase = Math.round((middle + DAY / 2) / QUARTER) * QUARTER;
  return Math.floor(((time[0] ?? 0) - phase) / DAY) * DAY + phase;
}

/** Means over cells of `grid` ms; NaN where a cell is empty. */
function binned(time: Float64Array, data: Float64Array, start: number, grid: number, cells: number): Float64Array {
  const sums = new Float64Array(cells);
  const counts = new Uint32Array(cells);
  for (let i = 0; i < time.length; i++) {
    const value = data[i] as number;
    if (Number.isNaN(value)) continue;
    const cell = Math.floor(((time[i] as number) - start) / grid);
    sums[cell] = (sums[cell] as number) + value;
    counts[cell] = (counts[cell] as number) + 1;
  }
  return sums.map((sum, cell) => (counts[cell] === 0 ? Number.NaN : sum / (counts[cell] as number)));
}

/** The lag in cells, with a parabola through the best and its neighbours; NaN where nothing fits. */
function bestLag(measured: Float64Array, known: Float64Array, from: number, to: number, longest: number): number {
  const day = measured.subarray(from, to);
  const at = (lag: number) => {
    const start = from - lag;
    if (start < 0 || to - lag > known.length) return Number.NaN;
    return correlation(day, known.subarray(start, to - lag));
  };
  let best = 0;
  let value = at(0);
  for (let size = 1; size <= longest; size++) {
    for (const lag of [-size, size]) {
      const score = at(lag);
      if (score > value || Number.isNaN(value)) {
        best = lag;
        value = score;
      }
    }
  }
  if (!(value >= LEAST_CORRELATION)) return Number.NaN;
  const before = at(best - 1);
  const after = at(best + 1);
  const bend = before - 2 * value + after;
  return bend < 0 ? best + (before - after) / (2 * bend) : best;
}
