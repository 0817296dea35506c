import type { Frame } from '../../core/frame.js';
import { atan2, cos, sin } from '../../core/math/index.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** A value for each of some days; `day` counts whole days since the epoch, rising. */
export interface DailyValues {
  readonly day: Float64Array;
  readonly value: Float64Array;
}

/**
 * Hours that each row of `time` stands for: up to the next row, but no longer than the usual step, so that a gap counts
 * as missing and not as one long reading. Rows are means over, or instants at the start of, their step.
 */
export function rowHours(time: Float64Array): Float64Array {
  const steps = new Float64Array(Math.max(0, time.length - 1));
  for (let i = 0; i + 1 < time.length; i++) steps[i] = (time[i + 1] as number) - (time[i] as number);
  const usual = steps.length === 0 ? HOUR : medianOf(steps);
  return Float64Array.from(time, (_, i) => Math.min(usual, steps[i] ?? usual) / HOUR);
}

/**
 * By how many ms times must be shifted so that a whole day since the epoch begins at solar midnight: found from where
 * `light` (power or irradiance) has its centre, so that no zone need be known.
 */
export function solarMidnightShift(time: Float64Array, light: Float64Array): number {
  let east = 0;
  let north = 0;
  for (let i = 0; i < time.length; i++) {
    const weight = light[i] as number;
    if (!(weight > 0)) continue;
    const angle = (2 * Math.PI * ((time[i] as number) % DAY)) / DAY;
    east += weight * cos(angle);
    north += weight * sin(angle);
  }
  const noon = (atan2(north, east) / (2 * Math.PI)) * DAY;
  return DAY / 2 - noon;
}

/** The column of that name, or undefined where the frame has none. */
export function optionalColumn(frame: Frame, name: string | undefined): Float64Array | undefined {
  return name !== undefined && frame.has(name) ? frame.column(name) : undefined;
}

/** The value at share `q` (0…1) of sorted values, between its neighbours. NaN where there are none. */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = q * (sorted.length - 1);
  const low = Math.floor(place);
  const below = sorted[low] as number;
  return below + (place - low) * ((sorted[Math.min(low + 1, sorted.length - 1)] as number) - below);
}

/** The median; NaN where there are no values. */
export function medianOf(values: ArrayLike<number>): number {
  return quantileSorted(Float64Array.from(values).sort(), 0.5);
}

/**
 * The quantile `q` of the values within `half` days of each day.
 * @returns as long as `series.day`
 */
export function rollingQuantile({ day, value }: DailyValues, half: number, q: number): Float64Array {
  const result = new Float64Array(day.length);
  let first = 0;
  let end = 0;
  for (let i = 0; i < day.length; i++) {
    const now = day[i] as number;
    while ((day[first] as number) < now - half) first++;
    while (end < day.length && (day[end] as number) <= now + half) end++;
    result[i] = quantileSorted(value.slice(first, end).sort(), q);
  }
  return result;
}
