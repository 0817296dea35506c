import { Random } from '../../core/random.js';
import type { Matrix } from '../matrix.js';

/** Most values' bins of one column; one more is kept for missing values, so that a bin's number fits a byte. */
export const MAX_BINS = 255;

/** Quantiles are taken from at most this many rows. */
const SAMPLE = 50_000;

/** A matrix whose values were replaced by the numbers of quantile bins. */
export interface BinnedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Column after column: `bins[column * rows + row]`. */
  readonly bins: Uint8Array;
  /** For each column, the upper edges of its bins but the last: bin b holds values `<= edges[b]`. */
  readonly edges: readonly Float64Array[];
  /** For each column, the bin of missing values, which is its number of value bins. */
  readonly missingBin: Int32Array;
  /** For each column, whether it has missing values. */
  readonly hasMissing: Uint8Array;
}

/** Edges halfway between neighbouring values, at quantiles where there are more values than bins. */
function edgesOf(values: Float64Array, maxBins: number): Float64Array {
  const sorted = values.sort();
  const distinct: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i] as number;
    if (value === distinct[distinct.length - 1]) counts[counts.length - 1] = (counts[counts.length - 1] as number) + 1;
    else {
      distinct.push(value);
      counts.push(1);
    }
  }
  const edges: number[] = [];
  if (distinct.length <= maxBins) {
    for (let i = 0; i + 1 < distinct.length; i++) edges.push(between(distinct[i] as number, distinct[i + 1] as number));
    return Float64Array.from(edges);
  }
  // Bins are filled up to an equal share of what is left, so that one value that is met often does not starve the others.
  let left = sorted.length;
  let bins = maxBins;
  let filled = 0;
  for (let i = 0; i + 1 < distinct.length && edges.length < maxBins - 1; i++) {
    filled += counts[i] as number;
    if (filled >= left / bins) {
      edges.push(between(distinct[i] as number, distinct[i + 1] as number));
      left -= filled;
      bins--;
      filled = 0;
    }
  }
  return Float64Array.from(edges);
}

/** A threshold with `low <= threshold < high`. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle < high && Number.isFinite(middle) ? middle : low;
}

/** Bins every column of `matrix`; infinite values go into the outermost bins. */
export function binMatrix(
  { data, rows, columns }: Matrix,
  { maxBins = MAX_BINS, seed = 0 }: { readonly maxBins?: number; readonly seed?: number } = {},
): BinnedMatrix {
  const bins = new Uint8Array(rows * columns);
  const edges: Float64Array[] = [];
  const missingBin = new Int32Array(columns);
  const hasMissing = new Uint8Array(columns);
  const sampled = Uint32Array.from({ length: rows }, (_, i) => i);
  if (rows > SAMPLE) new Random(seed).shuffle(sampled, SAMPLE);
  const sample = sampled.subarray(0, Math.min(rows, SAMPLE));
  const values = new Float64Array(sample.length);
  for (let column = 0; column < columns; column++) {
    let count = 0;
    for (const row of sample) {
      const value = data[row * columns + column] as number;
      if (!Number.isNaN(value)) values[count++] = value;
    }
    const edge = edgesOf(values.slice(0, count), maxBins);
    edges.push(edge);
    missingBin[column] = edge.length + 1;
    const start = column * rows;
    for (let row = 0; row < rows; row++) {
      const value = data[row * columns + column] as number;
      if (Number.isNaN(value)) {
        bins[start + row] = edge.length + 1;
        hasMissing[column] = 1;
        continue;
      }
      let low = 0;
      let high = edge.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (value <= (edge[middle] as number)) high = middle;
        else low = middle + 1;
      }
      bins[start + row] = low;
    }
  }
  return { rows, columns, bins, edges, missingBin, hasMissing };
}
