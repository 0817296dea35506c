import type { Random } from '../../core/random.js';
import type { BinnedMatrix } from './binning.js';
import type { TreeBuilder } from './ensemble.js';
import { newtonStep } from './newton.js';
import { bestSplit, emptySplit, type Split, type SplitRules } from './split.js';

/** How a tree is grown. */
export interface GrowOptions extends SplitRules {
  readonly maxLeaves: number;
  readonly maxDepth: number;
  /** Columns that may be split on in this tree; every node looks at `columnsPerNode` of them. */
  readonly columnsPerNode: number;
}

/** A leaf that may still be split. */
interface OpenLeaf {
  start: number;
  end: number;
  depth: number;
  gradient: number;
  hessian: number;
  lower: number;
  upper: number;
  histogram: Float64Array;
  split: Split;
  value: number;
  left: OpenLeaf | undefined;
  right: OpenLeaf | undefined;
}

/** Pairs of gradient and hessian sums for each bin of each column, with room for the missing bin. */
const STRIDE = 512;

/**
 * Grows trees leaf by leaf, the best first (Shi 2007; LightGBM, Ke et al. 2017), on histograms of binned columns. Only the
 * smaller child of a split is counted; the larger one is the parent minus it.
 */
export class TreeGrower {
  readonly #binned: BinnedMatrix;
  readonly #rows: Uint32Array;
  readonly #spare: Uint32Array;
  readonly #gradients: Float64Array;
  readonly #hessians: Float64Array;
  readonly #pool: Float64Array[] = [];
  readonly #random: Random;
  readonly #columns: Int32Array;

  constructor(binned: BinnedMatrix, random: Random) {
    this.#binned = binned;
    this.#rows = new Uint32Array(binned.rows);
    this.#spare = new Uint32Array(binned.rows);
    this.#gradients = new Float64Array(binned.rows);
    this.#hessians = new Float64Array(binned.rows);
    this.#random = random;
    this.#columns = Int32Array.from({ length: binned.columns }, (_, i) => i);
  }

