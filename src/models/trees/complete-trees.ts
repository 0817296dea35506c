import type { Matrix } from '../matrix.js';
import type { TreeArrays } from './ensemble.js';
import { createTreeKernels, type TreeKernels } from './kernels.js';

/** Deeper trees would be mostly padding. */
const MOST_DEPTH = 9;
/** Rows that are copied into the kernel's memory at once. */
const BLOCK = 512;
/** Most bytes of padded trees. */
const MOST_BYTES = 2 ** 26;

/** One memory serves all forests: each of its own would reserve gigabytes of addresses. */
let shared: { readonly kernels: TreeKernels; readonly bytes: number; trees: CompleteTrees | undefined } | undefined;

/**
 * The same trees as arrays of one kind each, which JavaScript walks faster: 2^depth entries a tree, of trees a multiple of four.
 * Each column of the data is there twice, with −∞ in the place of what is missing and with +∞: a node looks at the one that goes
 * its way.
 */
interface Apart {
  readonly limits: Float64Array;
  readonly columns: Int32Array;
  readonly leaves: Float64Array;
}

/**
 * Trees of small depth filled up to complete ones, where a node's children have the places 2i and 2i + 1: scoring then
 * needs neither a child's place nor a branch. Answers are those of the trees to the bit.
 */
export class CompleteTrees {
  readonly #columns: number;
  readonly #depth: number;
  readonly #count: number;
  readonly #packed: Float64Array;
  readonly #trees: TreeArrays;
  /** A row as `sumRow` reads it. */
  readonly #row: Float64Array;
  #apart: Apart | undefined;

