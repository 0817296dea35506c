import { medianOf } from './ridge.js';

const MINUTE = 60_000;

/** What `instrumentDay` looks at: one day's rows. */
export interface InstrumentRows {
  readonly time: Float64Array;
  readonly elevation: Float64Array;
  /** Light on the first array, W/m². */
  readonly light: Float64Array;
  /** When a clear sky would give a glimmer there at dawn and at dusk, ms since the epoch; NaN where it does not. */
  readonly due: readonly [dawn: number, dusk: number];
  /** Power in any unit that goes with the light. */
  readonly power: Float64Array;
  /** Every channel, in the order of the layout. */
  readonly channels: readonly Float64Array[];
  /** Ordinary time from row to row, ms. */
  readonly step: number;
}

/** What a day says of the instruments and the clock, see `DaySummary`. */
export interface InstrumentDay {
  readonly absent: readonly number[];
  readonly frozen: readonly number[];
  readonly dawn: readonly [number, number];
  readonly dusk: readonly [number, number];
}

/** Elevation above which every instrument shows something, degrees. */
const DAYLIGHT = 6;
/** After dawn and before dusk, ms: rows are missed only between. */
const DAWN = 1_800_000;
/** Repeats of one value that are no chance in daylight (instruments show noise). */
export const REPEATS = 3;
/** Light that tells dawn and dusk, W/m². */
export const GLIMMER = 25;

/** Looks at one day's rows for gaps, repeats and the times of dawn and dusk. */
export function instrumentDay(rows: InstrumentRows): InstrumentDay {
  const { time, elevation, light, power, channels, step } = rows;
  const n = time.length;
  const day: number[] = [];
  for (let row = 0; row < n; row++) if ((elevation[row] as number) > DAYLIGHT) day.push(row);
  // Rows that should be there but are not count as absent for every channel.
  let gone = 0;
  const bright = [rows.due[0] + DAWN, rows.due[1] - DAWN] as const;
  for (let row = 1; row < n; row++) {
    const from = Math.max(bright[0], time[row - 1] as number);
    const to = Math.min(bright[1], time[row] as number);
    if (to - from > 1.5 * step) gone += Math.round((to - from) / step) - 1;
  }
  const total = day.length + gone;
  const absent = channels.map((column) => {
    if (total === 0) return 0;
    let count = gone;
    for (const row of day) if (Number.isNaN(column[row] as number)) count++;
    return count / total;
  });
  const frozen = channels.map((column) => {
    let count = 0;
    let run = 1;
    for (let k = 1; k < day.length; k++) {
      // A channel at rest (zero power, no rain, no wind) repeats itself by right.
      const same = column[day[k] as number] === column[day[k - 1] as number] && column[day[k] as number] !== 0;
      if (same) run++;
      if (!same || k === day.length - 1) {
        if (run > REPEATS) count += run;
        run = 1;
      }
    }
    return day.length === 0 ? 0 : count / day.length;
  });
  const most = power.reduce((best, value) => (Number.isNaN(value) ? best : Math.max(best, value)), 0);
  const brightest = light.reduce((best, value) => (Number.isNaN(value) ? best : Math.max(best, value)), 0);
  const scaled = most > 0 && brightest > 0 ? power.map((value) => (value * brightest) / most) : power;
  return {
    absent,
    frozen,
    dawn: [late(time, light, rows.due[0], 1), late(time, scaled, rows.due[0], 1)],
    dusk: [late(time, light, rows.due[1], -1), late(time, scaled, rows.due[1], -1)],
  };
}

/** Minutes by which a column passes a glimmer of light after `due`, at dawn (`direction` 1) or dusk (−1); NaN where unseen. */
const late = (time: Float64Array, column: Float64Array, due: number, direction: 1 | -1): number =>
  (passage(time, column, direction) - due) / MINUTE;

function passage(time: Float64Array, column: Float64Array, direction: 1 | -1): number {
  const n = time.length;
  let previous = direction === 1 ? 0 : n - 1;
  for (let k = 1; k < n; k++) {
    const row = direction === 1 ? k : n - 1 - k;
    const value = column[row] as number;
    const before = column[previous] as number;
    if (Number.isNaN(value)) continue;
    if (value >= GLIMMER) {
      if (!(before < GLIMMER)) return Number.NaN;
      const gap = (time[row] as number) - (time[previous] as number);
      // A long gap hides the moment.
      if (Math.abs(gap) > 40 * MINUTE) return Number.NaN;
      return (time[previous] as number) + gap * ((GLIMMER - before) / (value - before));
    }
    previous = row;
  }
  return Number.NaN;
}

/** The ordinary time from row to row of an axis, ms. */
export function ordinaryStep(time: Float64Array): number {
  const gaps = new Float64Array(Math.max(0, time.length - 1));
  for (let k = 1; k < time.length; k++) gaps[k - 1] = (time[k] as number) - (time[k - 1] as number);
  return gaps.length === 0 ? 900_000 : medianOf(gaps);
}
