import { exp } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import type { Expectation } from './expectation.js';
import type { Layout } from './layout.js';
import { quantityModels } from './quantities.js';
import { predict } from './ridge.js';
import type { SignalRows } from './rows.js';

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

/** Rated plateau: within this of the rating counts as clipping. */
const AT_RATING = 0.98;
/** Rows of a level that make it a plateau, and its width as a share of the rating. */
const PLATEAU = { rows: 4, width: 0.012, missing: 0.06 } as const;
/** Share of the lit rows below which strings off their maximum mean a limit, not a fault. */
const SOMETIMES = 0.4;
/** Light that a sky can give, in clear skies and W/m²: clouds' edges add to it, dawn is not told to the minute. */
const CREDIBLE = { times: 1.5, more: 30 } as const;
/** Light at which an inverter must run, as the expected share of its rating. */
export const MUST_RUN = 0.06;

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
