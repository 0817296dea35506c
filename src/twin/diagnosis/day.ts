import { exp } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import type { Expectation } from './expectation.js';
import type { Layout } from './layout.js';
import { CELLS, cellOf, levelOf, quantityModels } from './quantities.js';
import { medianOf, predict } from './ridge.js';
import type { SignalRows } from './rows.js';

/** A group's common level, or one member against the group's mean. */
export interface Series {
  readonly group: number;
  /** Place of the member in the plant's signals; −1 for the common level. */
  readonly signal: number;
  /** A signal of the group: says quantity, array and inverter. */
  readonly like: number;
}

/** The series of a layout: for each group that is evidence its common level, and where it has neighbours each against them. */
export function seriesOf(layout: Layout): Series[] {
  return layout.groups.flatMap((members, group): Series[] => {
    const like = members[0] as number;
    if (layout.signals[like]?.evidence !== true) return [];
    const common = { group, signal: -1, like };
    return members.length === 1 ? [common] : [common, ...members.map((signal) => ({ group, signal, like: signal }))];
  });
}

/** What state an inverter is in at a row. */
export const State = {
  Unknown: 0,
  Dark: 1,
  Running: 2,
  /** No power although there is light. */
  Off: 3,
  /** At its rating. */
  Clipped: 4,
  /** Held at a level below its rating. */
  Held: 5,
  /** Held back by heat: the heat sink is warmer than its load explains, the DC side is off its maximum. */
  Derated: 6,
} as const;

/** Cells of one series on one day: values and how many rows each stands on. */
export interface DayCells {
  /** Median of the residual, by filled cell. */
  readonly value: readonly number[];
  readonly rows: readonly number[];
  /** Which cell, 0…23. */
  readonly cell: readonly number[];
  /** Mean light (W/m²), cell temperature (°C) and load (share of the rating) of its rows. */
  readonly light: readonly number[];
  readonly temperature: readonly number[];
  readonly load: readonly number[];
  /** Median step of the residual from one row to the next, ramps apart; NaN where there were too few rows. */
  readonly restless: number;
}

/** What an inverter did on a day. */
export interface InverterDay {
  /** Rows with enough light to run. */
  readonly lit: number;
  readonly off: number;
  /** How many times it went off with light before and after within the day. */
  readonly trips: number;
  readonly clipped: number;
  readonly held: number;
  /** Level at which it was held, share of the rating; 0 where it was not. */
  readonly heldAt: number;
  readonly derated: number;
  /** Energy that it should have given, gave, lost while off, held and derated, kWh. */
  readonly expected: number;
  readonly actual: number;
  readonly lostOff: number;
  readonly lostHeld: number;
  readonly lostDerated: number;
}

/** A day of a plant in numbers: all that diagnosis keeps of it. */
export interface DaySummary {
  /** Start of the solar day, ms since the epoch. */
  readonly start: number;
  /** Time of its last row. */
  readonly end: number;
  /** By series; null where nothing could be measured. */
  readonly cells: readonly (DayCells | null)[];
  readonly inverters: readonly InverterDay[];
  /** Share of the daylight rows that are absent, by channel. */
  readonly absent: readonly number[];
  /** Share of the daylight rows at which a channel repeats itself while others move, by channel. */
  readonly frozen: readonly number[];
  /** Scatter of each signal from row to row (median absolute difference of its residuals); NaN where it was not seen. */
  readonly scatter: readonly number[];
  /** Share of the rows of each signal that lie far out of their neighbours. */
  readonly spikes: readonly number[];
  /** Dawn and dusk of light and of power against the sun, minutes late; NaN where they could not be seen. */
  readonly dawn: readonly [light: number, power: number];
  readonly dusk: readonly [light: number, power: number];
  /** Rain, mm; NaN where nobody measures it. */
  readonly rain: number;
  /** Light of the day on the first array, kWh/m², and mean temperature of the air, °C (NaN where nobody measures it). */
  readonly insolation: number;
  readonly air: number;
  /** Greatest value of each channel; NaN where it was silent. */
  readonly peaks: readonly number[];
}

