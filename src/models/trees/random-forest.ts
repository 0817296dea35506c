import { NotFittedError, quote, TwinergyError } from '../../core/errors.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../../core/work.js';
import { requestWork, type WorkerPort } from '../../core/worker-port.js';
import type { Matrix } from '../matrix.js';
import { type SealedModel, seal, unseal } from '../serial.js';
import { checkLimits } from './boosting-options.js';
import { addPredictions, checkWidth, leafOf, loadTrees, type SavedTrees, saveTrees, sumLeaves } from './ensemble.js';
import { type GrownForest, greatest, growForest } from './forest.js';
import { packBytes, unpackBytes } from './pack.js';
import { type Explanation, explainTrees } from './shap.js';
import { plainMatrix, type TreeFits } from './worker-tasks.js';

/** Options of `RandomForest`. */
export interface RandomForestOptions {
  /** `regression` (default), or `classification`: each number in the target is a class. */
  readonly task?: 'regression' | 'classification';
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

/** The options with their defaults. */
export type ResolvedForest = Required<RandomForestOptions>;

/** Options of a fit of `RandomForest`. */
export interface ForestFitOptions extends WorkOptions {
  /** One weight a row, 0 or more. */
  readonly weights?: ArrayLike<number>;
  /** `fitAsync` only: where to fit, see `serveTreeFits`. */
  readonly worker?: WorkerPort;
}

interface SavedForest {
  readonly options: ResolvedForest;
  readonly columns: number;
  readonly outOfBag: number | null;
  readonly classes: string;
  readonly shares: string;
  readonly trees: SavedTrees;
  readonly leafTargets: { readonly targets: string; readonly first: string } | null;
}

/**
 * Random forest for regression and classification (Breiman 2001) on binned columns; with `quantiles`, a quantile
 * regression forest (Meinshausen 2006). Missing values are NaN.
 */
export class RandomForest {
  readonly options: ResolvedForest;
  #fitted: GrownForest | undefined;

  /** @throws TwinergyError `TREES_BAD_OPTION` */
  constructor(options: RandomForestOptions = {}) {
    const resolved: ResolvedForest = {
      task: 'regression',
      trees: 100,
      minLeaf: 5,
      maxDepth: 1000,
      columnSample: 1 / 3,
      rowSample: 1,
      quantiles: false,
      seed: 0,
      ...options,
    };
    checkLimits(resolved, {
      trees: [1, 1e6],
      minLeaf: [1, 1e9],
      maxDepth: [1, 1000],
      columnSample: [1e-6, 1],
      rowSample: [1e-6, 1],
    });
    const { task, quantiles } = resolved;
    if (task !== 'regression' && (task !== 'classification' || quantiles)) {
      throw new TwinergyError(
        'TREES_BAD_OPTION',
        `There is no task ${quote(task)}${quantiles ? ' with quantiles' : ''}.`,
        {
          path: 'task',
          value: task,
          hint: 'Tasks: regression, classification; quantiles are for regression.',
        },
      );
    }
    this.options = resolved;
  }

  /** @throws TwinergyError `MODEL_NO_DATA`, `MODEL_WRONG_LENGTH`, `MODEL_BAD_TARGET`, `MODEL_BAD_WEIGHT`, `ABORTED` */
  fit(matrix: Matrix, target: ArrayLike<number>, options: Omit<ForestFitOptions, 'worker'> = {}): this {
    this.#fitted = runSync(growForest(this.options, matrix, target, options.weights), options);
    return this;
  }

  /** The same without blocking; with `worker`, on another thread. */
  async fitAsync(matrix: Matrix, target: ArrayLike<number>, options: ForestFitOptions = {}): Promise<this> {
    const { worker, ...rest } = options;
    if (worker === undefined) {
      this.#fitted = await runAsync(growForest(this.options, matrix, target, rest.weights), rest);
      return this;
    }
    const { signal, onProgress, ...fit } = rest;
    const input = { options: this.options, matrix: plainMatrix(matrix), target, fit };
    const work = { signal, onProgress };
    const saved = await requestWork<TreeFits, 'random-forest'>(worker, 'random-forest', input, work);
    this.#fitted = restore(unseal('random-forest', 1, saved));
    return this;
  }

  /** The same as a part of longer work: yields its progress. */
  *fitting(matrix: Matrix, target: ArrayLike<number>, { weights }: Pick<ForestFitOptions, 'weights'> = {}): Work<this> {
    this.#fitted = yield* growForest(this.options, matrix, target, weights);
    return this;
  }

