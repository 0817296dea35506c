import { goesLeft, type TreeArrays } from './ensemble.js';

/** What each column contributes to one answer: `base + Σ contributions` is the answer. */
export interface Explanation {
  /** The mean answer over the training data. */
  readonly base: number;
  /** One number a column. */
  readonly contributions: Float64Array;
}

/** One step of the path in TreeSHAP: a feature, and how much weight passes if it is unknown and if it is known. */
interface PathStep {
  feature: number;
  zero: number;
  one: number;
  weight: number;
}

/**
 * Exact Shapley values of the sum over trees for one row, where an unknown column splits by the training weight of the
 * branches: the path-dependent TreeSHAP of Lundberg, Erion & Lee (2018), polynomial in the depth.
 */
export function explainTrees(trees: TreeArrays, data: Float64Array, offset: number, columns: number): Explanation {
  const contributions = new Float64Array(columns);
  let base = 0;
  for (const root of trees.roots) {
    base += meanOf(trees, root);
    descend(trees, root, data, offset, [], 1, 1, -1, contributions);
  }
  return { base, contributions };
}

function meanOf({ feature, threshold, right, cover }: TreeArrays, root: number): number {
  const mean = (node: number): number => {
    if ((feature[node] as number) < 0) return threshold[node] as number;
    const left = node + 1;
    const other = right[node] as number;
    const a = cover[left] as number;
    const b = cover[other] as number;
    return (a * mean(left) + b * mean(other)) / (a + b);
  };
  return mean(root);
}

function descend(
  trees: TreeArrays,
  node: number,
  data: Float64Array,
  offset: number,
  parentPath: readonly PathStep[],
  zero: number,
  one: number,
  feature: number,
  contributions: Float64Array,
): void {
  const path = extend(parentPath, zero, one, feature);
  const split = trees.feature[node] as number;
  if (split < 0) {
    const value = trees.threshold[node] as number;
    for (let i = 1; i < path.length; i++) {
      const step = path[i] as PathStep;
      const total = unwoundSum(path, i);
      contributions[step.feature] = (contributions[step.feature] as number) + total * (step.one - step.zero) * value;
    }
    return;
  }
  const left = node + 1;
  const right = trees.right[node] as number;
  const value = data[offset + split] as number;
  const isLeft = goesLeft(trees, node, value);
  const hot = isLeft ? left : right;
  const cold = isLeft ? right : left;
  let incomingZero = 1;
  let incomingOne = 1;
  let next: readonly PathStep[] = path;
  const seen = path.findIndex((step, i) => i > 0 && step.feature === split);
  if (seen > 0) {
    const step = path[seen] as PathStep;
    incomingZero = step.zero;
    incomingOne = step.one;
    next = unwind(path, seen);
  }
  const a = trees.cover[left] as number;
  const b = trees.cover[right] as number;
  const share = (child: number) => (child === left ? a : b) / (a + b);
  descend(trees, hot, data, offset, next, incomingZero * share(hot), incomingOne, split, contributions);
  descend(trees, cold, data, offset, next, incomingZero * share(cold), 0, split, contributions);
}

function extend(path: readonly PathStep[], zero: number, one: number, feature: number): PathStep[] {
  const length = path.length;
  const result = path.map((step) => ({ ...step }));
  result.push({ feature, zero, one, weight: length === 0 ? 1 : 0 });
  for (let i = length - 1; i >= 0; i--) {
    const here = result[i] as PathStep;
    const above = result[i + 1] as PathStep;
    above.weight += (one * here.weight * (i + 1)) / (length + 1);
    here.weight = (zero * here.weight * (length - i)) / (length + 1);
  }
  return result;
}

function unwind(path: readonly PathStep[], index: number): PathStep[] {
  const last = path.length - 1;
  const { zero, one } = path[index] as PathStep;
  const result = path.map((step) => ({ ...step }));
  let carried = (result[last] as PathStep).weight;
  for (let i = last - 1; i >= 0; i--) {
    const step = result[i] as PathStep;
    if (one !== 0) {
      const held = step.weight;
      step.weight = (carried * (last + 1)) / ((i + 1) * one);
      carried = held - (step.weight * zero * (last - i)) / (last + 1);
    } else step.weight = (step.weight * (last + 1)) / (zero * (last - i));
  }
  for (let i = index; i < last; i++) {
    const next = result[i + 1] as PathStep;
    Object.assign(result[i] as PathStep, { feature: next.feature, zero: next.zero, one: next.one });
  }
  result.pop();
  return result;
}

function unwoundSum(path: readonly PathStep[], index: number): number {
  const last = path.length - 1;
  const { zero, one } = path[index] as PathStep;
  let carried = (path[last] as PathStep).weight;
  let total = 0;
  for (let i = last - 1; i >= 0; i--) {
    const { weight } = path[i] as PathStep;
    if (one !== 0) {
      const part = (carried * (last + 1)) / ((i + 1) * one);
      total += part;
      carried = weight - (part * zero * (last - i)) / (last + 1);
    } else if (zero !== 0) total += (weight * (last + 1)) / (zero * (last - i));
  }
  return total;
}