/** Rated plateau: within this of the rating counts as clipping. */
const AT_RATING = 0.98;
/** Rows of a level that make it a plateau, and its width as a share of the rating. */
const PLATEAU = { rows: 4, width: 0.012, missing: 0.06 } as const;
/** Share of the lit rows below which strings off their maximum mean a limit, not a fault. */
const SOMETIMES = 0.4;
/** Light that a sky can give, in clear skies and W/m²: clouds' edges add to it, dawn is not told to the minute. */
const CREDIBLE = { times: 1.5, more: 30 } as const;
/** Light at which an inverter must run, as the expected share of its rating. */
const MUST_RUN = 0.06;

/** AC power that inverter `i` should give, by row, W; NaN where it was not learned. */
export function expectedAc(
  plant: Plant,
  layout: Layout,
  rows: SignalRows,
  expectations: readonly Expectation[],
  i: number,
): Float64Array {
  const k = layout.signals.findIndex(({ quantity, inverter }) => quantity === 'acPower' && inverter === i);
  const fit = expectations[k];
  const dc = rows.expectedDc[i] as Float64Array;
  const rating = plant.inverters[i]?.acRating ?? Number.POSITIVE_INFINITY;
  const signal = layout.signals[k];
  if (signal === undefined || fit === null || fit === undefined)
    return dc.map((value) => Math.min(rating, 0.95 * value));
  const model = quantityModels.acPower;
  const scratch = new Float64Array(8);
  return dc.map((value, row) => {
    if (!(value > 0)) return value;
    model.regressors(rows, signal, row, scratch, 0);
    return Math.min(rating, value * exp(predict(fit.mean, scratch)));
  });
}

/** Which state each inverter is in at each row of one day. */
export function statesOf(
  plant: Plant,
  layout: Layout,
  rows: SignalRows,
  expected: readonly Float64Array[],
  residuals: readonly Float64Array[] | undefined,
): Uint8Array[] {
  return plant.inverters.map((inverter, i) => {
    const n = rows.time.length;
    const states = new Uint8Array(n);
    const ac = rows.ac[i] as Float64Array;
    const should = expected[i] as Float64Array;
    const rating = inverter.acRating;
    const voltages = layout.signals.flatMap((signal, k) =>
      signal.quantity === 'voltage' && signal.inverter === i ? [k] : [],
    );
    const currents = layout.signals.flatMap((signal, k) =>
      signal.quantity === 'current' && signal.inverter === i ? [k] : [],
    );
    const sink = layout.signals.findIndex(({ quantity, inverter: own }) => quantity === 'heatSink' && own === i);
    const low: number[] = [];
    // More light than a clear sky can give is the sensor's doing and asks for no power.
    const credible = (row: number) =>
      inverter.arrays.some(
        (a) => !((rows.light[a]?.[row] as number) > CREDIBLE.times * (rows.clear[a]?.[row] as number) + CREDIBLE.more),
      );
    for (let row = 0; row < n; row++) {
      const power = ac[row] as number;
      const wanted = should[row] as number;
      if (Number.isNaN(power)) continue;
      if (!(wanted > 0.01 * rating)) {
        states[row] = power > 0.02 * rating ? State.Running : State.Dark;
        continue;
      }
      states[row] = State.Running;
      if (power < 0.005 * rating) states[row] = wanted > MUST_RUN * rating && credible(row) ? State.Off : State.Dark;
      else if (power >= AT_RATING * rating) states[row] = State.Clipped;
      else if (wanted - power > PLATEAU.missing * wanted && power > 0.02 * rating) low.push(row);
    }
    // Towards open circuit in all strings: limited from outside or by heat.
    const towardsOpen = (row: number) => {
      if (residuals === undefined || voltages.length === 0) return undefined;
      const high = voltages.every((k) => (residuals[k]?.[row] as number) > 0.012);
      return high && currents.every((k) => !((residuals[k]?.[row] as number) > -0.01));
    };
    const levels = low.map((row) => ac[row] as number);
    const width = PLATEAU.width * rating;
    // A tracker off its maximum is so all day; what is so for some of the lit rows only is held from outside.
    const lit = states.reduce(
      (total, state) => total + (state === State.Running || state === State.Clipped ? 1 : 0),
      0,
    );
    const some = low.filter((row) => towardsOpen(row) === true).length < SOMETIMES * lit;
    for (const row of low) {
      const open = towardsOpen(row);
      if (open === false) continue;
      const level = ac[row] as number;
      let near = 0;
      let least = Number.POSITIVE_INFINITY;
      let most = 0;
      levels.forEach((other, at) => {
        if (Math.abs(other - level) > width / 2) return;
        near++;
        const wanted = should[low[at] as number] as number;
        least = Math.min(least, wanted);
        most = Math.max(most, wanted);
      });
      const hot = sink >= 0 && residuals !== undefined && (residuals[sink]?.[row] as number) > 4;
      if (hot && open === true) states[row] = State.Derated;
      else if ((open === true && some) || (near >= PLATEAU.rows && most - least > 2.5 * width))
        states[row] = State.Held;
    }
    return states;
  });
}