  /**
   * Grows one tree into `builder`.
   * @param sample rows that it learns from
   * @param gradient of the loss, for each row of the matrix
   * @param hessian the same, or undefined where it is 1 for every row
   * @param columns columns it may split on
   * @param leafValue turns a leaf's rows into its answer; default: the Newton step −G / (H + λ)
   * @returns for each leaf, its rows and its answer
   */
  grow(
    builder: TreeBuilder,
    sample: Uint32Array,
    gradient: Float64Array,
    hessian: Float64Array | undefined,
    columns: Int32Array,
    options: GrowOptions,
    leafValue?: (rows: Uint32Array, newton: number) => number,
  ): { readonly rows: Uint32Array; readonly value: number }[] {
    const rows = this.#rows.subarray(0, sample.length);
    rows.set(sample);
    let sumGradient = 0;
    let sumHessian = 0;
    for (let i = 0; i < rows.length; i++) {
      sumGradient += gradient[rows[i] as number] as number;
      sumHessian += hessian === undefined ? 1 : (hessian[rows[i] as number] as number);
    }
    const root = this.#open(
      0,
      rows.length,
      0,
      sumGradient,
      sumHessian,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      options,
    );
    this.#count(root, gradient, hessian, columns);
    this.#search(root, columns, options);
    const open = [root];
    let leaves = 1;
    while (leaves < options.maxLeaves) {
      let best: OpenLeaf | undefined;
      for (const leaf of open)
        if (leaf.split.gain > 0 && (best === undefined || leaf.split.gain > best.split.gain)) best = leaf;
      if (best === undefined) break;
      open.splice(open.indexOf(best), 1);
      const [left, right] = this.#divide(best, gradient, hessian, columns, options, leaves + 1 < options.maxLeaves);
      open.push(left, right);
      leaves++;
    }
    for (const leaf of open) this.#release(leaf);
    const result: { rows: Uint32Array; value: number }[] = [];
    builder.beginTree();
    this.#write(root, builder, leafValue, result);
    return result;
  }

  #open(
    start: number,
    end: number,
    depth: number,
    gradient: number,
    hessian: number,
    lower: number,
    upper: number,
    { lambda, alpha }: GrowOptions,
  ): OpenLeaf {
    const value = Math.min(upper, Math.max(lower, newtonStep(gradient, hessian, lambda, alpha)));
    const histogram = this.#pool.pop() ?? new Float64Array(this.#binned.columns * STRIDE);
    return {
      start,
      end,
      depth,
      gradient,
      hessian,
      lower,
      upper,
      histogram,
      split: emptySplit(),
      value,
      left: undefined,
      right: undefined,
    };
  }

  #release(leaf: OpenLeaf): void {
    this.#pool.push(leaf.histogram);
    leaf.histogram = EMPTY;
  }

  /** Fills the leaf's histograms. */
  #count(
    { start, end, histogram }: OpenLeaf,
    gradient: Float64Array,
    hessian: Float64Array | undefined,
    columns: Int32Array,
  ): void {
    const { bins, rows: height, missingBin } = this.#binned;
    const rows = this.#rows;
    const count = end - start;
    const gathered = this.#gradients;
    for (let i = 0; i < count; i++) gathered[i] = gradient[rows[start + i] as number] as number;
    const weights = this.#hessians;
    if (hessian !== undefined)
      for (let i = 0; i < count; i++) weights[i] = hessian[rows[start + i] as number] as number;
    for (const column of columns) {
      const base = column * STRIDE;
      histogram.fill(0, base, base + 2 * ((missingBin[column] as number) + 1));
      const from = column * height;
      if (hessian === undefined) {
        for (let i = 0; i < count; i++) {
          const slot = base + 2 * (bins[from + (rows[start + i] as number)] as number);
          histogram[slot] = (histogram[slot] as number) + (gathered[i] as number);
          histogram[slot + 1] = (histogram[slot + 1] as number) + 1;
        }
      } else {
        for (let i = 0; i < count; i++) {
          const slot = base + 2 * (bins[from + (rows[start + i] as number)] as number);
          histogram[slot] = (histogram[slot] as number) + (gathered[i] as number);
          histogram[slot + 1] = (histogram[slot + 1] as number) + (weights[i] as number);
        }
      }
    }
  }

  #search(leaf: OpenLeaf, columns: Int32Array, options: GrowOptions): void {
    if (leaf.depth >= options.maxDepth || leaf.end - leaf.start < 2 * options.minLeaf) return;
    let looked = columns;
    if (options.columnsPerNode < columns.length) {
      const mixed = this.#columns.subarray(0, columns.length);
      mixed.set(columns);
      this.#random.shuffle(mixed, options.columnsPerNode);
      looked = mixed.subarray(0, options.columnsPerNode);
    }
    for (const column of looked) {
      bestSplit(leaf.histogram, column * STRIDE, column, this.#binned, leaf, leaf.end - leaf.start, options);
    }
  }

  #divide(
    leaf: OpenLeaf,
    gradient: Float64Array,
    hessian: Float64Array | undefined,
    columns: Int32Array,
    options: GrowOptions,
    goesOn: boolean,
  ): readonly [OpenLeaf, OpenLeaf] {
    const { split, start, end } = leaf;
    const middle = this.#partition(start, end, split);
    // With a monotone constraint, neither side may cross the middle of the two answers.
    const direction = options.monotone?.[split.column] ?? 0;
    const half = (split.leftValue + split.rightValue) / 2;
    const left = this.#open(
      start,
      middle,
      leaf.depth + 1,
      split.leftGradient,
      split.leftHessian,
      direction < 0 ? half : leaf.lower,
      direction > 0 ? half : leaf.upper,
      options,
    );
    const right = this.#open(
      middle,
      end,
      leaf.depth + 1,
      leaf.gradient - split.leftGradient,
      leaf.hessian - split.leftHessian,
      direction > 0 ? half : leaf.lower,
      direction < 0 ? half : leaf.upper,
      options,
    );
    leaf.left = left;
    leaf.right = right;
    if (goesOn) {
      const [small, large] = middle - start <= end - middle ? [left, right] : [right, left];
      if (large.end - large.start >= 2 * options.minLeaf && large.depth < options.maxDepth) {
        this.#count(small, gradient, hessian, columns);
        const parent = leaf.histogram;
        const minus = small.histogram;
        const difference = large.histogram;
        for (const column of columns) {
          const base = column * STRIDE;
          const stop = base + 2 * ((this.#binned.missingBin[column] as number) + 1);
          for (let i = base; i < stop; i++) difference[i] = (parent[i] as number) - (minus[i] as number);
        }
        this.#search(small, columns, options);
        this.#search(large, columns, options);
      }
    }
    this.#release(leaf);
    return [left, right];
  }

  /** Puts the rows that go left first, each side in its old order; returns where the right side begins. */
  #partition(start: number, end: number, { column, bin, missingLeft }: Split): number {
    const { bins, rows: height, missingBin } = this.#binned;
    const rows = this.#rows;
    const spare = this.#spare;
    const from = column * height;
    const missing = missingBin[column] as number;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      const b = bins[from + row] as number;
      if (b <= bin || (missingLeft && b === missing)) rows[left++] = row;
      else spare[right++] = row;
    }
    rows.set(spare.subarray(0, right), left);
    return left;
  }

  #write(
    leaf: OpenLeaf,
    builder: TreeBuilder,
    leafValue: ((rows: Uint32Array, newton: number) => number) | undefined,
    result: { rows: Uint32Array; value: number }[],
  ): void {
    const { left, right, split } = leaf;
    const cover = leaf.end - leaf.start;
    if (left === undefined || right === undefined) {
      const rows = this.#rows.subarray(leaf.start, leaf.end);
      const value = leafValue === undefined ? leaf.value : leafValue(rows, leaf.value);
      builder.leaf(value, cover);
      result.push({ rows, value });
      return;
    }
    const edge = this.#binned.edges[split.column] as Float64Array;
    // The last bin has no upper edge: such a split parts missing values from all others.
    const threshold = split.bin < edge.length ? (edge[split.bin] as number) : Number.POSITIVE_INFINITY;
    const node = builder.split(split.column, threshold, split.missingLeft, cover);
    this.#write(left, builder, leafValue, result);
    builder.setRight(node, builder.size);
    this.#write(right, builder, leafValue, result);
  }
}

const EMPTY = new Float64Array(0);
