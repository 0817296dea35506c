import { goesLeft, type TreeArrays } from './ensemble.js';

/** What each column contributes to one answer: `base + Σ contributions` is the answer. */
export interface Explanation {
  /** The mean answer over the training data. */
  readonly base: number;
  /** One number a column. */
  readonly contributions: Float64Array;
}

/**
 * Exact Shapley values of the sum over trees for one row, where an unknown column splits by the training weight of the
 * branches: the path-dependent TreeSHAP of Lundberg, Erion & Lee (2018), polynomial in the depth.
 */
export function explainTrees(trees: TreeArrays, data: Float64Array, offset: number, columns: number): Explanation {
  const { base, depth } = summaryOf(trees);
  const walk = new Walk(trees, depth, data, offset, new Float64Array(columns));
  for (const root of trees.roots) walk.descend(root, 0, 0, 1, 1, -1);
  return { base, contributions: walk.contributions };
}

/** What does not depend on the row: the mean answer of all trees together, and the depth of the deepest. */
interface Summary {
  readonly base: number;
  readonly depth: number;
}

const summaries = new WeakMap<TreeArrays, Summary>();

function summaryOf(trees: TreeArrays): Summary {
  let summary = summaries.get(trees);
  if (summary === undefined) {
    summary = summarise(trees);
    summaries.set(trees, summary);
  }
  return summary;
}

function summarise({ roots, feature, threshold, right, cover }: TreeArrays): Summary {
  let depth = 0;
  const mean = (node: number, level: number): number => {
    depth = Math.max(depth, level);
    if ((feature[node] as number) < 0) return threshold[node] as number;
    const left = node + 1;
    const other = right[node] as number;
    const a = cover[left] as number;
    const b = cover[other] as number;
    return (a * mean(left, level + 1) + b * mean(other, level + 1)) / (a + b);
  };
  let base = 0;
  for (const root of roots) base += mean(root, 0);
  return { base, depth };
}

/**
 * The way of one row through the trees. The path to a node is the columns that were asked on it, each with the weight that
 * passes where it is unknown (`zero`) and where it is known (`one`: 1 or 0), and weights of subsets by their size. Each
 * level has a stretch of the arrays of its own, so that nothing is made on the way.
 */
class Walk {
  readonly contributions: Float64Array;
  readonly #trees: TreeArrays;
  readonly #data: Float64Array;
  readonly #offset: number;
  /** Steps of a level's stretch. */
  readonly #stride: number;
  readonly #feature: Int32Array;
  readonly #zero: Float64Array;
  readonly #one: Uint8Array;
  readonly #weight: Float64Array;

  constructor(trees: TreeArrays, depth: number, data: Float64Array, offset: number, contributions: Float64Array) {
    this.#trees = trees;
    this.#data = data;
    this.#offset = offset;
    this.contributions = contributions;
    this.#stride = depth + 1;
    // One stretch more: where a path is unwound before both children take it.
    const size = (depth + 2) * this.#stride;
    this.#feature = new Int32Array(size);
    this.#zero = new Float64Array(size);
    this.#one = new Uint8Array(size);
    this.#weight = new Float64Array(size);
  }

  /** Goes on to `node` with the parent's path, whose `length` steps begin at `from`, and one step more. */
  descend(node: number, from: number, length: number, zero: number, one: 0 | 1, column: number): void {
    const trees = this.#trees;
    const at = length === 0 ? 0 : from + this.#stride;
    this.#extend(from, at, length, zero, one, column);
    let steps = length + 1;
    const split = trees.feature[node] as number;
    if (split < 0) {
      this.#leaf(at, steps, trees.threshold[node] as number);
      return;
    }
    const left = node + 1;
    const right = trees.right[node] as number;
    const isLeft = goesLeft(trees, node, this.#data[this.#offset + split] as number);
    const hot = isLeft ? left : right;
    const cold = isLeft ? right : left;
    let zeroBefore = 1;
    let oneBefore: 0 | 1 = 1;
    // A column that was asked before counts once: its step is taken out and put at the end.
    for (let i = 1; i < steps; i++) {
      if (this.#feature[at + i] !== split) continue;
      zeroBefore = this.#zero[at + i] as number;
      oneBefore = this.#one[at + i] === 1 ? 1 : 0;
      this.#unwind(at, steps, i);
      steps--;
      break;
    }
    const hotCover = trees.cover[hot] as number;
    const coldCover = trees.cover[cold] as number;
    const share = zeroBefore / (hotCover + coldCover);
    this.descend(hot, at, steps, hotCover * share, oneBefore, split);
    this.descend(cold, at, steps, coldCover * share, 0, split);
  }

  /** Copies a path to `at` and adds a step. */
  #extend(from: number, at: number, length: number, zero: number, one: 0 | 1, column: number): void {
    const weight = this.#weight;
    for (let i = 0; i < length; i++) {
      this.#feature[at + i] = this.#feature[from + i] as number;
      this.#zero[at + i] = this.#zero[from + i] as number;
      this.#one[at + i] = this.#one[from + i] as number;
    }
    this.#feature[at + length] = column;
    this.#zero[at + length] = zero;
    this.#one[at + length] = one;
    const all = length + 1;
    let above = length === 0 ? 1 : 0;
    for (let i = length - 1; i >= 0; i--) {
      const here = weight[from + i] as number;
      weight[at + i + 1] = above + (one * here * (i + 1)) / all;
      above = (zero * here * (length - i)) / all;
    }
    weight[at] = above;
  }

  /** Takes step `index` out of a path. */
  #unwind(at: number, steps: number, index: number): void {
    const weight = this.#weight;
    const last = steps - 1;
    const zero = this.#zero[at + index] as number;
    if (this.#one[at + index] === 1) {
      let carried = weight[at + last] as number;
      for (let i = last - 1; i >= 0; i--) {
        const held = weight[at + i] as number;
        const own = (carried * steps) / (i + 1);
        weight[at + i] = own;
        carried = held - (own * zero * (last - i)) / steps;
      }
    } else if (zero > 0) {
      // Else no training row came here: all weights are 0 and stay so.
      for (let i = last - 1; i >= 0; i--) weight[at + i] = ((weight[at + i] as number) * steps) / (zero * (last - i));
    }
    for (let i = at + index; i < at + last; i++) {
      this.#feature[i] = this.#feature[i + 1] as number;
      this.#zero[i] = this.#zero[i + 1] as number;
      this.#one[i] = this.#one[i + 1] as number;
    }
  }

  /** Shares a leaf's value out among the columns of its path. */
  #leaf(at: number, steps: number, value: number): void {
    const weight = this.#weight;
    const last = steps - 1;
    // What the subsets weigh without a column that sends the row elsewhere; times its `zero`, which is cancelled below.
    let elsewhere = 0;
    for (let i = 0; i < last; i++) elsewhere += ((weight[at + i] as number) * steps) / (last - i);
    for (let step = 1; step < steps; step++) {
      const column = this.#feature[at + step] as number;
      let change = -elsewhere;
      if (this.#one[at + step] === 1) {
        const zero = this.#zero[at + step] as number;
        let carried = weight[at + last] as number;
        let total = 0;
        for (let i = last - 1; i >= 0; i--) {
          const part = (carried * steps) / (i + 1);
          total += part;
          carried = (weight[at + i] as number) - (part * zero * (last - i)) / steps;
        }
        change = total * (1 - zero);
      }
      this.contributions[column] = (this.contributions[column] as number) + change * value;
    }
  }
}
