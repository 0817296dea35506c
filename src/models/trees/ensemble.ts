import { TwinergyError } from '../../core/errors.js';
import type { Matrix } from '../matrix.js';
import { packBytes, unpackBytes } from './pack.js';

/**
 * Trees as flat arrays, one entry a node. An inner node sends a row left where `value <= threshold`, and a missing value
 * where `missingLeft` says; its left child is the next node, its right child is `right[node]`. A leaf has `feature` −1 and
 * its answer in `threshold`.
 */
export interface TreeArrays {
  /** First node of each tree. */
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  /** Training rows (or weight) that reached the node: TreeSHAP needs it. */
  readonly cover: Float64Array;
  /**
   * For each node the place of its set in `categorySets`, or −1; empty if no node has one. A node with a set has NaN as
   * threshold, and sends left the whole numbers 0…255 whose bit is set.
   */
  readonly categories: Int32Array;
  /** Sets of categories, 8 words of 32 bits each. */
  readonly categorySets: Uint32Array;
}

/** Collects trees as they grow; nodes are appended in depth-first order, left child first. */
export class TreeBuilder {
  readonly #roots: number[] = [];
  #feature = new Int32Array(256);
  #threshold = new Float64Array(256);
  #right = new Int32Array(256);
  #missingLeft = new Uint8Array(256);
  #cover = new Float64Array(256);
  #categories = new Int32Array(0);
  readonly #categorySets: number[] = [];
  #size = 0;

  /** Number of nodes so far. */
  get size(): number {
    return this.#size;
  }

  /** Number of trees so far. */
  get trees(): number {
    return this.#roots.length;
  }

  /** Begins a tree at the next node. */
  beginTree(): void {
    this.#roots.push(this.#size);
  }

