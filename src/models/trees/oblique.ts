import type { Random } from '../../core/random.js';
import type { Matrix } from '../matrix.js';
import { finiteBetween } from './isolation-grower.js';
import { packBytes, unpackBytes } from './pack.js';

/**
 * Trees whose nodes cut along a direction: a row goes left where Σ weight · value <= threshold over the node's columns. A
 * node's left child is the next one; a leaf has −1 as `right` and its depth in `threshold`.
 */
export interface ObliqueTrees {
  readonly roots: Int32Array;
  readonly right: Int32Array;
  readonly threshold: Float64Array;
  /** Columns of a cut, `extent` for each node. */
  readonly columns: Int32Array;
  /** Their weights. */
  readonly weights: Float64Array;
  readonly extent: number;
  /** What a missing value is taken for: the median of the column in training. */
  readonly centre: Float64Array;
  /** Width of each column in training, by which values are made comparable. */
  readonly width: Float64Array;
}

/** Grows trees with cuts in random directions (Hariri, Carrasco Kind & Brunner 2019). */
export class ObliqueGrower {
  readonly #matrix: Matrix;
  readonly #random: Random;
  readonly #maxDepth: number;
  readonly #leafDepth: Float64Array;
  readonly #extent: number;
  readonly #centre: Float64Array;
  readonly #width: Float64Array;
  readonly #roots: number[] = [];
  readonly #right: number[] = [];
  readonly #threshold: number[] = [];
  readonly #nodeColumns: number[] = [];
  readonly #weights: number[] = [];
  readonly #order: Uint32Array;
  readonly #projection: Float64Array;

  /** @param extent columns that a cut goes through */
  constructor(matrix: Matrix, random: Random, maxDepth: number, leafDepth: Float64Array, extent: number) {
    this.#matrix = matrix;
    this.#random = random;
    this.#maxDepth = maxDepth;
    this.#leafDepth = leafDepth;
    this.#extent = Math.min(extent, matrix.columns);
    this.#order = Uint32Array.from({ length: matrix.columns }, (_, i) => i);
    this.#projection = new Float64Array(matrix.rows);
    const { centre, width } = columnShape(matrix);
    this.#centre = centre;
    this.#width = width;
  }

  /** Grows one tree on the first `size` of the rows, which are put in order in place. */
  grow(rows: Uint32Array, size: number): void {
    this.#roots.push(this.#right.length);
    this.#node(rows, 0, size, 0);
  }

