import { TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import type { Matrix } from '../matrix.js';

/** Most values' bins of one column; one more is kept for missing values, so that a bin's number fits a byte. */
export const MAX_BINS = 255;

/** Quantiles are taken from at most this many rows. */
const SAMPLE = 50_000;

/** How columns are binned. */
export interface BinningOptions {
  /** Most bins of values a column, up to 255. */
  readonly maxBins?: number;
  /** Draws the rows that quantiles are taken from, where there are very many. */
  readonly seed?: number;
  /** Columns whose values are categories: whole numbers 0…254, each a bin of its own. */
  readonly categorical?: readonly number[] | undefined;
}

/** How the columns of a matrix are binned. */
export interface ColumnBins {
  /** For each column, the upper edges of its bins but the last: bin b holds values `<= edges[b]`. */
  readonly edges: readonly Float64Array[];
  /** For each column, its number of bins for values, which is also the number of its bin for missing values. */
  readonly valueBins: Int32Array;
  /** For each column, whether it has missing values. */
  readonly hasMissing: Uint8Array;
  /** For each column, whether its bins are categories. */
  readonly isCategorical: Uint8Array;
}

/** Edges halfway between neighbouring values, at quantiles where there are more values than bins. */
function edgesOf(values: Float64Array, maxBins: number): Float64Array {
  const sorted = values.sort();
  // Where runs of equal values end.
  const ends = new Uint32Array(sorted.length);
  let runs = 0;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) ends[runs++] = i;
  const edges: number[] = [];
  const push = (end: number) => edges.push(between(sorted[end - 1] as number, sorted[end] as number));
  if (runs < maxBins) {
    for (let i = 0; i < runs; i++) push(ends[i] as number);
    return Float64Array.from(edges);
  }
  // Bins are filled up to an equal share of what is left, so that one value that is met often does not starve the others.
  let left = sorted.length;
  let bins = maxBins;
  let from = 0;
  for (let i = 0; i < runs && edges.length < maxBins - 1; i++) {
    const end = ends[i] as number;
    if (end - from < left / bins) continue;
    push(end);
    left -= end - from;
    bins--;
    from = end;
  }
  return Float64Array.from(edges);
}

/** A threshold with `low <= threshold < high`. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle < high && Number.isFinite(middle) ? middle : low;
}

/** Where the values of a column are looked up: buckets of equal width, each with the first bin that it can lie in. */
const BUCKETS = 1024;

/** The edges of each column's bins, from a sample of the rows, and whether it has missing values. */
export function findEdges(
  matrix: Matrix,
  { maxBins = MAX_BINS, seed = 0, categorical = [] }: BinningOptions = {},
): ColumnBins {
  const { data, rows, columns } = matrix;
  const edges: Float64Array[] = [];
  const hasMissing = new Uint8Array(columns);
  const valueBins = new Int32Array(columns);
  const isCategorical = new Uint8Array(columns);
  for (const column of categorical) isCategorical[checkCategorical(matrix, column)] = 1;
  const sample = Uint32Array.from({ length: rows }, (_, i) => i);
  if (rows > SAMPLE) new Random(seed).shuffle(sample, SAMPLE);
  const values = new Float64Array(Math.min(rows, SAMPLE));
  for (let column = 0; column < columns; column++) {
    let count = 0;
    for (let i = 0; i < values.length; i++) {
      const value = data[(sample[i] as number) * columns + column] as number;
      if (!Number.isNaN(value)) values[count++] = value;
    }
    if (isCategorical[column] === 1) {
      let most = 0;
      for (let row = 0; row < rows; row++) most = Math.max(most, data[row * columns + column] || 0);
      edges.push(Float64Array.from({ length: most }, (_, i) => i + 0.5));
    } else edges.push(edgesOf(values.subarray(0, count), maxBins));
    valueBins[column] = (edges[column] as Float64Array).length + 1;
    for (let row = 0; row < rows; row++) {
      if (!Number.isNaN(data[row * columns + column] as number)) continue;
      hasMissing[column] = 1;
      break;
    }
  }
  return { edges, valueBins, hasMissing, isCategorical };
}

/** @throws TwinergyError `TREES_BAD_OPTION`, `TREES_BAD_CATEGORY` */
function checkCategorical({ data, rows, columns }: Matrix, column: number): number {
  if (!(Number.isInteger(column) && column >= 0 && column < columns)) {
    throw new TwinergyError('TREES_BAD_OPTION', `There is no column ${column} of ${columns}.`, {
      path: 'categorical',
      value: column,
    });
  }
  for (let row = 0; row < rows; row++) {
    const value = data[row * columns + column] as number;
    if (Number.isNaN(value) || (Number.isInteger(value) && value >= 0 && value < MAX_BINS)) continue;
    throw new TwinergyError(
      'TREES_BAD_CATEGORY',
      `A category is a whole number from 0 to ${MAX_BINS - 1}, got ${value}.`,
      {
        path: `row ${row}, column ${column}`,
        value,
      },
    );
  }
  return column;
}

/** Writes the bin of each value, column after column, to `bins`; infinite values go into the outermost bins. */
export function writeBins({ data, rows, columns }: Matrix, { edges }: ColumnBins, bins: Uint8Array): void {
  const firstBin = new Uint8Array(BUCKETS + 2);
  for (let column = 0; column < columns; column++) {
    const edge = edges[column] as Float64Array;
    const missing = edge.length + 1;
    const start = column * rows;
    const low = edge.length > 0 ? (edge[0] as number) : 0;
    const span = edge.length > 0 ? (edge[edge.length - 1] as number) - low : 0;
    const scale = span > 0 ? BUCKETS / span : 0;
    // Bucket k holds values from k / scale on; those of bucket k have bins firstBin[k]…firstBin[k + 1].
    const usable = Number.isFinite(scale) && scale > 0;
    if (usable) {
      let bin = 0;
      for (let k = 0; k <= BUCKETS + 1; k++) {
        while (bin < edge.length && Math.floor(((edge[bin] as number) - low) * scale) < k) bin++;
        firstBin[k] = bin;
      }
    }
    for (let row = 0; row < rows; row++) {
      const value = data[row * columns + column] as number;
      if (Number.isNaN(value)) {
        bins[start + row] = missing;
        continue;
      }
      let from = 0;
      let to = edge.length;
      if (usable) {
        const place = (value - low) * scale;
        const bucket = place >= BUCKETS ? BUCKETS : place > 0 ? Math.floor(place) : 0;
        from = place > 0 ? (firstBin[bucket] as number) : 0;
        to = place >= BUCKETS ? edge.length : (firstBin[bucket + 1] as number);
      }
      while (from < to) {
        const middle = (from + to) >>> 1;
        if (value <= (edge[middle] as number)) to = middle;
        else from = middle + 1;
      }
      bins[start + row] = from;
    }
  }
}
