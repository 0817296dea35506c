import { canonicalUnit, isCompatibleUnit } from '../units.js';
import { median, quantile, sortedPresent, usualRange } from './statistics.js';

const DAY = 86_400_000;
const BINS = 48;
/** Quantities that are zero without sun. */
const SUN_DRIVEN = ['W', 'W/m²', 'A'];

/** Whether a channel of this unit ought to be zero by night. */
export function restsAtZero(unit: string): boolean {
  return canonicalUnit(unit) !== undefined && SUN_DRIVEN.some((known) => isCompatibleUnit(unit, known));
}

/** What a channel shows by night in the median, 0 where that is less than half a percent of its range, and the rows. */
export interface NightOffset {
  readonly offset: number;
  readonly rows: readonly number[];
}

/**
 * The value at which a channel rests by night, for power, irradiance and current. Night is where `expected` is not
 * positive; without it, the half hours of the day in which the channel hardly moves, over at least two days.
 */
export function nightOffset(
  time: Float64Array,
  data: Float64Array,
  unit: string,
  expected: Float64Array | undefined,
): NightOffset {
  const none: NightOffset = { offset: 0, rows: [] };
  const sorted = sortedPresent(data);
  const range = usualRange(sorted);
  if (range === 0 || !restsAtZero(unit)) return none;
  const isNight = expected === undefined ? quietHours(time, data, quantile(sorted, 0.05) + 0.02 * range) : undefined;
  const rows: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const night = expected === undefined ? isNight?.[binOf(time[i] as number)] === true : (expected[i] as number) <= 0;
    if (night && !Number.isNaN(data[i] as number)) rows.push(i);
  }
  const offset = rows.length < 10 ? 0 : median(rows.map((row) => data[row] as number));
  return Math.abs(offset) > 0.005 * range ? { offset, rows } : none;
}

function binOf(time: number): number {
  return Math.floor((((time % DAY) + DAY) % DAY) / (DAY / BINS));
}

/** Which half hours of the day stay below `limit`. */
function quietHours(time: Float64Array, data: Float64Array, limit: number): boolean[] {
  const first = time[0] ?? 0;
  const last = time[time.length - 1] ?? 0;
  if (last - first < 2 * DAY) return [];
  const bins: number[][] = Array.from({ length: BINS }, () => []);
  for (let i = 0; i < data.length; i++) bins[binOf(time[i] as number)]?.push(data[i] as number);
  return bins.map((values) => quantile(sortedPresent(Float64Array.from(values)), 0.9) <= limit);
}
