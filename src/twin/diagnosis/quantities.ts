import { log } from '../../core/math/index.js';
import type { Quantity, Signal } from './layout.js';
import type { SignalRows } from './rows.js';

/** How a quantity is learned and how far its model is to be trusted. */
export interface QuantityModel {
  /** Prior standard deviation of each coefficient: how far a sound plant may be from the physics. */
  readonly priors: readonly number[];
  /** Writes the regressors of `row` to `out` at `at`. */
  readonly regressors: (rows: SignalRows, signal: Signal, row: number, out: Float64Array, at: number) => void;
  /**
   * What may change from season to season in a sound plant without a fault: the standard deviation of an error that does
   * not average out, in the unit of the signal. Common to all members of a group, and of one against its neighbours.
   */
  readonly lasting: number;
  readonly lastingApart: number;
  /** The same for one cell of the day against the others: a sun path that the healthy period did not have. */
  readonly pattern: number;
  /**
   * Where the plant's description alone foretells the signal, so that it need not be learned: the standard deviation that
   * this is trusted to.
   */
  readonly described?: number;
}

/** Light, temperature and hour: for ratios of current and power to what the light should give. */
const byLight: QuantityModel['regressors'] = (rows, { array }, row, out, at) => {
  const g = log(Math.max(1, rows.light[array]?.[row] as number) / 500);
  const h = (rows.hourAngle[row] as number) / 6;
  out[at] = 1;
  out[at + 1] = g;
  out[at + 2] = g * g;
  out[at + 3] = h;
  out[at + 4] = h * h;
  out[at + 5] = ((rows.cell[array]?.[row] as number) - 30) / 30;
};
const byLoad: QuantityModel['regressors'] = (rows, { inverter }, row, out, at) => {
  const p = inverter >= 0 ? (rows.load[inverter]?.[row] as number) : meanOf(rows.load, row);
  out[at] = 1;
  out[at + 1] = p;
  out[at + 2] = 0.02 / Math.max(0.02, p);
};
const constant: QuantityModel['regressors'] = (_rows, _signal, _row, out, at) => {
  out[at] = 1;
};

function meanOf(columns: readonly Float64Array[], row: number): number {
  let total = 0;
  for (const column of columns) total += column[row] as number;
  return total / columns.length;
}

/**
 * The quantities. The lasting errors are what sound plants show between seasons: 0.4 % of the current beside what dust
 * and rain explain, 0.8 % from hour to hour of the day (spectrum, angle of incidence), tenths of a per cent where neighbours or two meters are compared, 1.5 K of a heat
 * sink (draught, sun on the housing), 4 % of the modules' heat (wind at another height).
 */
