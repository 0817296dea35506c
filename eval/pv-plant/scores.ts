import type { Frame } from '../../src/core/index.js';
import { median } from '../../src/core/quality/statistics.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Means of hours of daylight. */
export interface Hours {
  readonly time: Float64Array;
  readonly measured: Float64Array;
  readonly expected: Float64Array;
}

/**
 * Hourly means of measured and expected power over the rows that have both, of hours that `isDay` (asked for the middle
 * of the hour) and of which at least half the rows are there.
 */
export function hourly(
  time: Float64Array,
  measured: Float64Array,
  expected: Float64Array,
  stepMs: number,
  isDay: (time: number) => boolean,
): Hours {
  const sums = new Map<number, { measured: number; expected: number; count: number }>();
  for (let row = 0; row < time.length; row++) {
    const [m, e] = [measured[row] as number, expected[row] as number];
    if (Number.isNaN(m) || Number.isNaN(e)) continue;
    const hour = Math.floor((time[row] as number) / HOUR) * HOUR;
    const sum = sums.get(hour) ?? { measured: 0, expected: 0, count: 0 };
    sum.measured += m;
    sum.expected += e;
    sum.count++;
    sums.set(hour, sum);
  }
  const least = Math.max(1, (0.5 * HOUR) / stepMs);
  const kept = [...sums.entries()].filter(([hour, { count }]) => count >= least && isDay(hour + HOUR / 2));
  return {
    time: Float64Array.from(kept, ([hour]) => hour),
    measured: Float64Array.from(kept, ([, sum]) => sum.measured / sum.count),
    expected: Float64Array.from(kept, ([, sum]) => sum.expected / sum.count),
  };
}

/** Root mean square error of the hours, W. */
export function rmse({ measured, expected }: Hours): number {
  return Math.sqrt(mean(measured.map((value, i) => (value - (expected[i] as number)) ** 2)));
}

/** The scores of the issue, as fractions of `nameplate`, W. */
export function scores(hours: Hours, nameplate: number, offset: number) {
  const errors = hours.expected.map((value, i) => value - (hours.measured[i] as number));
  const days = new Map<number, { measured: number; expected: number; hours: number }>();
  hours.time.forEach((time, i) => {
    const day = Math.floor((time + offset) / DAY);
    const sum = days.get(day) ?? { measured: 0, expected: 0, hours: 0 };
    sum.measured += hours.measured[i] as number;
    sum.expected += hours.expected[i] as number;
    sum.hours++;
    days.set(day, sum);
  });
  const energies = [...days.values()].map(({ measured }) => measured).sort((a, b) => a - b);
  const usual = energies[energies.length >> 1] ?? 0;
  // The error of a day without output as a percentage of nothing says nothing.
  const counted = [...days.values()].filter(({ measured, hours: n }) => n >= 4 && measured > 0.05 * usual);
  return {
    nrmse_hourly: rmse(hours) / nameplate,
    nmae_median: median(errors.map(Math.abs)) / nameplate,
    nmbe: mean(errors) / nameplate,
    daily_energy_mape: mean(
      Float64Array.from(counted, ({ measured, expected }) => Math.abs(expected - measured) / measured),
    ),
  };
}

/** Hours of the day, UTC, in which light or power was ever seen: daylight where the sun cannot be computed. */
export function litHours(frame: Frame): (time: number) => boolean {
  const lit = new Array<boolean>(24).fill(false);
  for (const name of ['poaGlobal', 'acPower']) {
    if (!frame.has(name)) continue;
    const data = frame.column(name);
    const top = median(data.filter((value) => value > 0));
    frame.time.forEach((time, row) => {
      if ((data[row] as number) > 0.01 * top) lit[new Date(time).getUTCHours()] = true;
    });
  }
  return (time) => lit[new Date(time).getUTCHours()] as boolean;
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
