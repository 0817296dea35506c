import type { BinnedMatrix } from './binning.js';
import { newtonStep } from './newton.js';

/** What a split must respect. */
export interface SplitRules {
  /** Least rows in a leaf. */
  readonly minLeaf: number;
  /** Least sum of hessians in a leaf. */
  readonly minHessian: number;
  /** Least gain of a split. */
  readonly minGain: number;
  /** L2 regularisation of leaf answers. */
  readonly lambda: number;
  /** L1 regularisation of leaf answers. */
  readonly alpha: number;
  /** For each column: 1, the answer may only rise with it; −1, only fall; 0, free. */
  readonly monotone?: ArrayLike<number> | undefined;
}

/** The best split of a leaf so far; `gain` 0 is none. */
export interface Split {
  gain: number;
  column: number;
  /** Bins up to this one go left. */
  bin: number;
  missingLeft: boolean;
  leftGradient: number;
  leftHessian: number;
  leftValue: number;
  rightValue: number;
}

/** No split yet. */
export function emptySplit(): Split {
  return {
    gain: 0,
    column: -1,
    bin: -1,
    missingLeft: false,
    leftGradient: 0,
    leftHessian: 0,
    leftValue: 0,
    rightValue: 0,
  };
}

/** The leaf that is looked at. */
interface LeafSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly lower: number;
  readonly upper: number;
  readonly split: Split;
}

/**
 * Looks for a better split of the leaf on one column, going over its bins from the left: once with missing values on the
 * right, and once with them on the left where there are any.
 */
export function bestSplit(
  histogram: Float64Array,
  base: number,
  column: number,
  { edges, missingBin, hasMissing }: BinnedMatrix,
  leaf: LeafSums,
  rows: number,
  rules: SplitRules,
): void {
  const bins = (edges[column] as Float64Array).length + 1;
  const missing = base + 2 * (missingBin[column] as number);
  const missingGradient = hasMissing[column] === 1 ? (histogram[missing] as number) : 0;
  const missingHessian = hasMissing[column] === 1 ? (histogram[missing + 1] as number) : 0;
  scan(histogram, base, column, bins, missingHessian > 0 ? bins : bins - 1, 0, 0, false, leaf, rows, rules);
  if (missingHessian > 0)
    scan(histogram, base, column, bins, bins - 1, missingGradient, missingHessian, true, leaf, rows, rules);
}

function scan(
  histogram: Float64Array,
  base: number,
  column: number,
  bins: number,
  stop: number,
  startGradient: number,
  startHessian: number,
  missingLeft: boolean,
  leaf: LeafSums,
  rows: number,
  { minLeaf, minHessian, minGain, lambda, alpha, monotone }: SplitRules,
): void {
  const { gradient, hessian, lower, upper, split } = leaf;
  const direction = monotone?.[column] ?? 0;
  const plain =
    alpha === 0 && direction === 0 && lower === Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY;
  // Rows are estimated from hessians, which are equal for squared errors: an exact count would double the histogram.
  const least = Math.max(minHessian, (minLeaf * hessian) / rows - 1e-9 * hessian);
  const most = hessian - least;
  const whole = plain
    ? (gradient * gradient) / (hessian + lambda)
    : -objective(gradient, hessian, clampedStep(gradient, hessian, lambda, alpha, lower, upper), lambda, alpha);
  let bestGain = Math.max(split.gain, minGain);
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let sumGradient = startGradient;
  let sumHessian = startHessian;
  for (let bin = 0; bin < stop && bin < bins; bin++) {
    const slot = base + 2 * bin;
    const weight = histogram[slot + 1] as number;
    if (weight === 0) continue;
    sumGradient += histogram[slot] as number;
    sumHessian += weight;
    if (sumHessian < least) continue;
    if (sumHessian > most) break;
    const rightGradient = gradient - sumGradient;
    const rightHessian = hessian - sumHessian;
    let gain: number;
    if (plain)
      gain =
        (sumGradient * sumGradient) / (sumHessian + lambda) +
        (rightGradient * rightGradient) / (rightHessian + lambda) -
        whole;
    else {
      const left = clampedStep(sumGradient, sumHessian, lambda, alpha, lower, upper);
      const right = clampedStep(rightGradient, rightHessian, lambda, alpha, lower, upper);
      if (direction * (right - left) < 0) continue;
      gain =
        -objective(sumGradient, sumHessian, left, lambda, alpha) -
        objective(rightGradient, rightHessian, right, lambda, alpha) -
        whole;
    }
    if (gain > bestGain) {
      bestGain = gain;
      bestBin = bin;
      bestGradient = sumGradient;
      bestHessian = sumHessian;
    }
  }
  if (bestBin < 0) return;
  split.gain = bestGain;
  split.column = column;
  split.bin = bestBin;
  split.missingLeft = missingLeft;
  split.leftGradient = bestGradient;
  split.leftHessian = bestHessian;
  split.leftValue = clampedStep(bestGradient, bestHessian, lambda, alpha, lower, upper);
  split.rightValue = clampedStep(gradient - bestGradient, hessian - bestHessian, lambda, alpha, lower, upper);
}

function clampedStep(
  gradient: number,
  hessian: number,
  lambda: number,
  alpha: number,
  lower: number,
  upper: number,
): number {
  return Math.min(upper, Math.max(lower, newtonStep(gradient, hessian, lambda, alpha)));
}

/** Twice the second-order loss of an answer. */
function objective(gradient: number, hessian: number, value: number, lambda: number, alpha: number): number {
  return 2 * gradient * value + (hessian + lambda) * value * value + 2 * alpha * Math.abs(value);
}
