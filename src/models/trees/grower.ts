import type { TreeBuilder } from './ensemble.js';
import { boundedStep, findSplit, MISSING_LEFT, MISSING_UNMET, type Split, type SplitRules } from './split.js';
import type { Workspace } from './workspace.js';

/** How a tree is grown. */
export interface GrowOptions extends SplitRules {
  readonly maxLeaves: number;
  readonly maxDepth: number;
}

/** A leaf of the tree that was grown: its rows `rowOrder[start…end)` and its answer. */
export interface GrownLeaf {
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

/** A leaf that may still be split, or a node that was. */
interface Node {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly lower: number;
  readonly upper: number;
  histogram: number;
  split: Split | undefined;
  left: Node | undefined;
  right: Node | undefined;
  /** The answer, if a leaf. */
  value: number;
}

/** No histogram. */
const NONE = -1;

/**
 * Grows trees leaf by leaf, the best first (Shi 2007; LightGBM, Ke et al. 2017), on histograms of binned columns. Only the
 * smaller child of a split is counted; the larger one is the parent minus it.
 */
export class TreeGrower {
  readonly #space: Workspace;
  readonly #options: GrowOptions;
  /** Whether hessians count rows. */
  readonly #exact: boolean;
  /** Columns in the list, and how many of them are numbers. */
  #listed = 0;
  #numeric = 0;

  /** @param exact whether each row's hessian is 1, so that sums of hessians count rows */
  constructor(space: Workspace, options: GrowOptions, exact: boolean) {
    this.#space = space;
    this.#options = options;
    this.#exact = exact;
  }

  /**
   * Grows one tree into `builder` from the pairs in the workspace.
   * @param sample rows that it learns from
   * @param columns columns that it may split on
   * @param answer turns a leaf's rows `rowOrder[start…end)` and its Newton step −G / (H + λ) into its answer
   */
  grow(
    builder: TreeBuilder,
    sample: Uint32Array,
    columns: Int32Array,
    answer: (start: number, end: number, newton: number) => number,
  ): GrownLeaf[] {
    const space = this.#space;
    const { pairs, rowOrder } = space;
    rowOrder.set(sample);
    this.#list(columns);
    let gradient = 0;
    let hessian = 0;
    for (let i = 0; i < sample.length; i++) {
      const row = sample[i] as number;
      gradient += pairs[2 * row] as number;
      hessian += pairs[2 * row + 1] as number;
    }
    const lower = Number.NEGATIVE_INFINITY;
    const upper = Number.POSITIVE_INFINITY;
    const root = node(0, sample.length, 0, gradient, hessian, lower, upper);
    if (this.#maySplit(root)) {
      root.histogram = space.takeHistogram();
      this.#count(root);
      this.#search(root, 1);
    }
    const open = [root];
    let leaves = 1;
    while (leaves < this.#options.maxLeaves) {
      let best = -1;
      let gain = 0;
      for (let i = 0; i < open.length; i++) {
        const own = open[i]?.split?.gain ?? 0;
        if (own > gain) {
          gain = own;
          best = i;
        }
      }
      if (best < 0) break;
      const leaf = open[best] as Node;
      const children = this.#divide(leaf, leaves + 1 < this.#options.maxLeaves);
      if (children === undefined) continue;
      open[best] = children[0];
      open.push(children[1]);
      leaves++;
    }
    for (const leaf of open) this.#release(leaf);
    const result: GrownLeaf[] = [];
    builder.beginTree();
    this.#answer(root, answer);
    if (this.#options.monotone !== undefined) settle(root, this.#options.monotone);
    this.#write(root, builder, result);
    return result;
  }

  /** Lists the columns for the kernels, numbers first. */
  #list(columns: Int32Array): void {
    const { list, bins } = this.#space;
    this.#listed = 0;
    for (const kind of [0, 1]) {
      for (const column of columns) if (bins.isCategorical[column] === kind) list[this.#listed++] = column;
      if (kind === 0) this.#numeric = this.#listed;
    }
  }

  #maySplit({ start, end, depth }: Node): boolean {
    return depth < this.#options.maxDepth && end - start >= 2 * this.#options.minLeaf && end - start > 1;
  }

