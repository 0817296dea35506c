import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';

/** How columns are brought to one scale: mean and standard deviation, median and interquartile range, or not at all. */
export type ScalerName = 'standard' | 'robust' | 'none';

/** A fitted scaler as JSON data. */
export interface ScalerState {
  readonly centre: string;
  readonly scale: string;
}

/** Scaled values are held within ±this: an infinite reading is very unusual, and yet every sum stays finite. */
const farthest = 1e6;

/** Brings each column to centre 0 and scale 1. A constant column has scale 1, so that it stays 0 and moves in its unit. */
export class Scaler {
  readonly centre: Float64Array;
  readonly scale: Float64Array;

  constructor(centre: Float64Array, scale: Float64Array) {
    this.centre = centre;
    this.scale = scale;
  }

  /** Fits to `rows`; only finite values count. A column without any has centre 0 and scale 1. */
  static fit(rows: Matrix, name: ScalerName): Scaler {
    const centre = new Float64Array(rows.columns);
    const scale = new Float64Array(rows.columns).fill(1);
    const values = new Float64Array(rows.rows);
    for (let j = 0; j < rows.columns; j++) {
      let count = 0;
      for (let i = 0; i < rows.rows; i++) {
        const x = rows.data[i * rows.columns + j] as number;
        if (Number.isFinite(x)) values[count++] = x;
      }
      const [c, s] = spread(values.subarray(0, count), name);
      centre[j] = c;
      scale[j] = s;
    }
    return new Scaler(centre, scale);
  }

  /** Scales `row` in place. NaN stays, or becomes the centre if `fill`. */
  apply(row: Float64Array, fill: boolean): void {
    for (let j = 0; j < row.length; j++) {
      const x = ((row[j] as number) - (this.centre[j] as number)) / (this.scale[j] as number);
      row[j] = Number.isNaN(x) ? (fill ? 0 : x) : Math.max(-farthest, Math.min(farthest, x));
    }
  }

  /** The value in its own unit that `scaled` stands for in column `j`. */
  restoreValue(j: number, scaled: number): number {
    return scaled * (this.scale[j] as number) + (this.centre[j] as number);
  }

  toJSON(): ScalerState {
    return { centre: packFloats(this.centre), scale: packFloats(this.scale) };
  }

  static fromJSON(state: ScalerState): Scaler {
    return new Scaler(unpackFloats(state.centre), unpackFloats(state.scale));
  }
}

function spread(values: Float64Array, name: ScalerName): [centre: number, scale: number] {
  if (values.length === 0 || name === 'none') return [0, 1];
  if (name === 'robust') {
    const sorted = values.slice().sort();
    const iqr = quantileSorted(sorted, 0.75) - quantileSorted(sorted, 0.25);
    // More than half of the column is one value: the interquartile range says nothing, the standard deviation does.
    return [quantileSorted(sorted, 0.5), iqr > 0 ? iqr / 1.349 : spread(values, 'standard')[1]];
  }
  let mean = 0;
  for (const x of values) mean += x / values.length;
  let squared = 0;
  for (const x of values) squared += ((x - mean) * (x - mean)) / values.length;
  const deviation = Math.sqrt(squared);
  // Rounding leaves a constant column a deviation of some ulps.
  return Number.isFinite(mean)
    ? [mean, deviation > 1e-12 * Math.abs(mean) && Number.isFinite(deviation) ? deviation : 1]
    : [0, 1];
}

/** Quantile `p` of sorted values, by linear interpolation (type 7 of Hyndman & Fan 1996). */
export function quantileSorted(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1);
  const low = Math.floor(position);
  const a = sorted[low] as number;
  return a + (position - low) * ((sorted[Math.min(low + 1, sorted.length - 1)] as number) - a);
}
