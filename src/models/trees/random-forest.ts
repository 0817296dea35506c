import { NotFittedError, TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { type SealedModel, seal, unseal } from '../serial.js';
import { binMatrix } from './binning.js';
import {
  addPredictions,
  checkTraining,
  checkWidth,
  leafOf,
  loadTrees,
  type SavedTrees,
  saveTrees,
  sumLeaves,
  type TreeArrays,
  TreeBuilder,
} from './ensemble.js';
import { TreeGrower } from './grower.js';
import { packBytes, unpackBytes } from './pack.js';
import { type Explanation, explainTrees } from './shap.js';

/** Options of `RandomForest`. */
export interface RandomForestOptions {
  /** Number of trees. Default 100. */
  readonly trees?: number;
  /** Least rows in a leaf. Default 5. */
  readonly minLeaf?: number;
  /** Default: none. */
  readonly maxDepth?: number;
  /** Share of the columns that each node looks at. Default 1/3. */
  readonly columnSample?: number;
  /** Rows that each tree draws, as a share, with replacement. Default 1. */
  readonly rowSample?: number;
  /** Keeps the training targets of each leaf, so that `predictQuantiles` works. Default false. */
  readonly quantiles?: boolean;
  /** Default 0. */
  readonly seed?: number;
}

interface Fitted {
  readonly trees: TreeArrays;
  readonly columns: number;
  readonly outOfBag: number | null;
  /** Targets in the order of leaves, and where those of each node begin. */
  readonly leafTargets: { readonly targets: Float64Array; readonly first: Int32Array } | undefined;
}

interface SavedForest {
  readonly options: Required<RandomForestOptions>;
  readonly columns: number;
  readonly outOfBag: number | null;
  readonly trees: SavedTrees;
  readonly leafTargets: { readonly targets: string; readonly first: string } | null;
}

/**
 * Random forest for regression (Breiman 2001) on binned columns; with `quantiles`, a quantile regression forest
 * (Meinshausen 2006). A target of 0 and 1 gives the probability of 1.
 */
export class RandomForest {
  readonly options: Required<RandomForestOptions>;
  #fitted: Fitted | undefined;

  /** @throws TwinergyError `TREES_BAD_OPTION` */
  constructor(options: RandomForestOptions = {}) {
    const resolved = {
      trees: 100,
      minLeaf: 5,
      maxDepth: 1000,
      columnSample: 1 / 3,
      rowSample: 1,
      quantiles: false,
      seed: 0,
      ...options,
    };
    const limits: [name: 'trees' | 'minLeaf' | 'maxDepth' | 'columnSample' | 'rowSample', low: number, high: number][] =
      [
        ['trees', 1, 1e6],
        ['minLeaf', 1, 1e9],
        ['maxDepth', 1, 1000],
        ['columnSample', 1e-6, 1],
        ['rowSample', 1e-6, 1],
      ];
    for (const [name, low, high] of limits) {
      if (!(resolved[name] >= low && resolved[name] <= high)) {
        throw new TwinergyError('TREES_BAD_OPTION', `${name} must lie in ${low}…${high}, got ${resolved[name]}.`, {
          path: name,
          value: resolved[name],
        });
      }
    }
    this.options = resolved;
  }

  /** @throws TwinergyError `MODEL_NO_DATA`, `MODEL_WRONG_LENGTH`, `MODEL_BAD_TARGET`, `ABORTED` */
  fit(matrix: Matrix, target: ArrayLike<number>, options: WorkOptions = {}): this {
    this.#fitted = runSync(this.#grow(matrix, target), options);
    return this;
  }

  /** The same without blocking. */
  async fitAsync(matrix: Matrix, target: ArrayLike<number>, options: WorkOptions = {}): Promise<this> {
    this.#fitted = await runAsync(this.#grow(matrix, target), options);
    return this;
  }

  /** The same as a part of longer work: yields its progress. */
  *fitting(matrix: Matrix, target: ArrayLike<number>): Work<this> {
    this.#fitted = yield* this.#grow(matrix, target);
    return this;
  }

  /** The mean answer of the trees for each row. @throws NotFittedError, TwinergyError `MODEL_WRONG_WIDTH` */
  predict(matrix: Matrix, out = new Float64Array(matrix.rows)): Float64Array {
    const { trees, columns } = this.#get();
    checkWidth(matrix, columns);
    out.fill(0);
    addPredictions(trees, matrix, out, 1 / trees.roots.length);
    return out;
  }

  /** The answer for the row at `offset` of `data`. */
  predictRow(data: Float64Array, offset = 0): number {
    const { trees } = this.#get();
    return sumLeaves(trees, data, offset) / trees.roots.length;
  }

  /**
   * Quantiles of the target given the row at `offset`: each training target of the leaves that the row reaches counts by one
   * over its leaf's size.
   * @throws TwinergyError `TREES_NO_QUANTILES` unless fitted with `quantiles: true`
   */
  predictQuantiles(data: Float64Array, quantiles: readonly number[], offset = 0): Float64Array {
    const { trees, leafTargets } = this.#get();
    if (leafTargets === undefined) {
      throw new TwinergyError('TREES_NO_QUANTILES', 'This forest kept no targets.', {
        hint: 'Create it with { quantiles: true }.',
      });
    }
    const { targets, first } = leafTargets;
    const values: number[] = [];
    const weights: number[] = [];
    for (const root of trees.roots) {
      const leaf = leafOf(trees, root, data, offset);
      const from = first[leaf] as number;
      const to = first[leaf + 1] as number;
      for (let i = from; i < to; i++) {
        values.push(targets[i] as number);
        weights.push(1 / (to - from));
      }
    }
    const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
    return Float64Array.from(quantiles, (quantile) => {
      let sum = 0;
      for (const i of order) {
        sum += weights[i] as number;
        if (sum >= quantile * trees.roots.length) return values[i] as number;
      }
      return values[order[order.length - 1] as number] as number;
    });
  }

  /** What each column contributes to a row's answer, by TreeSHAP. */
  explain(data: Float64Array, offset = 0): Explanation {
    const { trees, columns } = this.#get();
    const { base, contributions } = explainTrees(trees, data, offset, columns);
    const count = trees.roots.length;
    return { base: base / count, contributions: contributions.map((value) => value / count) };
  }

  /** Root mean squared error over the rows that trees had not drawn; null where every row was drawn by every tree. */
  get outOfBagError(): number | null {
    return this.#get().outOfBag;
  }

  toJSON(): SealedModel<SavedForest> {
    const { trees, columns, outOfBag, leafTargets } = this.#get();
    return seal('random-forest', 1, {
      options: this.options,
      columns,
      outOfBag,
      trees: saveTrees(trees),
      leafTargets:
        leafTargets === undefined
          ? null
          : { targets: packBytes(leafTargets.targets), first: packBytes(leafTargets.first) },
    });
  }

  /** @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT` */
  static fromJSON(saved: SealedModel<SavedForest>): RandomForest {
    const { options, columns, outOfBag, trees, leafTargets } = unseal('random-forest', 1, saved);
    const forest = new RandomForest(options);
    forest.#fitted = {
      trees: loadTrees(trees),
      columns,
      outOfBag,
      leafTargets:
        leafTargets === null
          ? undefined
          : {
              targets: new Float64Array(unpackBytes(leafTargets.targets)),
              first: new Int32Array(unpackBytes(leafTargets.first)),
            },
    };
    return forest;
  }

  #get(): Fitted {
    if (this.#fitted === undefined) throw new NotFittedError('RandomForest');
    return this.#fitted;
  }

  *#grow(matrix: Matrix, target: ArrayLike<number>): Work<Fitted> {
    checkTraining(matrix, target);
    const { options } = this;
    const { rows, columns, data } = matrix;
    const random = new Random(options.seed);
    const binned = binMatrix(matrix, { seed: options.seed });
    const y = Float64Array.from(target);
    // With squared loss from 0, the Newton step of a leaf is the mean of its targets; a row drawn twice weighs twice.
    const gradient = new Float64Array(rows);
    const weight = new Float64Array(rows);
    const grower = new TreeGrower(binned, random.split('columns'));
    const builder = new TreeBuilder();
    const allColumns = Int32Array.from({ length: columns }, (_, i) => i);
    const draws = Math.max(1, Math.round(options.rowSample * rows));
    const bagSum = new Float64Array(rows);
    const bagCount = new Uint32Array(rows);
    const kept: { node: number; targets: Float64Array }[] = [];
    const growOptions = {
      maxLeaves: Number.MAX_SAFE_INTEGER,
      maxDepth: options.maxDepth,
      columnsPerNode: Math.max(1, Math.round(options.columnSample * columns)),
      minLeaf: 1,
      minHessian: options.minLeaf,
      minGain: 1e-12,
      lambda: 0,
      alpha: 0,
    };
    for (let t = 0; t < options.trees; t++) {
      weight.fill(0);
      for (let i = 0; i < draws; i++) {
        const row = random.int(rows);
        weight[row] = (weight[row] as number) + 1;
      }
      const drawn: number[] = [];
      for (let row = 0; row < rows; row++) {
        if (weight[row] === 0) continue;
        drawn.push(row);
        gradient[row] = -(weight[row] as number) * (y[row] as number);
      }
      const firstNode = builder.size;
      const leaves = grower.grow(builder, Uint32Array.from(drawn), gradient, weight, allColumns, growOptions);
      const view = builder.view();
      if (options.quantiles) {
        let leaf = 0;
        for (let node = firstNode; node < builder.size; node++) {
          if ((view.feature[node] as number) >= 0) continue;
          const { rows: leafRows } = leaves[leaf++] as { rows: Uint32Array };
          kept.push({ node, targets: Float64Array.from(leafRows, (row) => y[row] as number) });
        }
      }
      for (let row = 0; row < rows; row++) {
        if (weight[row] !== 0) continue;
        bagSum[row] =
          (bagSum[row] as number) + (view.threshold[leafOf(view, firstNode, data, row * columns)] as number);
        bagCount[row] = (bagCount[row] as number) + 1;
      }
      yield { phase: 'growing trees', done: t + 1, total: options.trees };
    }
    const trees = builder.finish();
    return {
      trees,
      columns,
      outOfBag: outOfBagError(y, bagSum, bagCount),
      leafTargets: options.quantiles ? joinTargets(kept, trees.feature.length) : undefined,
    };
  }
}

function outOfBagError(y: Float64Array, sum: Float64Array, count: Uint32Array): number | null {
  let squared = 0;
  let rows = 0;
  for (let row = 0; row < y.length; row++) {
    if (count[row] === 0) continue;
    squared += ((sum[row] as number) / (count[row] as number) - (y[row] as number)) ** 2;
    rows++;
  }
  return rows > 0 ? Math.sqrt(squared / rows) : null;
}

function joinTargets(kept: readonly { node: number; targets: Float64Array }[], nodes: number) {
  const first = new Int32Array(nodes + 1);
  for (const { node, targets } of kept) first[node + 1] = targets.length;
  for (let node = 0; node < nodes; node++) first[node + 1] = (first[node + 1] as number) + (first[node] as number);
  const all = new Float64Array(first[nodes] as number);
  for (const { node, targets } of kept) all.set(targets, first[node] as number);
  return { targets: all, first };
}
