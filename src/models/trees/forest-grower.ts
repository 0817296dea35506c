import type { Random } from '../../core/random.js';
import type { ColumnBins } from './binning.js';
import type { TreeBuilder } from './ensemble.js';

/** How a tree of a forest is grown. */
export interface ForestGrowOptions {
  readonly minLeaf: number;
  readonly maxDepth: number;
  /** Columns that a node looks at; more, until one can be split. */
  readonly columnsPerNode: number;
  /** 0: regression; else the number of classes, and targets are their numbers. */
  readonly classes: number;
}

/** What a leaf is told: its rows, their weight, and the weighted sum of targets, or the weight of each class. */
export type LeafAnswer = (rows: Uint32Array, weight: number, sums: Float64Array) => number;

/** Up to so many rows, the bins that are met are kept as bits: clearing and going over all would cost more. */
const FEW_ROWS = 96;

/**
 * Grows deep trees on binned columns, depth first, by variance or (for classes) Gini impurity: both are the sum over
 * sides of Σ S² / W, with S the weighted sum of targets or the weight of each class, and W the weight.
 */
export class ForestGrower {
  readonly #bins: Uint8Array;
  readonly #height: number;
  readonly #columns: ColumnBins;
  readonly #options: ForestGrowOptions;
  readonly #random: Random;
  readonly #rows: Uint32Array;
  readonly #spare: Uint32Array;
  readonly #order: Uint32Array;
  /** Sums of the node at hand. */
  readonly #nodeSums: Float64Array;
  /** For each bin its number of rows, its weight and its sum of targets: one line of a cache holds two bins. */
  readonly #histogram = new Float64Array(4 * 256);
  /** For each bin the weight of each class. */
  readonly #classSums: Float64Array;
  /** Weight, and weight times target, of the rows of the node at hand, in their order. */
  readonly #nodeWeights: Float64Array;
  readonly #nodeTargets: Float64Array;
  readonly #met = new Int32Array(8);
  /** Numbers of bins that are met, ascending. */
  readonly #list = new Int32Array(256);
  readonly #left: Float64Array;
  #target: Float64Array = new Float64Array(0);
  #weight: Float64Array = new Float64Array(0);
  /** The best split of the node at hand. */
  #bestScore = 0;
  #bestColumn = -1;
  #bestBin = 0;
  #bestMissing = 2;

  /** @param bins column after column */
  constructor(bins: Uint8Array, height: number, columns: ColumnBins, options: ForestGrowOptions, random: Random) {
    this.#bins = bins;
    this.#height = height;
    this.#columns = columns;
    this.#options = options;
    this.#random = random;
    this.#rows = new Uint32Array(height);
    this.#spare = new Uint32Array(height);
    this.#order = Uint32Array.from(columns.edges, (_, i) => i);
    this.#nodeSums = new Float64Array(Math.max(1, options.classes));
    this.#classSums = new Float64Array(256 * options.classes);
    this.#nodeWeights = new Float64Array(height);
    this.#nodeTargets = new Float64Array(height);
    this.#left = new Float64Array(Math.max(1, options.classes));
  }

  /** Grows one tree from the rows of `sample`. */
  grow(
    builder: TreeBuilder,
    sample: Uint32Array,
    target: Float64Array,
    weight: Float64Array,
    answer: LeafAnswer,
  ): void {
    this.#rows.set(sample);
    this.#target = target;
    this.#weight = weight;
    builder.beginTree();
    this.#node(builder, 0, sample.length, 0, answer);
  }

