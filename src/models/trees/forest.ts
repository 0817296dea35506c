import { TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { findEdges, writeBins } from './binning.js';
import { labelsOf } from './boosting.js';
import { checkTraining, leafOf, type TreeArrays, TreeBuilder } from './ensemble.js';
import { ForestGrower } from './forest-grower.js';
import type { ResolvedForest } from './random-forest.js';

/** What a fit of a random forest gives. */
export interface GrownForest {
  /** For classes, a leaf's `threshold` is its row in `shares`. */
  readonly trees: TreeArrays;
  readonly columns: number;
  /** Classes in ascending order; empty for regression. */
  readonly classes: Float64Array;
  /** For each leaf, the share of each class; empty for regression. */
  readonly shares: Float64Array;
  readonly outOfBag: number | null;
  /** Targets in the order of leaves, and where those of each node begin. */
  readonly leafTargets: { readonly targets: Float64Array; readonly first: Int32Array } | undefined;
}

/** Grows the trees of a random forest. */
export function* growForest(
  options: ResolvedForest,
  matrix: Matrix,
  target: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): Work<GrownForest> {
  checkTraining(matrix, target);
  const { rows, columns, data } = matrix;
  const labels = labelsOf(rows, target, weights, undefined);
  const classes = options.task === 'classification' ? classesOf(labels.target) : new Float64Array(0);
  const y = classes.length === 0 ? labels.target : labels.target.map((value) => classes.indexOf(value));
  const random = new Random(options.seed);
  const bins = findEdges(matrix, { seed: options.seed });
  const codes = new Uint8Array(rows * columns);
  writeBins(matrix, bins, codes);
  yield { phase: 'growing trees', done: 0, total: options.trees };
  const growOptions = {
    minLeaf: options.minLeaf,
    maxDepth: options.maxDepth,
    columnsPerNode: Math.max(1, Math.round(options.columnSample * columns)),
    classes: classes.length,
  };
  const grower = new ForestGrower(codes, rows, bins, growOptions, random.split('columns'));
  const builder = new TreeBuilder();
  const shares: number[] = [];
  const kept: { readonly node: number; readonly targets: Float64Array }[] = [];
  const answer = (leafRows: Uint32Array, weight: number, sums: Float64Array) => {
    if (options.quantiles)
      kept.push({ node: builder.size, targets: Float64Array.from(leafRows, (row) => y[row] as number) });
    if (classes.length === 0) return (sums[0] as number) / weight;
    for (const sum of sums) shares.push(sum / weight);
    return shares.length / classes.length - 1;
  };
  const width = Math.max(1, classes.length);
  const bagSums = new Float64Array(rows * width);
  const bagCounts = new Uint32Array(rows);
  const draws = Math.max(1, Math.round(options.rowSample * rows));
  const drawn = new Float64Array(rows);
  const sample = new Uint32Array(rows);
  for (let t = 0; t < options.trees; t++) {
    drawn.fill(0);
    for (let i = 0; i < draws; i++) {
      const row = random.int(rows);
      drawn[row] = (drawn[row] as number) + 1;
    }
    if (labels.weights !== undefined)
      for (let row = 0; row < rows; row++) drawn[row] = (drawn[row] as number) * (labels.weights[row] as number);
    let count = 0;
    for (let row = 0; row < rows; row++) if (drawn[row] !== 0) sample[count++] = row;
    // Weights may leave a draw empty-handed: then the tree learns from all rows that count.
    if (count === 0) count = takeWeighted(labels.weights, drawn, sample);
    grower.grow(builder, sample.subarray(0, count), y, drawn, answer);
    const tree = builder.lastTree();
    const root = tree.roots[0] as number;
    for (let row = 0; row < rows; row++) {
      if (drawn[row] !== 0) continue;
      const value = tree.threshold[leafOf(tree, root, data, row * columns)] as number;
      bagCounts[row] = (bagCounts[row] as number) + 1;
      for (let c = 0; c < width; c++) {
        const own = classes.length === 0 ? value : (shares[value * width + c] as number);
        bagSums[row * width + c] = (bagSums[row * width + c] as number) + own;
      }
    }
    yield { phase: 'growing trees', done: t + 1, total: options.trees };
  }
  const trees = builder.finish();
  return {
    trees,
    columns,
    classes,
    shares: Float64Array.from(shares),
    outOfBag: outOfBagError(y, classes.length, bagSums, bagCounts),
    leafTargets: options.quantiles ? joinTargets(kept, trees.feature.length) : undefined,
  };
}

function takeWeighted(weights: Float64Array | undefined, drawn: Float64Array, sample: Uint32Array): number {
  let count = 0;
  for (let row = 0; row < drawn.length; row++) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    drawn[row] = weight;
    sample[count++] = row;
  }
  if (count === 0) throw new TwinergyError('MODEL_NO_DATA', 'Every row has weight 0.');
  return count;
}

function classesOf(target: Float64Array): Float64Array {
  const classes = Float64Array.from(new Set(target)).sort();
  if (classes.length > 1000) {
    throw new TwinergyError('MODEL_BAD_TARGET', `There are ${classes.length} classes, more than 1000.`, {
      hint: 'Numbers are learned with the task "regression".',
    });
  }
  return classes;
}

/** The place of the greatest of `count` numbers. */
export function greatest(values: Float64Array, from: number, count: number): number {
  let best = 0;
  for (let c = 1; c < count; c++) if ((values[from + c] as number) > (values[from + best] as number)) best = c;
  return best;
}

function outOfBagError(y: Float64Array, classes: number, sums: Float64Array, counts: Uint32Array): number | null {
  let error = 0;
  let rows = 0;
  for (let row = 0; row < y.length; row++) {
    if (counts[row] === 0) continue;
    rows++;
    if (classes > 0) error += greatest(sums, row * classes, classes) === y[row] ? 0 : 1;
    else error += ((sums[row] as number) / (counts[row] as number) - (y[row] as number)) ** 2;
  }
  if (rows === 0) return null;
  return classes > 0 ? error / rows : Math.sqrt(error / rows);
}

function joinTargets(kept: readonly { readonly node: number; readonly targets: Float64Array }[], nodes: number) {
  const first = new Int32Array(nodes + 1);
  for (const { node, targets } of kept) first[node + 1] = targets.length;
  for (let node = 0; node < nodes; node++) first[node + 1] = (first[node + 1] as number) + (first[node] as number);
  const all = new Float64Array(first[nodes] as number);
  for (const { node, targets } of kept) all.set(targets, first[node] as number);
  return { targets: all, first };
}
