import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DetectorEngine, type EngineKind, rowOf } from './engine.js';

/** Options of the EWMA chart. */
export interface EwmaOptions {
  /** Weight of the newest row, in (0, 1]. Default 0.1: shifts of about one standard deviation. */
  readonly weight?: number;
}

/** Options of the CUSUM chart. */
export interface CusumOptions {
  /** Half the shift to be found quickest, in standard deviations. Default 0.5. */
  readonly allowance?: number;
}

interface ChartState {
  readonly chart: 'ewma' | 'cusum';
  readonly parameter: number;
  readonly mean: string;
  readonly deviation: string;
  readonly up: string;
  readonly down: string;
}

/**
 * Control charts over each column, for residuals of a model: small lasting shifts that no single row shows. EWMA
 * (Roberts 1959): an exponentially weighted mean in units of its own standard deviation. CUSUM (Page 1954), two-sided:
 * the sum of what exceeds the allowance, restarted at zero, and held at `ceiling` so that it comes back after a fault.
 * The score is the largest column's.
 */
class ControlChart implements DetectorEngine {
  readonly #chart: 'ewma' | 'cusum';
  readonly #parameter: number;
  #mean: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #deviation: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #up: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #down: Float64Array<ArrayBufferLike> = new Float64Array(0);

  constructor(chart: 'ewma' | 'cusum', parameter: number) {
    this.#chart = chart;
    this.#parameter = parameter;
  }

  *fitWork(rows: Matrix): Work<void> {
    const d = rows.columns;
    this.#mean = new Float64Array(d);
    this.#deviation = new Float64Array(d);
    for (let j = 0; j < d; j++) {
      let mean = 0;
      for (let i = 0; i < rows.rows; i++) mean += (rows.data[i * d + j] as number) / rows.rows;
      let squared = 0;
      for (let i = 0; i < rows.rows; i++) squared += ((rows.data[i * d + j] as number) - mean) ** 2;
      this.#mean[j] = mean;
      this.#deviation[j] = Math.sqrt(squared / rows.rows) || 1;
    }
    yield { phase: 'control limits', done: 1, total: 1 };
    this.#up = new Float64Array(d);
    this.#down = new Float64Array(d);
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    const [up, down] = [this.#up, this.#down];
    this.#up = new Float64Array(rows.columns);
    this.#down = new Float64Array(rows.columns);
    for (let i = 0; i < rows.rows; i++) out[i] = this.step(rowOf(rows, i));
    this.#up = up;
    this.#down = down;
  }

  step(row: Float64Array): number {
    let worst = 0;
    for (let j = 0; j < row.length; j++) {
      const z = Math.max(-ceiling, Math.min(ceiling, this.#standard(row, j)));
      if (this.#chart === 'ewma') {
        this.#up[j] = (1 - this.#parameter) * (this.#up[j] as number) + this.#parameter * z;
      } else {
        this.#up[j] = Math.min(ceiling, Math.max(0, (this.#up[j] as number) + z - this.#parameter));
        this.#down[j] = Math.min(ceiling, Math.max(0, (this.#down[j] as number) - z - this.#parameter));
      }
      worst = Math.max(worst, this.#level(j));
    }
    return worst;
  }

  #standard(row: Float64Array, j: number): number {
    return ((row[j] as number) - (this.#mean[j] as number)) / (this.#deviation[j] as number);
  }

  #level(j: number): number {
    if (this.#chart === 'cusum') return Math.max(this.#up[j] as number, this.#down[j] as number);
    return Math.abs(this.#up[j] as number) * Math.sqrt((2 - this.#parameter) / this.#parameter);
  }

  /** The chart's level as it would be after the row; the row itself does not count for it. */
  contributionsInto(row: Float64Array, out: Float64Array): void {
    for (let j = 0; j < row.length; j++) out[j] = Math.max(this.#level(j), Math.abs(this.#standard(row, j)));
  }

  toJSON(): ChartState {
    return {
      chart: this.#chart,
      parameter: this.#parameter,
      mean: packFloats(this.#mean),
      deviation: packFloats(this.#deviation),
      up: packFloats(this.#up),
      down: packFloats(this.#down),
    };
  }

  static restore(state: ChartState): ControlChart {
    const engine = new ControlChart(state.chart, state.parameter);
    engine.#mean = unpackFloats(state.mean);
    engine.#deviation = unpackFloats(state.deviation);
    engine.#up = unpackFloats(state.up);
    engine.#down = unpackFloats(state.down);
    return engine;
  }
}

/** Standard deviations beyond which a single row or a sum does not count further. */
const ceiling = 50;

const tags = { missing: false, sequential: true, online: false } as const;
const restore = (state: ChartState) => ControlChart.restore(state);

/** Exponentially weighted moving average. */
export const ewma: EngineKind<EwmaOptions> = {
  name: 'ewma',
  tags,
  create: ({ weight = 0.1 }, _random: Random) => new ControlChart('ewma', weight),
  restore,
};

/** Two-sided cumulative sum. */
export const cusum: EngineKind<CusumOptions> = {
  name: 'cusum',
  tags,
  create: ({ allowance = 0.5 }, _random: Random) => new ControlChart('cusum', allowance),
  restore,
};