  #node(builder: TreeBuilder, start: number, end: number, depth: number, answer: LeafAnswer): void {
    const rows = this.#rows;
    const target = this.#target;
    const weight = this.#weight;
    const nodeWeights = this.#nodeWeights;
    const nodeTargets = this.#nodeTargets;
    const { classes, maxDepth, minLeaf } = this.#options;
    const sums = this.#nodeSums.fill(0);
    let total = 0;
    let sum = 0;
    const first = target[rows[start] as number] as number;
    let pure = true;
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      const y = target[row] as number;
      const w = weight[row] as number;
      total += w;
      nodeWeights[i - start] = w;
      nodeTargets[i - start] = classes === 0 ? w * y : y;
      if (classes === 0) sum += w * y;
      else sums[y] = (sums[y] as number) + w;
      if (y !== first) pure = false;
    }
    if (classes === 0) sums[0] = sum;
    const count = end - start;
    if (pure || depth >= maxDepth || count < 2 * minLeaf || !this.#search(start, end, total, sums)) {
      builder.leaf(answer(rows.subarray(start, end), total, sums), count);
      return;
    }
    const column = this.#bestColumn;
    const bin = this.#bestBin;
    const missing = this.#bestMissing;
    const middle = this.#partition(start, end, column, bin, missing === 1);
    const missingLeft = missing === 2 ? middle - start >= end - middle : missing === 1;
    const edges = this.#columns.edges[column] as Float64Array;
    const threshold = bin < edges.length ? (edges[bin] as number) : Number.POSITIVE_INFINITY;
    const node = builder.split(column, threshold, missingLeft, count);
    this.#node(builder, start, middle, depth + 1, answer);
    builder.setRight(node, builder.size);
    this.#node(builder, middle, end, depth + 1, answer);
  }

  #search(start: number, end: number, total: number, sums: Float64Array): boolean {
    const order = this.#order;
    const { columnsPerNode } = this.#options;
    let whole = 0;
    for (const sum of sums) whole += sum * sum;
    // What rounding makes is no gain.
    this.#bestScore = (whole / total) * (1 + 1e-12);
    this.#bestColumn = -1;
    for (let k = 0; k < order.length && (k < columnsPerNode || this.#bestColumn < 0); k++) {
      const j = k + this.#random.int(order.length - k);
      const column = order[j] as number;
      order[j] = order[k] as number;
      order[k] = column;
      const met = this.#count(start, end, column);
      if (met > 1) {
        if (this.#options.classes === 0) this.#scan(column, met, end - start, total, sums[0] as number);
        else this.#scanClasses(column, met, end - start, total, sums);
      }
      this.#clear(met);
    }
    return this.#bestColumn >= 0;
  }

  /** Fills the histogram of a column; returns the number of bins that are met. */
  #count(start: number, end: number, column: number): number {
    const rows = this.#rows;
    const bins = this.#bins;
    const weights = this.#nodeWeights;
    const targets = this.#nodeTargets;
    const histogram = this.#histogram;
    const list = this.#list;
    const from = column * this.#height;
    const few = end - start <= FEW_ROWS;
    const met = this.#met;
    if (few) {
      met.fill(0);
      for (let i = 0; i < end - start; i++) {
        const bin = bins[from + (rows[start + i] as number)] as number;
        met[bin >> 5] = (met[bin >> 5] as number) | (1 << (bin & 31));
        const slot = 4 * bin;
        histogram[slot] = (histogram[slot] as number) + 1;
        histogram[slot + 1] = (histogram[slot + 1] as number) + (weights[i] as number);
        histogram[slot + 2] = (histogram[slot + 2] as number) + (targets[i] as number);
      }
    } else {
      for (let i = 0; i < end - start; i++) {
        const slot = 4 * (bins[from + (rows[start + i] as number)] as number);
        histogram[slot] = (histogram[slot] as number) + 1;
        histogram[slot + 1] = (histogram[slot + 1] as number) + (weights[i] as number);
        histogram[slot + 2] = (histogram[slot + 2] as number) + (targets[i] as number);
      }
    }
    const { classes } = this.#options;
    if (classes > 0) {
      const sums = this.#classSums;
      for (let i = 0; i < end - start; i++) {
        const slot = classes * (bins[from + (rows[start + i] as number)] as number) + (targets[i] as number);
        sums[slot] = (sums[slot] as number) + (weights[i] as number);
      }
    }
    let count = 0;
    if (!few) {
      const last = this.#columns.valueBins[column] as number;
      for (let bin = 0; bin <= last; bin++) if (histogram[4 * bin] !== 0) list[count++] = bin;
      return count;
    }
    for (let word = 0; word < 8; word++) {
      for (let left = met[word] as number; left !== 0; left &= left - 1)
        list[count++] = (word << 5) + 31 - Math.clz32(left & -left);
    }
    return count;
  }

  #clear(met: number): void {
    const { classes } = this.#options;
    const histogram = this.#histogram;
    const list = this.#list;
    for (let i = 0; i < met; i++) {
      const bin = list[i] as number;
      histogram[4 * bin] = 0;
      histogram[4 * bin + 1] = 0;
      histogram[4 * bin + 2] = 0;
      if (classes > 0) this.#classSums.fill(0, bin * classes, (bin + 1) * classes);
    }
  }

  #scan(column: number, met: number, count: number, total: number, sum: number): void {
    const list = this.#list;
    const histogram = this.#histogram;
    const { minLeaf } = this.#options;
    const missing = this.#columns.valueBins[column] as number;
    const hasMissing = (list[met - 1] as number) === missing;
    const values = hasMissing ? met - 1 : met;
    let best = this.#bestScore;
    for (let way = hasMissing ? 0 : 2; way >= 0; way = way === 0 ? 1 : -1) {
      let n = way === 1 ? (histogram[4 * missing] as number) : 0;
      let w = way === 1 ? (histogram[4 * missing + 1] as number) : 0;
      let s = way === 1 ? (histogram[4 * missing + 2] as number) : 0;
      const stop = way === 0 ? values : values - 1;
      for (let i = 0; i < stop; i++) {
        const slot = 4 * (list[i] as number);
        n += histogram[slot] as number;
        w += histogram[slot + 1] as number;
        s += histogram[slot + 2] as number;
        if (n < minLeaf) continue;
        if (count - n < minLeaf) break;
        const rightW = total - w;
        const rightS = sum - s;
        // Compared without a division: most bins are not better.
        const numerator = s * s * rightW + rightS * rightS * w;
        if (numerator > best * w * rightW) {
          best = numerator / (w * rightW);
          this.#bestColumn = column;
          this.#bestBin = slot >> 2;
          this.#bestMissing = way;
        }
      }
    }
    this.#bestScore = best;
  }

  #scanClasses(column: number, met: number, count: number, total: number, sums: Float64Array): void {
    const list = this.#list;
    const { minLeaf, classes } = this.#options;
    const missing = this.#columns.valueBins[column] as number;
    const hasMissing = (list[met - 1] as number) === missing;
    const values = hasMissing ? met - 1 : met;
    const left = this.#left;
    for (let way = hasMissing ? 0 : 2; way >= 0; way = way === 0 ? 1 : -1) {
      let n = 0;
      let w = 0;
      left.fill(0);
      const add = (bin: number) => {
        n += this.#histogram[4 * bin] as number;
        w += this.#histogram[4 * bin + 1] as number;
        for (let c = 0; c < classes; c++)
          left[c] = (left[c] as number) + (this.#classSums[bin * classes + c] as number);
      };
      if (way === 1) add(missing);
      const stop = way === 0 ? values : values - 1;
      for (let i = 0; i < stop; i++) {
        add(list[i] as number);
        if (n < minLeaf) continue;
        if (count - n < minLeaf) break;
        let leftSquares = 0;
        let rightSquares = 0;
        for (let c = 0; c < classes; c++) {
          const own = left[c] as number;
          const other = (sums[c] as number) - own;
          leftSquares += own * own;
          rightSquares += other * other;
        }
        const score = leftSquares / w + rightSquares / (total - w);
        if (score > this.#bestScore) {
          this.#bestScore = score;
          this.#bestColumn = column;
          this.#bestBin = list[i] as number;
          this.#bestMissing = way;
        }
      }
    }
  }

  /** Puts the rows that go left first, each side in its old order; returns where the right side begins. */
  #partition(start: number, end: number, column: number, bin: number, missingLeft: boolean): number {
    const rows = this.#rows;
    const spare = this.#spare;
    const bins = this.#bins;
    const from = column * this.#height;
    const missing = missingLeft ? (this.#columns.valueBins[column] as number) : 256;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      const own = bins[from + row] as number;
      if (own <= bin || own === missing) rows[left++] = row;
      else spare[right++] = row;
    }
    for (let i = 0; i < right; i++) rows[left + i] = spare[i] as number;
    return left;
  }
}