  /**
   * The mean answer of the trees for each row; for classification, the most probable class.
   * @throws NotFittedError, TwinergyError `MODEL_WRONG_WIDTH`
   */
  predict(matrix: Matrix, out = new Float64Array(matrix.rows)): Float64Array {
    const { trees, columns, classes } = this.#get();
    checkWidth(matrix, columns);
    if (classes.length > 0) {
      const shares = this.predictProbabilities(matrix);
      for (let row = 0; row < matrix.rows; row++)
        out[row] = classes[greatest(shares, row * classes.length, classes.length)] as number;
      return out;
    }
    out.fill(0);
    addPredictions(trees, matrix, out);
    for (let row = 0; row < matrix.rows; row++) out[row] = (out[row] as number) / trees.roots.length;
    return out;
  }

  /** The answer for the row at `offset` of `data`. */
  predictRow(data: Float64Array, offset = 0): number {
    const { trees, classes, columns } = this.#get();
    if (classes.length > 0)
      return this.predict({ data: data.subarray(offset, offset + columns), rows: 1, columns })[0] as number;
    return sumLeaves(trees, data, offset) / trees.roots.length;
  }

  /** The classes that were met in training, ascending. Empty for regression. */
  get classes(): Float64Array {
    return this.#get().classes;
  }

  /**
   * For each row the probability of each class, in the order of `classes`: `[row * classes.length + class]`.
   * @throws TwinergyError `TREES_NO_CLASSES` after a regression, `MODEL_WRONG_WIDTH`
   */
  predictProbabilities(matrix: Matrix): Float64Array {
    const { trees, columns, classes, shares } = this.#get();
    checkWidth(matrix, columns);
    if (classes.length === 0) {
      throw new TwinergyError('TREES_NO_CLASSES', 'This forest has learned numbers, not classes.', {
        hint: 'Create it with { task: "classification" }.',
      });
    }
    const width = classes.length;
    const out = new Float64Array(matrix.rows * width);
    for (const root of trees.roots) {
      for (let row = 0; row < matrix.rows; row++) {
        const from = width * (trees.threshold[leafOf(trees, root, matrix.data, row * columns)] as number);
        for (let c = 0; c < width; c++)
          out[row * width + c] = (out[row * width + c] as number) + (shares[from + c] as number);
      }
    }
    return out.map((sum) => sum / trees.roots.length);
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

  /**
   * What each column contributes to a row's answer, by TreeSHAP; for classification, to the probability of the class with
   * that place in `classes` (default: the most probable one).
   */
  explain(data: Float64Array, offset = 0, classPlace?: number): Explanation {
    const { trees, columns, classes, shares } = this.#get();
    let explained = trees;
    if (classes.length > 0) {
      const place = classPlace ?? classes.indexOf(this.predictRow(data, offset));
      const threshold = trees.threshold.map((value, node) =>
        (trees.feature[node] as number) < 0 ? (shares[value * classes.length + place] as number) : value,
      );
      explained = { ...trees, threshold };
    }
    const { base, contributions } = explainTrees(explained, data, offset, columns);
    const count = trees.roots.length;
    return { base: base / count, contributions: contributions.map((value) => value / count) };
  }

  /**
   * Error over the rows that trees had not drawn: root mean square, or for classes the share of wrong answers; null where
   * every row was drawn by every tree.
   */
  get outOfBagError(): number | null {
    return this.#get().outOfBag;
  }

  toJSON(): SealedModel<SavedForest> {
    const { trees, columns, outOfBag, leafTargets, classes, shares } = this.#get();
    return seal('random-forest', 1, {
      options: this.options,
      columns,
      outOfBag,
      classes: packBytes(classes),
      shares: packBytes(shares),
      trees: saveTrees(trees),
      leafTargets:
        leafTargets === undefined
          ? null
          : { targets: packBytes(leafTargets.targets), first: packBytes(leafTargets.first) },
    });
  }

  /** @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT` */
  static fromJSON(saved: SealedModel<SavedForest>): RandomForest {
    const state = unseal('random-forest', 1, saved);
    const forest = new RandomForest(state.options);
    forest.#fitted = restore(state);
    return forest;
  }

  #get(): GrownForest {
    if (this.#fitted === undefined) throw new NotFittedError('RandomForest');
    return this.#fitted;
  }
}

function restore({ columns, outOfBag, classes, shares, trees, leafTargets }: SavedForest): GrownForest {
  return {
    trees: loadTrees(trees),
    columns,
    outOfBag,
    classes: new Float64Array(unpackBytes(classes)),
    shares: new Float64Array(unpackBytes(shares)),
    leafTargets:
      leafTargets === null
        ? undefined
        : {
            targets: new Float64Array(unpackBytes(leafTargets.targets)),
            first: new Int32Array(unpackBytes(leafTargets.first)),
          },
  };
}