  #release(leaf: Node): void {
    if (leaf.histogram !== NONE) this.#space.freeHistogram(leaf.histogram);
    leaf.histogram = NONE;
  }

  #count({ start, end, histogram }: Node): void {
    const { kernels, rowOrderAt, pairsAt, gatheredAt, binsAt, rows, listAt, startsAt } = this.#space;
    const at = rowOrderAt + 4 * start;
    kernels.gather(at, end - start, pairsAt, gatheredAt);
    kernels.histogram(at, end - start, gatheredAt, binsAt, rows, listAt, this.#listed, startsAt, histogram);
  }

  /** Looks for the best split; `caution` above 1 asks for more hessian on each side than the rows need on average. */
  #search(leaf: Node, caution: number): void {
    const options = this.#options;
    // Rows are counted by their hessians, as a third sum would slow the histograms down.
    const perRow = leaf.hessian / (leaf.end - leaf.start);
    const least = Math.max(options.minHessian, options.minLeaf * perRow * caution * (1 - 1e-9));
    leaf.split = findSplit(this.#space, leaf, this.#numeric, this.#listed, least, options);
  }

  /** Splits a leaf; undefined if the split leaves too few rows on a side, and then looks for another one. */
  #divide(leaf: Node, goesOn: boolean): readonly [Node, Node] | undefined {
    const split = leaf.split as Split;
    const { start, end, lower, upper } = leaf;
    const options = this.#options;
    const middle = start + this.#partition(leaf, split);
    if (!this.#exact && Math.min(middle - start, end - middle) < options.minLeaf) {
      this.#searchExactly(leaf);
      return undefined;
    }
    const rightGradient = leaf.gradient - split.leftGradient;
    const rightHessian = leaf.hessian - split.leftHessian;
    let leftUpper = upper;
    let rightLower = lower;
    let leftLower = lower;
    let rightUpper = upper;
    const direction = options.monotone?.[split.column] ?? 0;
    if (direction !== 0) {
      // Neither side may cross the middle of the two answers.
      const half =
        (boundedStep(split.leftGradient, split.leftHessian, options, lower, upper) +
          boundedStep(rightGradient, rightHessian, options, lower, upper)) /
        2;
      if (direction > 0) leftUpper = rightLower = half;
      else leftLower = rightUpper = half;
    }
    const depth = leaf.depth + 1;
    const left = node(start, middle, depth, split.leftGradient, split.leftHessian, leftLower, leftUpper);
    const right = node(middle, end, depth, rightGradient, rightHessian, rightLower, rightUpper);
    leaf.left = left;
    leaf.right = right;
    if (goesOn) this.#countChildren(leaf, left, right);
    this.#release(leaf);
    return [left, right];
  }

  #countChildren(parent: Node, left: Node, right: Node): void {
    const space = this.#space;
    if (!space.keepsHistograms) {
      for (const child of [left, right]) this.#countAndSearch(child);
      return;
    }
    const [small, large] = left.end - left.start <= right.end - right.start ? [left, right] : [right, left];
    if (!this.#maySplit(large)) return;
    small.histogram = space.takeHistogram();
    this.#count(small);
    large.histogram = parent.histogram;
    parent.histogram = NONE;
    if (this.#listed === space.columns) space.kernels.subtract(large.histogram, small.histogram, space.histogramPairs);
    else {
      for (let k = 0; k < this.#listed; k++) {
        const column = space.list[k] as number;
        const first = space.starts[column] as number;
        const pairs = (space.starts[column + 1] as number) - first;
        space.kernels.subtract(large.histogram + 16 * first, small.histogram + 16 * first, pairs);
      }
    }
    this.#search(large, 1);
    if (this.#maySplit(small)) this.#search(small, 1);
  }

  #countAndSearch(leaf: Node): void {
    if (!this.#maySplit(leaf)) return;
    leaf.histogram = this.#space.takeHistogram();
    this.#count(leaf);
    this.#search(leaf, 1);
  }

  /** Asks for ever more hessian until each side has the rows that it needs. */
  #searchExactly(leaf: Node): void {
    if (!this.#space.keepsHistograms) this.#count(leaf);
    for (let caution = 2; ; caution *= 2) {
      this.#search(leaf, caution);
      const { split } = leaf;
      if (split === undefined) return;
      const left = this.#partition(leaf, split);
      if (Math.min(left, leaf.end - leaf.start - left) >= this.#options.minLeaf) return;
    }
  }

  /** Puts the rows that go left first; returns how many these are. */
  #partition({ start, end }: Node, { column, bin, set, missing }: Split): number {
    const { kernels, table, bins, rowOrderAt, binsAt, rows, tableAt, spareAt } = this.#space;
    if (set === undefined) table.fill(1, 0, bin + 1).fill(0, bin + 1);
    else for (let i = 0; i < 256; i++) table[i] = ((set[i >> 5] as number) >>> (i & 31)) & 1;
    if (missing !== MISSING_UNMET) table[bins.valueBins[column] as number] = missing === MISSING_LEFT ? 1 : 0;
    return kernels.partition(rowOrderAt + 4 * start, end - start, binsAt + column * rows, tableAt, spareAt);
  }

  #answer(leaf: Node, answer: (start: number, end: number, newton: number) => number): void {
    const { start, end, left, right, gradient, hessian, lower, upper } = leaf;
    if (left === undefined || right === undefined) {
      leaf.value = answer(start, end, boundedStep(gradient, hessian, this.#options, lower, upper));
      return;
    }
    this.#answer(left, answer);
    this.#answer(right, answer);
  }

  #write({ start, end, left, right, split, value }: Node, builder: TreeBuilder, result: GrownLeaf[]): void {
    const cover = end - start;
    if (left === undefined || right === undefined || split === undefined) {
      builder.leaf(value, cover);
      result.push({ start, end, value });
      return;
    }
    const { column, bin, set, missing } = split;
    // Where training met no missing value, one goes with the majority.
    const missingLeft =
      missing === MISSING_UNMET ? left.end - left.start >= right.end - right.start : missing === MISSING_LEFT;
    const edges = this.#space.bins.edges[column] as Float64Array;
    // The last bin has no upper edge: such a split parts missing values from all others.
    const threshold = bin < edges.length ? (edges[bin] as number) : Number.POSITIVE_INFINITY;
    const at =
      set === undefined
        ? builder.split(column, threshold, missingLeft, cover)
        : builder.splitCategories(column, set, missingLeft, cover);
    this.#write(left, builder, result);
    builder.setRight(at, builder.size);
    this.#write(right, builder, result);
  }
}

/**
 * Makes answers that are not Newton steps follow monotone constraints: where a split's sides overlap, both stop at the
 * middle. Answers only move between those of their own subtree, so what holds above goes on to hold.
 */
function settle({ left, right, split }: Node, monotone: ArrayLike<number>): void {
  if (left === undefined || right === undefined || split === undefined) return;
  const direction = monotone[split.column] ?? 0;
  if (direction !== 0) {
    const [small, great] = direction > 0 ? [left, right] : [right, left];
    const top = reach(small, Math.max);
    const bottom = reach(great, Math.min);
    if (top > bottom) {
      const middle = top / 2 + bottom / 2;
      bound(small, (value) => Math.min(value, middle));
      bound(great, (value) => Math.max(value, middle));
    }
  }
  settle(left, monotone);
  settle(right, monotone);
}

function reach({ left, right, value }: Node, of: (a: number, b: number) => number): number {
  return left === undefined || right === undefined ? value : of(reach(left, of), reach(right, of));
}

function bound(leaf: Node, by: (value: number) => number): void {
  if (leaf.left === undefined || leaf.right === undefined) {
    leaf.value = by(leaf.value);
    return;
  }
  bound(leaf.left, by);
  bound(leaf.right, by);
}

function node(
  start: number,
  end: number,
  depth: number,
  gradient: number,
  hessian: number,
  lower: number,
  upper: number,
): Node {
  return {
    start,
    end,
    depth,
    gradient,
    hessian,
    lower,
    upper,
    histogram: NONE,
    split: undefined,
    left: undefined,
    right: undefined,
    value: 0,
  };
}
