import type { Matrix } from '../matrix.js';
import type { TreeArrays } from './ensemble.js';
import { createTreeKernels, type TreeKernels } from './kernels.js';

/** Deeper trees would be mostly padding. */
const MOST_DEPTH = 9;
/** Rows that are copied into the kernel's memory at once. */
const BLOCK = 512;
/** Most bytes of padded trees. */
const MOST_BYTES = 2 ** 26;

/**
 * Trees of small depth filled up to complete ones, where a node's children have the places 2i and 2i + 1: scoring then
 * needs neither a child's place nor a branch. Answers are those of the trees to the bit.
 */
export class CompleteTrees {
  readonly #kernels: TreeKernels;
  readonly #score: NonNullable<TreeKernels['score']>;
  readonly #columns: number;
  readonly #depth: number;
  readonly #count: number;
  readonly #treesAt: number;
  readonly #outAt: number;

  private constructor(
    kernels: TreeKernels,
    score: NonNullable<TreeKernels['score']>,
    trees: TreeArrays,
    columns: number,
    depth: number,
  ) {
    this.#kernels = kernels;
    this.#score = score;
    this.#columns = columns;
    this.#depth = depth;
    this.#count = trees.roots.length;
    this.#outAt = 8 * BLOCK * columns;
    this.#treesAt = this.#outAt + 8 * BLOCK;
    const nodes = 2 ** depth;
    const f64 = new Float64Array(kernels.memory);
    const i32 = new Int32Array(kernels.memory);
    const fill = (base: number, node: number, place: number): void => {
      const feature = trees.feature[node] as number;
      if (place >= nodes) f64[base / 8 + nodes + place] = trees.threshold[node] as number;
      else {
        const at = base + 16 * place;
        // Below a leaf, both ways lead to the same answer.
        f64[at / 8] = feature < 0 ? 0 : (trees.threshold[node] as number);
        i32[at / 4 + 2] = feature < 0 ? 0 : 8 * feature;
        fill(base, feature < 0 ? node : node + 1, 2 * place);
        fill(base, feature < 0 ? node : (trees.right[node] as number), 2 * place + 1);
      }
    };
    trees.roots.forEach((root, t) => {
      fill(this.#treesAt + 24 * nodes * t, root, 1);
    });
  }

  /** The trees filled up, or undefined where that does not pay: too deep, too many, categorical, or no WebAssembly. */
  static of(trees: TreeArrays, columns: number): CompleteTrees | undefined {
    const depth = Math.max(1, depthOf(trees));
    const bytes = 8 * BLOCK * (columns + 1) + 24 * 2 ** depth * trees.roots.length;
    if (depth > MOST_DEPTH || bytes > MOST_BYTES || trees.categories.length > 0) return undefined;
    const kernels = createTreeKernels(bytes);
    return kernels.score === undefined ? undefined : new CompleteTrees(kernels, kernels.score, trees, columns, depth);
  }

  /**
   * Adds the sum over trees to `out`, for rows without missing values.
   * @returns false, with `out` as it was, if there are missing values
   */
  addTo({ data, rows, columns }: Matrix, out: Float64Array): boolean {
    for (let i = 0; i < rows * columns; i++) if (Number.isNaN(data[i])) return false;
    const memory = new Float64Array(this.#kernels.memory);
    const answers = memory.subarray(this.#outAt / 8, this.#outAt / 8 + BLOCK);
    for (let start = 0; start < rows; start += BLOCK) {
      const end = Math.min(rows, start + BLOCK);
      memory.set(data.subarray(start * columns, end * columns));
      answers.set(out.subarray(start, end));
      this.#score(0, 8 * this.#columns, end - start, this.#treesAt, this.#count, this.#depth, this.#outAt);
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