  /** The trees so far. */
  finish(): ObliqueTrees {
    return {
      roots: Int32Array.from(this.#roots),
      right: Int32Array.from(this.#right),
      threshold: Float64Array.from(this.#threshold),
      columns: Int32Array.from(this.#nodeColumns),
      weights: Float64Array.from(this.#weights),
      extent: this.#extent,
      centre: this.#centre,
      width: this.#width,
    };
  }

  #node(rows: Uint32Array, start: number, end: number, depth: number): void {
    const node = this.#right.length;
    const extent = this.#extent;
    this.#right.push(-1);
    this.#threshold.push(depth + (this.#leafDepth[end - start] as number));
    for (let k = 0; k < extent; k++) {
      this.#nodeColumns.push(0);
      this.#weights.push(0);
    }
    if (end - start <= 1 || depth >= this.#maxDepth) return;
    this.#random.shuffle(this.#order, extent);
    const { data, columns } = this.#matrix;
    const projection = this.#projection;
    for (let i = start; i < end; i++) projection[rows[i] as number] = 0;
    for (let k = 0; k < extent; k++) {
      const column = this.#order[k] as number;
      const weight = this.#random.normal();
      this.#nodeColumns[node * extent + k] = column;
      this.#weights[node * extent + k] = weight;
      for (let i = start; i < end; i++) {
        const row = rows[i] as number;
        const value = standard(data[row * columns + column] as number, column, this.#centre, this.#width);
        projection[row] = (projection[row] as number) + weight * value;
      }
    }
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      low = Math.min(low, projection[rows[i] as number] as number);
      high = Math.max(high, projection[rows[i] as number] as number);
    }
    if (!(high > low)) return;
    let cut = finiteBetween(low, high, this.#random.next());
    if (cut >= high) cut = low;
    let middle = start;
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      if ((projection[row] as number) > cut) continue;
      rows[i] = rows[middle] as number;
      rows[middle++] = row;
    }
    this.#threshold[node] = cut;
    this.#node(rows, start, middle, depth + 1);
    this.#right[node] = this.#right.length;
    this.#node(rows, middle, end, depth + 1);
  }
}

/** The sum over trees of the depth that the row at `offset` reaches. */
export function sumDepths(trees: ObliqueTrees, data: Float64Array, offset: number): number {
  const { roots, right, threshold, columns, weights, extent, centre, width } = trees;
  let sum = 0;
  for (const root of roots) {
    let node = root;
    while ((right[node] as number) >= 0) {
      let projection = 0;
      for (let k = node * extent; k < (node + 1) * extent; k++) {
        const column = columns[k] as number;
        projection += (weights[k] as number) * standard(data[offset + column] as number, column, centre, width);
      }
      node = projection <= (threshold[node] as number) ? node + 1 : (right[node] as number);
    }
    sum += threshold[node] as number;
  }
  return sum;
}

/** Values farther from the centre than this many widths are taken for just so far: sums of them must stay finite. */
const FARTHEST = 1e100;

function standard(value: number, column: number, centre: Float64Array, width: Float64Array): number {
  if (Number.isNaN(value)) return 0;
  const far = value / (width[column] as number) - (centre[column] as number) / (width[column] as number);
  return Math.max(-FARTHEST, Math.min(FARTHEST, far));
}

/** Median and distance of the quartiles of each column (1 where these are equal). */
function columnShape({ data, rows, columns }: Matrix) {
  const centre = new Float64Array(columns);
  const width = new Float64Array(columns).fill(1);
  const values = new Float64Array(rows);
  for (let column = 0; column < columns; column++) {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const value = data[row * columns + column] as number;
      if (Number.isFinite(value)) values[count++] = value;
    }
    if (count === 0) continue;
    const sorted = values.subarray(0, count).sort();
    centre[column] = sorted[count >> 1] as number;
    const spread = (sorted[(3 * count) >> 2] as number) - (sorted[count >> 2] as number);
    const range = (sorted[count - 1] as number) - (sorted[0] as number);
    width[column] = [spread, range].find((value) => value > 1e-300 && Number.isFinite(value)) ?? 1;
  }
  return { centre, width };
}

/** Trees as JSON. */
export type SavedOblique = { readonly [Key in Exclude<keyof ObliqueTrees, 'extent'>]: string } & {
  readonly extent: number;
};

/** Trees → JSON, to the bit. */
export function saveOblique({ extent, ...arrays }: ObliqueTrees): SavedOblique {
  const { roots, right, threshold, columns, weights, centre, width } = arrays;
  return {
    extent,
    roots: packBytes(roots),
    right: packBytes(right),
    threshold: packBytes(threshold),
    columns: packBytes(columns),
    weights: packBytes(weights),
    centre: packBytes(centre),
    width: packBytes(width),
  };
}

/** JSON → trees. */
export function loadOblique(saved: SavedOblique): ObliqueTrees {
  const floats = (text: string) => new Float64Array(unpackBytes(text));
  const integers = (text: string) => new Int32Array(unpackBytes(text));
  return {
    extent: saved.extent,
    roots: integers(saved.roots),
    right: integers(saved.right),
    threshold: floats(saved.threshold),
    columns: integers(saved.columns),
    weights: floats(saved.weights),
    centre: floats(saved.centre),
    width: floats(saved.width),
  };
}
