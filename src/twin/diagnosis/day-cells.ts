import type { DayCells } from './day.js';
import { comparable } from './inverter-states.js';
import type { Layout } from './layout.js';
import { CELLS, cellOf, levelOf } from './quantities.js';
import { medianOf } from './ridge.js';
import type { SignalRows } from './rows.js';
import type { Series } from './series.js';

const NO_CELLS = null;
/** Rows that stand this many median steps off both their neighbours, on the same side, are blips and no evidence of a level. */
const BLIP = 12;
/** Steps that tell how restless a day is. */
const FEWEST_STEPS = 6;

/**
 * Median step from row to row, and which rows are blips. Steps are told from bends (second differences, as large as steps
 * of pure noise by the factor), since what a fault does to a day goes smoothly up and down.
 */
function restlessness(values: readonly number[]): { restless: number; blips: readonly boolean[] } {
  const bends = values
    .slice(2)
    .map((value, i) => Math.abs(value - 2 * (values[i + 1] as number) + (values[i] as number)) / Math.sqrt(3));
  if (bends.length < FEWEST_STEPS) return { restless: Number.NaN, blips: values.map(() => false) };
  const restless = medianOf(bends);
  return {
    restless,
    blips: values.map((value, i) => {
      // At the ends of the day the one neighbour decides.
      const a = value - (values[i - 1] ?? (values[i + 1] as number));
      const b = value - (values[i + 1] ?? (values[i - 1] as number));
      return a * b > 0 && Math.min(Math.abs(a), Math.abs(b)) > BLIP * restless;
    }),
  };
}

/** The cells of every series on one day. */
export function cellsOf(
  layout: Layout,
  series: readonly Series[],
  rows: SignalRows,
  residuals: readonly Float64Array[],
  states: readonly Uint8Array[],
): (DayCells | null)[] {
  const n = rows.time.length;
  const common = layout.groups.map((members) => {
    const mean = new Float64Array(n).fill(Number.NaN);
    for (let row = 0; row < n; row++) {
      let total = 0;
      let count = 0;
      for (const k of members) {
        const value = residuals[k]?.[row] as number;
        if (Number.isNaN(value) || !comparable(layout, states, k, row)) continue;
        total += value;
        count++;
      }
      if (count > 0 && count === members.length) mean[row] = total / count;
    }
    return mean;
  });
  return series.map(({ group, signal: own, like }) => {
    const signal = layout.signals[like];
    const mean = common[group];
    if (signal === undefined || mean === undefined) return NO_CELLS;
    const gathered: number[][] = Array.from({ length: CELLS }, () => []);
    const sums = new Float64Array(3 * CELLS);
    const a = signal.array;
    const i = Math.max(0, signal.inverter);
    const places: number[] = [];
    const values: number[] = [];
    for (let row = 0; row < n; row++) {
      const value = own >= 0 ? (residuals[own]?.[row] as number) - (mean[row] as number) : (mean[row] as number);
      if (Number.isNaN(value) || Number.isNaN(levelOf(rows, signal, row))) continue;
      places.push(row);
      values.push(value);
    }
    const { restless, blips } = restlessness(values);
    for (let at = 0; at < places.length; at++) {
      if (blips[at] === true) continue;
      const row = places[at] as number;
      const value = values[at] as number;
      const level = levelOf(rows, signal, row);
      const cell = cellOf(rows.hourAngle[row] as number, level);
      (gathered[cell] as number[]).push(value);
      const light = rows.light[a]?.[row] as number;
      const temperature = rows.cell[a]?.[row] as number;
      const load = rows.load[i]?.[row] as number;
      sums[3 * cell] = (sums[3 * cell] as number) + (Number.isNaN(light) ? 0 : light);
      sums[3 * cell + 1] = (sums[3 * cell + 1] as number) + (Number.isNaN(temperature) ? 25 : temperature);
      sums[3 * cell + 2] = (sums[3 * cell + 2] as number) + (Number.isNaN(load) ? 0 : load);
    }
    const out = {
      value: [] as number[],
      rows: [] as number[],
      cell: [] as number[],
      light: [] as number[],
      temperature: [] as number[],
      load: [] as number[],
    };
    gathered.forEach((values, cell) => {
      const count = values.length;
      if (count === 0) return;
      out.value.push(count >= 3 ? medianOf(values) : values.reduce((total, value) => total + value, 0) / count);
      out.rows.push(count);
      out.cell.push(cell);
      out.light.push((sums[3 * cell] as number) / count);
      out.temperature.push((sums[3 * cell + 1] as number) / count);
      out.load.push((sums[3 * cell + 2] as number) / count);
    });
    return out.value.length === 0 ? NO_CELLS : { ...out, restless };
  });
}
