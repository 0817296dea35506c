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
 * Trees of small depth filled up to complete ones, where a node's children have the places 2i and 2i + 1: scoring then
 * needs neither a child's place nor a branch. Answers are those of the trees to the bit.
 */
export class CompleteTrees {
  readonly #columns: number;
  readonly #depth: number;
  readonly #count: number;
  readonly #packed: Float64Array;

  private constructor(trees: TreeArrays, columns: number, depth: number) {
    this.#columns = columns;
    this.#depth = depth;
    this.#count = trees.roots.length;
    const nodes = 2 ** depth;
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

function depthOf({ roots, feature, right }: TreeArrays): number {
  const below = (node: number): number =>
    (feature[node] as number) < 0 ? 0 : 1 + Math.max(below(node + 1), below(right[node] as number));
  return roots.reduce((deepest, root) => Math.max(deepest, below(root)), 0);
}
