import type { Frame } from '../../core/index.js';
import type { Plant } from '../description/plant.js';
import type { Sky } from '../plant/sky.js';
import { twilightOf } from './clear-light.js';
import type { DaySummary } from './day.js';
import { cellsOf } from './day-cells.js';
import { type Expectation, residualRows } from './expectation.js';
import { GLIMMER, instrumentDay, REPEATS } from './instruments.js';
import { inverterDays } from './inverter-days.js';
import { expectedAc, statesOf } from './inverter-states.js';
import type { Layout } from './layout.js';
import { signalRows } from './rows.js';
import { scatterOf } from './scatter.js';
import type { Series } from './series.js';

const DAY = 86_400_000;

/** How far the plant's solar clock is ahead of UTC, ms. */
export const solarOffset = ({ site }: Plant): number => (site.longitude / 15) * 3_600_000;

/** Number of the plant's solar day at a time. */
export const solarDay = (plant: Plant, time: number): number => Math.floor((time + solarOffset(plant)) / DAY);

/** The frame in pieces of one solar day. */
export function splitDays(plant: Plant, frame: Frame): Frame[] {
  const parts: Frame[] = [];
  let from = 0;
  for (let row = 1; row <= frame.length; row++) {
    const same =
      row < frame.length && solarDay(plant, frame.time[row] as number) === solarDay(plant, frame.time[from] as number);
    if (same) continue;
    if (row > from) parts.push(frame.sliceRows(from, row));
    from = row;
  }
  return parts;
}

/** What a day is judged by. */
export interface Yardstick {
  readonly layout: Layout;
  readonly series: readonly Series[];
  readonly expectations: readonly Expectation[];
  /** Ordinary time from row to row, ms. */
  readonly step: number;
}

/** Sums up the rows of one solar day. */
export function summarise(
  plant: Plant,
  sky: Sky,
  { layout, series, expectations, step }: Yardstick,
  frame: Frame,
): DaySummary {
  const rows = signalRows(plant, sky, layout, withoutRepeats(frame));
  const expected = plant.inverters.map((_, i) => expectedAc(plant, layout, rows, expectations, i));
  const residuals = residualRows(layout, rows, expectations);
  const states = statesOf(plant, layout, rows, expected, residuals);
  const start = solarDay(plant, frame.time[0] as number) * DAY - solarOffset(plant);
  const light = rows.light[0] ?? new Float64Array(frame.length);
  const power = Float64Array.from(frame.time, (_, row) =>
    rows.ac.reduce((total, column) => total + (column[row] as number), 0),
  );
  const instruments = instrumentDay({
    time: frame.time,
    elevation: rows.elevation,
    light,
    due: twilightOf(plant, sky, start, GLIMMER),
    power,
    channels: layout.channels.map((name) =>
      frame.has(name) ? frame.column(name) : new Float64Array(frame.length).fill(Number.NaN),
    ),
    step,
  });
  let insolation = 0;
  for (const value of light) if (value > 0) insolation += (value * step) / 3_600_000_000;
  let rain = Number.NaN;
  if (frame.has('precipitation')) {
    rain = 0;
    for (const value of frame.column('precipitation')) if (value > 0) rain += (value * step) / 3_600_000;
  }
  const { scatter, spikes } = scatterOf(layout, residuals, states, light, power);
  return {
    start,
    end: frame.time[frame.length - 1] as number,
    cells: cellsOf(layout, series, rows, residuals, states),
    inverters: inverterDays(plant, rows, expected, states, step / 3_600_000),
    ...instruments,
    scatter,
    spikes,
    rain,
    insolation,
    air: meanOf(rows.air),
    peaks: layout.channels.map((name) => peakOf(frame.has(name) ? frame.column(name) : new Float64Array(0))),
  };
}

function meanOf(values: Float64Array): number {
  let total = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    total += value;
    count++;
  }
  return total / count;
}

/** Greatest value that two rows on end reach: a spike is no peak. */
function peakOf(values: Float64Array): number {
  let most = Number.NaN;
  let before = Number.NaN;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    const both = Math.min(before, value);
    if (!(both <= most) && !Number.isNaN(both)) most = both;
    before = value;
  }
  return most;
}

/**
 * The frame without the values of the light sensors that stood still: what is told from them would be wrong, and that they
 * stood still is told elsewhere.
 */
function withoutRepeats(frame: Frame): Frame {
  let result = frame;
  for (const [name, { data, unit }] of frame.columns()) {
    if (name !== 'irradiance' && name !== 'ghi' && !name.endsWith('poaGlobal')) continue;
    let copy: Float64Array | undefined;
    let from = 0;
    for (let row = 1; row <= data.length; row++) {
      if (row < data.length && data[row] === data[from]) continue;
      if (row - from > REPEATS && data[from] !== 0) {
        copy ??= data.slice();
        copy.fill(Number.NaN, from, row);
      }
      from = row;
    }
    if (copy !== undefined) result = result.withColumn(name, copy, unit);
  }
  return result;
}