  /** Forgets every tree from number `count` on. */
  truncate(count: number): void {
    if (count >= this.#roots.length) return;
    this.#size = this.#roots[count] as number;
    this.#roots.length = count;
  }

  /** Appends a leaf; returns its node. */
  leaf(value: number, cover: number): number {
    return this.#append(-1, value, 0, cover);
  }

  /** Appends an inner node, whose right child is set later; returns its node. */
  split(feature: number, threshold: number, missingLeft: boolean, cover: number): number {
    return this.#append(feature, threshold, missingLeft ? 1 : 0, cover);
  }

  /** Appends an inner node that sends a set of categories left; returns its node. */
  splitCategories(feature: number, set: Uint32Array, missingLeft: boolean, cover: number): number {
    const node = this.#append(feature, Number.NaN, missingLeft ? 1 : 0, cover);
    if (this.#categories.length < this.#feature.length)
      this.#categories = grown(this.#categories, new Int32Array(this.#feature.length).fill(-1));
    this.#categories[node] = this.#categorySets.length;
    this.#categorySets.push(...set);
    return node;
  }

  /** Says where the right child of `node` begins. */
  setRight(node: number, child: number): void {
    this.#right[node] = child;
  }

  /** The last tree as it is now, sharing the builder's memory. */
  lastTree(): TreeArrays {
    return {
      roots: Int32Array.from(this.#roots.slice(-1)),
      feature: this.#feature,
      threshold: this.#threshold,
      right: this.#right,
      missingLeft: this.#missingLeft,
      cover: this.#cover,
      categories: this.#categories,
      categorySets: Uint32Array.from(this.#categorySets),
    };
  }

  /** The trees, with arrays of just their size. */
  finish(): TreeArrays {
    return {
      roots: Int32Array.from(this.#roots),
      feature: this.#feature.slice(0, this.#size),
      threshold: this.#threshold.slice(0, this.#size),
      right: this.#right.slice(0, this.#size),
      missingLeft: this.#missingLeft.slice(0, this.#size),
      cover: this.#cover.slice(0, this.#size),
      categories: this.#finishedCategories(),
      categorySets: Uint32Array.from(this.#categorySets),
    };
  }

  #finishedCategories(): Int32Array {
    if (this.#categories.length === 0) return this.#categories;
    return grown(this.#categories.subarray(0, this.#size), new Int32Array(this.#size).fill(-1));
  }

  #append(feature: number, threshold: number, missingLeft: number, cover: number): number {
    const node = this.#size++;
    if (node === this.#feature.length) {
      const size = node * 2;
      this.#feature = grown(this.#feature, new Int32Array(size));
      this.#threshold = grown(this.#threshold, new Float64Array(size));
      this.#right = grown(this.#right, new Int32Array(size));
      this.#missingLeft = grown(this.#missingLeft, new Uint8Array(size));
      this.#cover = grown(this.#cover, new Float64Array(size));
    }
    this.#feature[node] = feature;
    this.#threshold[node] = threshold;
    this.#missingLeft[node] = missingLeft;
    this.#cover[node] = cover;
    return node;
  }
}

function grown<Array_ extends Int32Array | Float64Array | Uint8Array>(from: Array_, to: Array_): Array_ {
  to.set(from);
  return to;
}

/** Whether a row with this value goes left at an inner node. */
export function goesLeft(
  { threshold, missingLeft, categories, categorySets }: TreeArrays,
  node: number,
  value: number,
): boolean {
  // A comparison with NaN is false, so only what does not go left for sure is looked at twice.
  if (value <= (threshold[node] as number)) return true;
  const set = categories.length > node ? (categories[node] as number) : -1;
  if (set < 0) return Number.isNaN(value) && missingLeft[node] === 1;
  if (!(value >= 0 && value < 256 && Number.isInteger(value))) return missingLeft[node] === 1;
  return (((categorySets[set + (value >> 5)] as number) >>> (value & 31)) & 1) === 1;
}

/** The leaf that the row at `offset` of `data` reaches from `root`. */
export function leafOf(trees: TreeArrays, root: number, data: Float64Array, offset: number): number {
  const { feature, threshold, right } = trees;
  let node = root;
  for (;;) {
    const f = feature[node] as number;
    if (f < 0) return node;
    const value = data[offset + f] as number;
    if (value <= (threshold[node] as number)) node++;
    else if (value > (threshold[node] as number) || !goesLeft(trees, node, value)) node = right[node] as number;
    else node++;
  }
}

/** Adds to `out` the sum over trees of `scale · leaf value`, tree by tree so that a tree stays in the cache. */
export function addPredictions(trees: TreeArrays, { data, rows, columns }: Matrix, out: Float64Array, scale = 1): void {
  const { roots, threshold } = trees;
  // Blocks of rows that fit the cache together with one tree.
  const block = Math.max(64, Math.floor(16_384 / Math.max(1, columns)));
  for (let start = 0; start < rows; start += block) {
    const end = Math.min(rows, start + block);
    for (let t = 0; t < roots.length; t++) {
      const root = roots[t] as number;
      for (let row = start; row < end; row++) {
        out[row] = (out[row] as number) + scale * (threshold[leafOf(trees, root, data, row * columns)] as number);
      }
    }
  }
}

/** `start` and the sum over trees of the leaf value for one row, in the order of `addPredictions`. */
export function sumLeaves(trees: TreeArrays, data: Float64Array, offset = 0, start = 0): number {
  const { roots, feature, threshold, right } = trees;
  let sum = start;
  for (let t = 0; t < roots.length; t++) {
    // `leafOf`, written out: a call for each tree costs more than the walk.
    let node = roots[t] as number;
    for (let f = feature[node] as number; f >= 0; f = feature[node] as number) {
      const value = data[offset + f] as number;
      const limit = threshold[node] as number;
      if (value <= limit) node++;
      else if (value > limit || !goesLeft(trees, node, value)) node = right[node] as number;
      else node++;
    }
    sum += threshold[node] as number;
  }
  return sum;
}

/** Trees as JSON: base64 of their arrays. */
export type SavedTrees = { readonly [Key in keyof TreeArrays]: string };

/** Trees → JSON, to the bit. */
export function saveTrees(trees: TreeArrays): SavedTrees {
  return {
    roots: packBytes(trees.roots),
    feature: packBytes(trees.feature),
    threshold: packBytes(trees.threshold),
    right: packBytes(trees.right),
    missingLeft: packBytes(trees.missingLeft),
    cover: packBytes(trees.cover),
    categories: packBytes(trees.categories),
    categorySets: packBytes(trees.categorySets),
  };
}

/** JSON → trees. */
export function loadTrees(saved: SavedTrees): TreeArrays {
  return {
    roots: new Int32Array(unpackBytes(saved.roots)),
    feature: new Int32Array(unpackBytes(saved.feature)),
    threshold: new Float64Array(unpackBytes(saved.threshold)),
    right: new Int32Array(unpackBytes(saved.right)),
    missingLeft: new Uint8Array(unpackBytes(saved.missingLeft)),
    cover: new Float64Array(unpackBytes(saved.cover)),
    categories: new Int32Array(unpackBytes(saved.categories)),
    categorySets: new Uint32Array(unpackBytes(saved.categorySets)),
  };
}

/** Refuses a matrix whose width is not that of the training data. @throws TwinergyError `MODEL_WRONG_WIDTH` */
export function checkWidth(matrix: Matrix, columns: number): void {
  if (matrix.columns !== columns) {
    throw new TwinergyError(
      'MODEL_WRONG_WIDTH',
      `The model was fitted on ${columns} columns, the data have ${matrix.columns}.`,
      { value: matrix.columns },
    );
  }
}

/** Refuses a matrix that cannot be fitted. @throws TwinergyError `MODEL_NO_DATA`, `MODEL_WRONG_LENGTH` */
export function checkTraining(matrix: Matrix, target?: ArrayLike<number>): void {
  if (matrix.rows === 0 || matrix.columns === 0) {
    throw new TwinergyError(
      'MODEL_NO_DATA',
      `A model cannot be fitted on ${matrix.rows} rows × ${matrix.columns} columns.`,
    );
  }
  if (matrix.data.length !== matrix.rows * matrix.columns) {
    throw new TwinergyError(
      'MODEL_WRONG_LENGTH',
      `A matrix of ${matrix.rows} × ${matrix.columns} needs ${matrix.rows * matrix.columns} numbers, got ${matrix.data.length}.`,
    );
  }
  if (target === undefined) return;
  if (target.length !== matrix.rows) {
    throw new TwinergyError('MODEL_WRONG_LENGTH', `There are ${matrix.rows} rows, but ${target.length} target values.`);
  }
  for (let i = 0; i < target.length; i++) {
    if (!Number.isFinite(target[i])) {
      throw new TwinergyError('MODEL_BAD_TARGET', `Target ${i} is ${target[i]}.`, {
        path: `target[${i}]`,
        value: target[i],
        hint: 'Leave rows without a target out.',
      });
    }
  }
}
