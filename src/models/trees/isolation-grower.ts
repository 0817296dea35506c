import type { Random } from '../../core/random.js';
import type { TreeBuilder } from './ensemble.js';

/**
 * Grows isolation trees on a small sample, which it holds column after column so that a node's values lie close together.
 */
export class IsolationGrower {
  readonly #columns: number;
  readonly #size: number;
  readonly #random: Random;
  readonly #builder: TreeBuilder;
  readonly #maxDepth: number;
  /** Depth that a leaf of so many rows would still need. */
  readonly #leafDepth: Float64Array;
  readonly #candidates: Int32Array;
  readonly #values: Float64Array;
  readonly #rows: Int32Array;

  constructor(
    columns: number,
    random: Random,
    builder: TreeBuilder,
    maxDepth: number,
    leafDepth: Float64Array,
    size: number,
  ) {
    this.#columns = columns;
    this.#size = size;
    this.#random = random;
    this.#builder = builder;
    this.#maxDepth = maxDepth;
    this.#leafDepth = leafDepth;
    this.#candidates = Int32Array.from({ length: columns }, (_, i) => i);
    this.#values = new Float64Array(columns * size);
    this.#rows = new Int32Array(size);
  }

  /** Grows one tree on the first rows of `order`. */
  grow(data: Float64Array, order: Uint32Array): void {
    const size = this.#size;
    const columns = this.#columns;
    for (let i = 0; i < size; i++) {
      const from = (order[i] as number) * columns;
      for (let column = 0; column < columns; column++) this.#values[column * size + i] = data[from + column] as number;
      this.#rows[i] = i;
    }
    this.#builder.beginTree();
    this.#node(0, size, 0);
  }

  /** Grows the node of the rows in places `start…end`; they are put in order in place. */
  #node(start: number, end: number, depth: number): void {
    const count = end - start;
    const builder = this.#builder;
    if (count > 1 && depth < this.#maxDepth) {
      const candidates = this.#candidates;
      // Columns are tried in random order until one can be split: a constant one cannot.
      for (let left = this.#columns; left > 0; left--) {
        const pick = this.#random.int(left);
        const column = candidates[pick] as number;
        candidates[pick] = candidates[left - 1] as number;
        candidates[left - 1] = column;
        if (this.#split(column, start, end, depth)) return;
      }
    }
    builder.leaf(depth + (this.#leafDepth[count] as number), count);
  }

  /** Splits the node at a random value of the column; false if the column has only one value here. */
  #split(column: number, start: number, end: number, depth: number): boolean {
    const rows = this.#rows;
    const values = this.#values;
    const from = column * this.#size;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const value = values[from + (rows[i] as number)] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!(high > low)) return false;
    let threshold = finiteBetween(low, high, this.#random.next());
    if (threshold >= high) threshold = low;
    let middle = start;
    let missing = end;
    // Three-way: left, right, missing at the end.
    for (let i = start; i < missing; ) {
      const row = rows[i] as number;
      const value = values[from + row] as number;
      if (value <= threshold) {
        rows[i] = rows[middle] as number;
        rows[middle++] = row;
        i++;
      } else if (!Number.isNaN(value)) i++;
      else {
        missing--;
        rows[i] = rows[missing] as number;
        rows[missing] = row;
      }
    }
    const missingLeft = middle - start >= missing - middle;
    if (missingLeft && missing < end) {
      // Missing rows go with the left ones: they change places with the first of the right ones.
      for (let i = missing; i < end; i++) {
        const row = rows[i] as number;
        rows[i] = rows[middle] as number;
        rows[middle++] = row;
      }
    }
    const builder = this.#builder;
    const node = builder.split(column, threshold, missingLeft, end - start);
    this.#node(start, middle, depth + 1);
    builder.setRight(node, builder.size);
    this.#node(middle, end, depth + 1);
    return true;
  }
}

/** A point between two values of which one or both may be infinite. */
export function finiteBetween(low: number, high: number, fraction: number): number {
  const a = Math.max(low, -Number.MAX_VALUE);
  const b = Math.min(high, Number.MAX_VALUE);
  return a * (1 - fraction) + b * fraction;
}
