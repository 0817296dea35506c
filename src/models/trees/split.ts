import { newtonStep } from './newton.js';
import type { Workspace } from './workspace.js';

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

/** Where missing values go: to the right, to the left, or none were met. */
export const MISSING_RIGHT = 0;
export const MISSING_LEFT = 1;
export const MISSING_UNMET = 2;

/** A split of a leaf. */
export interface Split {
  readonly gain: number;
  readonly column: number;
  /** Bins up to this one go left, or (for categories) those of the set. */
  readonly bin: number;
  readonly set: Uint32Array | undefined;
  readonly missing: number;
  readonly leftGradient: number;
  readonly leftHessian: number;
}

/** What is known of the leaf that is looked at. */
export interface LeafSums {
  readonly histogram: number;
  readonly gradient: number;
  readonly hessian: number;
  /** Bounds of the answer, from monotone constraints above. */
  readonly lower: number;
  readonly upper: number;
}

/** Fewer rows (by hessian, relative to `minLeaf`) say too little about a category to be put in order by it. */
const CATEGORY_SMOOTHING = 10;

/**
 * The best split of a leaf on the columns of the workspace's list, of which the first `numeric` ones are numbers and the
 * others categories.
 * @param least least sum of hessians on each side
 */
export function findSplit(
  space: Workspace,
  leaf: LeafSums,
  numeric: number,
  count: number,
  least: number,
  rules: SplitRules,
): Split | undefined {
  const { lambda, alpha, monotone, minGain } = rules;
  const { gradient, hessian, lower, upper } = leaf;
  if (!(hessian > 0)) return undefined;
  const plain = alpha === 0 && monotone === undefined;
  const whole = plain
    ? (gradient * gradient) / (hessian + lambda)
    : -objective(gradient, hessian, boundedStep(gradient, hessian, rules, lower, upper), rules);
  // What rounding makes is no gain.
  const floor = whole + minGain + 1e-12 * Math.abs(whole);
  let best: Split | undefined;
  if (plain) {
    const { kernels, listAt, startsAt, valueBinsAt, resultAt, result } = space;
    const found = kernels.scan(
      leaf.histogram,
      listAt,
      numeric,
      startsAt,
      valueBinsAt,
      gradient,
      hessian,
      least,
      lambda,
      floor,
      resultAt,
    );
    if (found !== 0) {
      best = {
        gain: (result[0] as number) - whole,
        leftGradient: result[1] as number,
        leftHessian: result[2] as number,
        bin: result[3] as number,
        column: result[4] as number,
        missing: result[5] as number,
        set: undefined,
      };
    }
  } else {
    for (let k = 0; k < numeric; k++)
      best = scanConstrained(space, leaf, space.list[k] as number, least, rules, whole, best, floor - whole);
  }
  for (let k = numeric; k < count; k++)
    best = scanCategories(space, leaf, space.list[k] as number, least, rules, whole, best, floor - whole);
  return best;
}

/** Goes over the bins of one column with L1 regularisation, bounds and direction. */
function scanConstrained(
  { floats, starts, bins }: Workspace,
  leaf: LeafSums,
  column: number,
  least: number,
  rules: SplitRules,
  whole: number,
  best: Split | undefined,
  floor: number,
): Split | undefined {
  const direction = rules.monotone?.[column] ?? 0;
  const base = leaf.histogram / 8 + 2 * (starts[column] as number);
  const valueBins = bins.valueBins[column] as number;
  const missingGradient = floats[base + 2 * valueBins] as number;
  const missingHessian = floats[base + 2 * valueBins + 1] as number;
  const ways = missingHessian > 0 ? [MISSING_RIGHT, MISSING_LEFT] : [MISSING_UNMET];
  let result = best;
  for (const missing of ways) {
    let g = missing === MISSING_LEFT ? missingGradient : 0;
    let h = missing === MISSING_LEFT ? missingHessian : 0;
    const stop = missing === MISSING_RIGHT ? valueBins : valueBins - 1;
    for (let bin = 0; bin < stop; bin++) {
      const weight = floats[base + 2 * bin + 1] as number;
      if (weight === 0) continue;
      g += floats[base + 2 * bin] as number;
      h += weight;
      if (h < least) continue;
      if (leaf.hessian - h < least) break;
      const gain = gainOf(leaf, g, h, rules, direction) - whole;
      if (gain > (result?.gain ?? floor))
        result = { gain, column, bin, set: undefined, missing, leftGradient: g, leftHessian: h };
    }
  }
  return result;
}

/**
 * The best set of categories: put in order by gradient over hessian, one cut of that order is the best of all sets
 * (Fisher 1958). Missing values are a category more.
 */
function scanCategories(
  { floats, starts, bins }: Workspace,
  leaf: LeafSums,
  column: number,
  least: number,
  rules: SplitRules,
  whole: number,
  best: Split | undefined,
  floor: number,
): Split | undefined {
  const base = leaf.histogram / 8 + 2 * (starts[column] as number);
  const missing = bins.valueBins[column] as number;
  const hessianOf = (bin: number) => floats[base + 2 * bin + 1] as number;
  const ratio = (bin: number) => (floats[base + 2 * bin] as number) / (hessianOf(bin) + CATEGORY_SMOOTHING);
  const order: number[] = [];
  for (let bin = 0; bin <= missing; bin++) if (hessianOf(bin) > 0) order.push(bin);
  order.sort((a, b) => ratio(a) - ratio(b) || a - b);
  let result = best;
  let cut = -1;
  let g = 0;
  let h = 0;
  for (let i = 0; i + 1 < order.length; i++) {
    const bin = order[i] as number;
    g += floats[base + 2 * bin] as number;
    h += hessianOf(bin);
    if (h < least) continue;
    if (leaf.hessian - h < least) break;
    const gain = gainOf(leaf, g, h, rules, 0) - whole;
    if (gain > (result?.gain ?? floor)) {
      cut = i;
      result = { gain, column, bin, set: undefined, missing: MISSING_UNMET, leftGradient: g, leftHessian: h };
    }
  }
  if (cut < 0 || result === undefined) return result;
  const set = new Uint32Array(8);
  for (const bin of order.slice(0, cut + 1))
    if (bin !== missing) set[bin >> 5] = (set[bin >> 5] as number) | (1 << (bin & 31));
  const place = order.indexOf(missing);
  const way = place < 0 ? MISSING_UNMET : place <= cut ? MISSING_LEFT : MISSING_RIGHT;
  return { ...result, set, missing: way };
}

/** Minus twice the loss of both sides, or −∞ where their answers run against the column's direction. */
function gainOf(leaf: LeafSums, g: number, h: number, rules: SplitRules, direction: number): number {
  const { gradient, hessian, lower, upper } = leaf;
  const left = boundedStep(g, h, rules, lower, upper);
  const right = boundedStep(gradient - g, hessian - h, rules, lower, upper);
  if (direction * (right - left) < 0) return Number.NEGATIVE_INFINITY;
  return -objective(g, h, left, rules) - objective(gradient - g, hessian - h, right, rules);
}

/** The Newton step within bounds. */
export function boundedStep(
  gradient: number,
  hessian: number,
  { lambda, alpha }: SplitRules,
  lower: number,
  upper: number,
): number {
  return Math.min(upper, Math.max(lower, newtonStep(gradient, hessian, lambda, alpha)));
}

/** Twice the second-order loss of an answer. */
function objective(gradient: number, hessian: number, value: number, { lambda, alpha }: SplitRules): number {
  return 2 * gradient * value + (hessian + lambda) * value * value + 2 * alpha * Math.abs(value);
}