export const quantityModels: Readonly<Record<Quantity, QuantityModel>> = {
  current: {
    priors: [0.3, 0.05, 0.02, 0.03, 0.03, 0.03],
    regressors: byLight,
    lasting: 0.004,
    lastingApart: 0.003,
    pattern: 0.008,
  },
  dcPower: {
    priors: [0.3, 0.05, 0.02, 0.03, 0.03, 0.05],
    regressors: byLight,
    lasting: 0.005,
    lastingApart: 0.004,
    pattern: 0.01,
  },
  acPower: {
    priors: [0.4, 0.1, 0.05, 0.05, 0.05, 0.08],
    regressors: byLight,
    lasting: 0.006,
    lastingApart: 0.004,
    pattern: 0.012,
  },
  voltage: {
    priors: [0.1, 0.03, 0.01, 0.03],
    regressors: (rows, { array }, row, out, at) => {
      const g = log(Math.max(1, rows.light[array]?.[row] as number) / 500);
      out[at] = 1;
      out[at + 1] = g;
      out[at + 2] = g * g;
      out[at + 3] = ((rows.cell[array]?.[row] as number) - 30) / 30;
    },
    lasting: 0.003,
    lastingApart: 0.0015,
    pattern: 0.003,
  },
  conversion: { priors: [0.1, 0.05, 0.1], regressors: byLoad, lasting: 0.003, lastingApart: 0.003, pattern: 0.003 },
  meter: { priors: [0.05, 0.05, 0.02], regressors: byLoad, lasting: 0.002, lastingApart: 0.002, pattern: 0.002 },
  heatSink: {
    // One that runs loses some power without load, too.
    priors: [10, 10, 40, 20],
    regressors: (rows, { inverter }, row, out, at) => {
      const p = rows.heatLoad[inverter]?.[row] as number;
      out[at] = 1;
      out[at + 1] = rows.heatOn[inverter]?.[row] as number;
      out[at + 2] = p;
      out[at + 3] = p * p;
    },
    lasting: 1.5,
    lastingApart: 1.5,
    pattern: 1.5,
  },
  moduleHeat: {
    priors: [0.6, 0.3, 0.2],
    regressors: (rows, { array }, row, out, at) => {
      out[at] = 1;
      out[at + 1] = log(Math.max(1, rows.light[array]?.[row] as number) / 500);
      out[at + 2] = ((rows.wind[row] as number) - 2) / 2;
    },
    lasting: 0.04,
    lastingApart: 0.04,
    pattern: 0.04,
  },
  coldCell: { priors: [5], regressors: constant, lasting: 0.6, lastingApart: 0.6, pattern: 0.6 },
  hotSpot: {
    priors: [10, 20],
    regressors: (rows, { array }, row, out, at) => {
      out[at] = 1;
      out[at + 1] = (rows.light[array]?.[row] as number) / 1000;
    },
    lasting: 2,
    lastingApart: 2,
    pattern: 2,
  },
  insulation: { priors: [20], regressors: constant, lasting: 0.2, lastingApart: 0.2, pattern: 0.2 },
  batterySwing: { priors: [0.3], regressors: constant, lasting: 0.02, lastingApart: 0.02, pattern: 0.02 },
  batterySag: { priors: [1], regressors: constant, lasting: 0.12, lastingApart: 0.12, pattern: 0.12 },
  batteryFloor: {
    priors: [1],
    regressors: constant,
    lasting: 0.02,
    lastingApart: 0.02,
    pattern: 0.02,
    described: 0.04,
  },
  batteryHeat: {
    priors: [20, 30],
    regressors: (rows, _signal, row, out, at) => {
      out[at] = 1;
      out[at + 1] = (rows.air[row] as number) / 30;
    },
    lasting: 1.2,
    lastingApart: 1.2,
    pattern: 1.2,
  },
  // Sensors on two planes: what a clear and a grey sky make of the one for the other is known to some per cent.
  lightPair: {
    priors: [0.2, 0.1, 0.1, 0.05],
    regressors: (rows, { array }, row, out, at) => {
      const h = (rows.hourAngle[row] as number) / 6;
      out[at] = 1;
      out[at + 1] = h;
      out[at + 2] = h * h;
      out[at + 3] = log(Math.max(1, rows.light[array]?.[row] as number) / 500);
    },
    lasting: 0.02,
    lastingApart: 0.02,
    pattern: 0.03,
  },
  skyLight: { priors: [0.3], regressors: constant, lasting: 0.05, lastingApart: 0.05, pattern: 0.05 },
};

/** Sectors of the day and levels of light (or load) that the rows of a day are sorted into. */
export const SECTORS = 8;
export const LEVELS = 3;
export const CELLS = SECTORS * LEVELS;
/** Length of a sector, hours. */
const SECTOR_HOURS = 1.5;
/** Where the middle and the high level begin, W/m² of light (or thousandths of the rating). */
const MIDDLE = 250;
const HIGH = 550;

/** The cell of a row: eight sectors of an hour and a half about solar noon, three levels. */
export function cellOf(hourAngle: number, level: number): number {
  const sector = Math.min(SECTORS - 1, Math.max(0, Math.floor(hourAngle / SECTOR_HOURS) + SECTORS / 2));
  return sector * LEVELS + (level < MIDDLE ? 0 : level < HIGH ? 1 : 2);
}

/** What decides the level of a signal: the light on its array, or the load of its inverter in thousandths of its rating. */
export function levelOf(rows: SignalRows, signal: Signal, row: number): number {
  switch (signal.quantity) {
    case 'conversion':
    case 'heatSink':
      return 1000 * Math.max(0, rows.load[signal.inverter]?.[row] as number);
    case 'meter':
      return 1000 * meanOf(rows.load, row);
    case 'batterySwing':
    case 'batterySag':
    case 'batteryHeat':
    case 'batteryFloor':
      return 0;
    default:
      return rows.light[signal.array]?.[row] as number;
  }
}