/** Whether a row of a signal is to be compared: its inverter runs freely (for its heat, also when it does not). */
export function comparable(layout: Layout, states: readonly Uint8Array[], k: number, row: number): boolean {
  const signal = layout.signals[k];
  if (signal === undefined) return false;
  const free = (state: number | undefined) => state === State.Running;
  switch (signal.quantity) {
    case 'moduleHeat':
    case 'coldCell':
    case 'skyLight':
    case 'lightPair':
    case 'insulation':
    case 'hotSpot':
    case 'batterySwing':
    case 'batterySag':
    case 'batteryHeat':
    case 'batteryFloor':
      return true;
    case 'heatSink':
    case 'conversion':
      return states[signal.inverter]?.[row] !== State.Off && states[signal.inverter]?.[row] !== State.Unknown;
    case 'meter':
      return states.every((own) => own[row] !== State.Unknown);
    default:
      return signal.inverter >= 0 ? free(states[signal.inverter]?.[row]) : states.every((own) => free(own[row]));
  }
}

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

/** What each inverter did. */
export function inverterDays(
  plant: Plant,
  rows: SignalRows,
  expected: readonly Float64Array[],
  states: readonly Uint8Array[],
  hours: number,
): InverterDay[] {
  return plant.inverters.map((inverter, i) => {
    const day = {
      lit: 0,
      off: 0,
      trips: 0,
      clipped: 0,
      held: 0,
      heldAt: 0,
      derated: 0,
      expected: 0,
      actual: 0,
      lostOff: 0,
      lostHeld: 0,
      lostDerated: 0,
    };
    const own = states[i] as Uint8Array;
    const ac = rows.ac[i] as Float64Array;
    const levels: number[] = [];
    let ran = false;
    let wentOff = false;
    own.forEach((state, row) => {
      if (state === State.Unknown) return;
      const wanted = expected[i]?.[row] as number;
      const power = ac[row] as number;
      if (!(wanted > 0)) return;
      day.expected += (wanted * hours) / 1000;
      day.actual += (Math.max(0, power) * hours) / 1000;
      if (wanted > MUST_RUN * inverter.acRating) day.lit++;
      const lost = (Math.max(0, wanted - power) * hours) / 1000;
      if (state === State.Off) {
        day.off++;
        day.lostOff += lost;
        if (ran) wentOff = true;
      } else if (state !== State.Dark) {
        if (wentOff) day.trips++;
        wentOff = false;
        ran = true;
      }
      if (state === State.Clipped) day.clipped++;
      if (state === State.Held) {
        day.held++;
        day.lostHeld += lost;
        levels.push(power / inverter.acRating);
      }
      if (state === State.Derated) {
        day.derated++;
        day.lostDerated += lost;
      }
    });
    day.heldAt = levels.length > 0 ? medianOf(levels) : 0;
    return day;
  });
}