  private constructor(trees: TreeArrays, columns: number, depth: number) {
    this.#trees = trees;
    this.#row = new Float64Array(2 * columns);
    this.#columns = columns;
    this.#depth = depth;
    this.#count = trees.roots.length;
    const nodes = 1 << depth;
    const f64 = new Float64Array(3 * nodes * this.#count);
    const i32 = new Int32Array(f64.buffer);
    const fill = (base: number, node: number, place: number): void => {
      const feature = trees.feature[node] as number;
      if (place >= nodes) f64[base + nodes + place] = trees.threshold[node] as number;
      else {
        const at = base + 2 * place;
        // Below a leaf, both ways lead to the same answer.
        f64[at] = feature < 0 ? 0 : (trees.threshold[node] as number);
        i32[2 * at + 2] = feature < 0 ? 0 : 8 * feature;
        fill(base, feature < 0 ? node : node + 1, 2 * place);
        fill(base, feature < 0 ? node : (trees.right[node] as number), 2 * place + 1);
      }
    };
    trees.roots.forEach((root, t) => {
      fill(3 * nodes * t, root, 1);
    });
    this.#packed = f64;
  }

  /** The trees filled up, or undefined where that does not pay: too deep, too many, or categorical. */
  static of(trees: TreeArrays, columns: number): CompleteTrees | undefined {
    const depth = Math.max(1, depthOf(trees));
    if (depth > MOST_DEPTH || 24 * 2 ** depth * trees.roots.length > MOST_BYTES || trees.categories.length > 0)
      return undefined;
    return new CompleteTrees(trees, columns, depth);
  }

  /**
   * The sum over trees for one row. Four trees are walked side by side: no step of one waits for that of another, and no branch
   * is guessed wrong.
   */
  sumRow(data: Float64Array, offset: number): number {
    this.#apart ??= takeApart(this.#trees, this.#depth, this.#columns);
    const row = this.#row;
    for (let c = 0; c < this.#columns; c++) {
      const value = data[offset + c] as number;
      const missing = Number.isNaN(value);
      row[c] = missing ? Number.NEGATIVE_INFINITY : value;
      row[this.#columns + c] = missing ? Number.POSITIVE_INFINITY : value;
    }
    const { limits, columns, leaves } = this.#apart;
    const depth = this.#depth;
    const nodes = 1 << depth;
    let sum = 0;
    for (let a = 0; a < leaves.length; a += 4 * nodes) {
      const b = a + nodes;
      const c = b + nodes;
      const d = c + nodes;
      let i = 1;
      let j = 1;
      let k = 1;
      let l = 1;
      // Written out: a call for each step would cost as much again.
      for (let level = 0; level < depth; level++) {
        i = 2 * i + Number((row[columns[a + i] as number] as number) > (limits[a + i] as number));
        j = 2 * j + Number((row[columns[b + j] as number] as number) > (limits[b + j] as number));
        k = 2 * k + Number((row[columns[c + k] as number] as number) > (limits[c + k] as number));
        l = 2 * l + Number((row[columns[d + l] as number] as number) > (limits[d + l] as number));
      }
      // A leaf's place is its number in the last row of the tree plus 2^depth.
      sum += leaves[a + i - nodes] as number;
      sum += leaves[b + j - nodes] as number;
      sum += leaves[c + k - nodes] as number;
      sum += leaves[d + l - nodes] as number;
    }
    return sum;
  }

  /**
   * Adds the sum over trees to `out`, for rows without missing values.
   * @returns false, with `out` as it was, if there are missing values or no WebAssembly
   */
  addTo({ data, rows, columns }: Matrix, out: Float64Array): boolean {
    for (let i = 0; i < rows * columns; i++) if (Number.isNaN(data[i])) return false;
    const outAt = 8 * BLOCK * this.#columns;
    const treesAt = outAt + 8 * BLOCK;
    const bytes = treesAt + this.#packed.byteLength;
    if (shared === undefined || shared.bytes < bytes)
      shared = { kernels: createTreeKernels(bytes), bytes, trees: undefined };
    const { score, memory: buffer } = shared.kernels;
    if (score === undefined) return false;
    const memory = new Float64Array(buffer);
    if (shared.trees !== this) memory.set(this.#packed, treesAt / 8);
    shared.trees = this;
    const answers = memory.subarray(outAt / 8, outAt / 8 + BLOCK);
    for (let start = 0; start < rows; start += BLOCK) {
      const end = Math.min(rows, start + BLOCK);
      memory.set(data.subarray(start * columns, end * columns));
      answers.set(out.subarray(start, end));
      score(0, 8 * columns, end - start, treesAt, this.#count, this.#depth, outAt);
      out.set(answers.subarray(0, end - start), start);
    }
    return true;
  }
}

function takeApart(trees: TreeArrays, depth: number, columns: number): Apart {
  const nodes = 1 << depth;
  // Empty trees, which add nothing, fill the last four up.
  const size = nodes * Math.ceil(trees.roots.length / 4) * 4;
  const apart: Apart = {
    limits: new Float64Array(size),
    columns: new Int32Array(size),
    leaves: new Float64Array(size),
  };
  const fill = (base: number, node: number, place: number): void => {
    const feature = trees.feature[node] as number;
    if (place >= nodes) {
      apart.leaves[base + place - nodes] = trees.threshold[node] as number;
      return;
    }
    if (feature >= 0) {
      apart.limits[base + place] = trees.threshold[node] as number;
      apart.columns[base + place] = feature + (trees.missingLeft[node] === 1 ? 0 : columns);
    }
    // Below a leaf, both ways lead to the same answer.
    fill(base, feature < 0 ? node : node + 1, 2 * place);
    fill(base, feature < 0 ? node : (trees.right[node] as number), 2 * place + 1);
  };
  trees.roots.forEach((root, t) => {
    fill(nodes * t, root, 1);
  });
  return apart;
}

function depthOf({ roots, feature, right }: TreeArrays): number {
  const below = (node: number): number =>
    (feature[node] as number) < 0 ? 0 : 1 + Math.max(below(node + 1), below(right[node] as number));
  return roots.reduce((deepest, root) => Math.max(deepest, below(root)), 0);
}
