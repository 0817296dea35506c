import { NotFittedError, TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { type SealedModel, seal, unseal } from '../serial.js';
import { binMatrix, MAX_BINS } from './binning.js';
import {
  addPredictions,
  checkTraining,
  checkWidth,
  loadTrees,
  type SavedTrees,
  saveTrees,
  sumLeaves,
  type TreeArrays,
  TreeBuilder,
} from './ensemble.js';
import { TreeGrower } from './grower.js';
import { type LossName, lossOf } from './losses.js';
import { type Explanation, explainTrees } from './shap.js';

/** Options of `GradientBoosting`. */
export interface GradientBoostingOptions {
  /** What is minimised. Default `squared`. */
  readonly loss?: LossName;
  /** Which quantile, for the loss `quantile`. Default 0.5. */
  readonly quantile?: number;
  /** Where Huber's loss turns straight, in units of the target. Default 1. */
  readonly delta?: number;
  /** Number of trees, at most. Default 200. */
  readonly trees?: number;
  /** Share of each tree's answer that is kept. Default 0.1. */
  readonly learningRate?: number;
  /** Default 31. */
  readonly maxLeaves?: number;
  /** Default: none. */
  readonly maxDepth?: number;
  /** Least rows in a leaf. Default 20. */
  readonly minLeaf?: number;
  /** Least sum of second derivatives in a leaf. Default 1e-3. */
  readonly minHessian?: number;
  /** Least gain of a split. Default 0. */
  readonly minGain?: number;
  /** L2 regularisation. Default 0. */
  readonly lambda?: number;
  /** L1 regularisation. Default 0. */
  readonly alpha?: number;
  /** Most bins a column, 2…255. Default 255. */
  readonly maxBins?: number;
  /** Share of the rows that each tree sees. Default 1. */
  readonly rowSample?: number;
  /** Share of the columns that each tree sees. Default 1. */
  readonly columnSample?: number;
  /** For each column: 1, the answer may only rise with it; −1, only fall; 0, free. */
  readonly monotone?: readonly (-1 | 0 | 1)[];
  /** Stops when the validation loss has not fallen for that many trees, and keeps the best. Default: no stopping. */
  readonly earlyStopping?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Options of a fit. */
export interface TreeFitOptions extends WorkOptions {
  /** One weight a row, 0 or more. */
  readonly weights?: ArrayLike<number>;
  /** Rows that early stopping looks at. Without, a tenth of the training rows is held back for it. */
  readonly validation?: { readonly matrix: Matrix; readonly target: ArrayLike<number> };
}

type Resolved = Required<Omit<GradientBoostingOptions, 'monotone' | 'earlyStopping'>> &
  Pick<GradientBoostingOptions, 'monotone' | 'earlyStopping'>;

interface Fitted {
  readonly trees: TreeArrays;
  readonly columns: number;
  readonly start: number;
}

interface SavedBoosting {
  readonly options: Resolved;
  readonly columns: number;
  readonly start: number;
  readonly trees: SavedTrees;
}

/**
 * Histogram gradient boosting: leaf-wise trees on quantile bins with missing values in a bin of their own (Friedman 2001;
 * Ke et al. 2017). `predict` gives the target's own unit; the loss `logistic` takes targets 0 and 1 and gives probabilities.
 */
export class GradientBoosting {
  readonly options: Resolved;
  #fitted: Fitted | undefined;

  /** @throws TwinergyError `TREES_BAD_OPTION` */
  constructor(options: GradientBoostingOptions = {}) {
    const resolved: Resolved = {
      loss: 'squared',
      quantile: 0.5,
      delta: 1,
      trees: 200,
      learningRate: 0.1,
      maxLeaves: 31,
      maxDepth: 1000,
      minLeaf: 20,
      minHessian: 1e-3,
      minGain: 0,
      lambda: 0,
      alpha: 0,
      maxBins: MAX_BINS,
      rowSample: 1,
      columnSample: 1,
      seed: 0,
      ...options,
    };
    const limits: [keyof Resolved, number, number][] = [
      ['trees', 1, 1e6],
      ['learningRate', 1e-9, 10],
      ['maxLeaves', 2, 65_536],
      ['maxDepth', 1, 1000],
      ['minLeaf', 1, 1e9],
      ['minHessian', 0, 1e300],
      ['minGain', 0, 1e300],
      ['lambda', 0, 1e300],
      ['alpha', 0, 1e300],
      ['maxBins', 2, MAX_BINS],
      ['rowSample', 1e-6, 1],
      ['columnSample', 1e-6, 1],
      ['delta', 1e-300, 1e300],
    ];
    for (const [name, low, high] of limits) {
      const value = resolved[name];
      if (typeof value !== 'number' || !(value >= low && value <= high)) {
        throw new TwinergyError('TREES_BAD_OPTION', `${name} must lie in ${low}…${high}, got ${String(value)}.`, {
          path: name,
          value,
        });
      }
    }
    lossOf(resolved.loss, resolved.quantile, resolved.delta);
    this.options = resolved;
  }

  /** @throws TwinergyError `MODEL_NO_DATA`, `MODEL_WRONG_LENGTH`, `MODEL_BAD_TARGET`, `ABORTED` */
  fit(matrix: Matrix, target: ArrayLike<number>, options: TreeFitOptions = {}): this {
    this.#fitted = runSync(this.#grow(matrix, target, options), options);
    return this;
  }

  /** The same without blocking. */
  async fitAsync(matrix: Matrix, target: ArrayLike<number>, options: TreeFitOptions = {}): Promise<this> {
    this.#fitted = await runAsync(this.#grow(matrix, target, options), options);
    return this;
  }

  /** The same as a part of longer work: yields its progress. */
  *fitting(
    matrix: Matrix,
    target: ArrayLike<number>,
    options: Omit<TreeFitOptions, keyof WorkOptions> = {},
  ): Work<this> {
    this.#fitted = yield* this.#grow(matrix, target, options);
    return this;
  }

  /** An answer for each row. @throws NotFittedError, TwinergyError `MODEL_WRONG_WIDTH` */
  predict(matrix: Matrix, out = new Float64Array(matrix.rows)): Float64Array {
    const { trees, columns, start } = this.#get();
    checkWidth(matrix, columns);
    out.fill(start);
    addPredictions(trees, matrix, out);
    const { link } = this.#loss;
    if (link !== undefined) for (let i = 0; i < out.length; i++) out[i] = link(out[i] as number);
    return out;
  }

  /** The answer for the row at `offset` of `data`. */
  predictRow(data: Float64Array, offset = 0): number {
    const { trees, start } = this.#get();
    const raw = start + sumLeaves(trees, data, offset);
    return this.#loss.link?.(raw) ?? raw;
  }

  /** What each column contributes to a row's answer (before the logistic function), by TreeSHAP. */
  explain(data: Float64Array, offset = 0): Explanation {
    const { trees, columns, start } = this.#get();
    const { base, contributions } = explainTrees(trees, data, offset, columns);
    return { base: base + start, contributions };
  }

  /** Number of trees that were kept. */
  get treeCount(): number {
    return this.#get().trees.roots.length;
  }

  toJSON(): SealedModel<SavedBoosting> {
    const { trees, columns, start } = this.#get();
    return seal('gradient-boosting', 1, { options: this.options, columns, start, trees: saveTrees(trees) });
  }

  /** @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT` */
  static fromJSON(saved: SealedModel<SavedBoosting>): GradientBoosting {
    const { options, columns, start, trees } = unseal('gradient-boosting', 1, saved);
    const model = new GradientBoosting(options);
    model.#fitted = { trees: loadTrees(trees), columns, start };
    return model;
  }

  get #loss() {
    return lossOf(this.options.loss, this.options.quantile, this.options.delta);
  }

  #get(): Fitted {
    if (this.#fitted === undefined) throw new NotFittedError('GradientBoosting');
    return this.#fitted;
  }

  *#grow(matrix: Matrix, target: ArrayLike<number>, { weights, validation }: TreeFitOptions): Work<Fitted> {
    checkTraining(matrix, target);
    if (weights !== undefined && weights.length !== matrix.rows) {
      throw new TwinergyError('MODEL_WRONG_LENGTH', `There are ${matrix.rows} rows, but ${weights.length} weights.`);
    }
    const { options } = this;
    const { rows, columns } = matrix;
    const loss = this.#loss;
    const random = new Random(options.seed);
    const binned = binMatrix(matrix, { maxBins: options.maxBins, seed: options.seed });
    const y = Float64Array.from(target);
    const w = weights === undefined ? undefined : Float64Array.from(weights);
    const monitor = this.#monitor(matrix, y, validation, random);
    const train = monitor.train;
    const start = loss.start(
      train.length === rows ? y : gather(y, train),
      w === undefined || train.length === rows ? w : gather(w, train),
    );
    const answer = new Float64Array(rows).fill(start);
    const gradient = new Float64Array(rows);
    const hessian = new Float64Array(rows);
    const constant = loss.constantHessian && w === undefined;
    const grower = new TreeGrower(binned, random);
    const builder = new TreeBuilder();
    const allColumns = Int32Array.from({ length: columns }, (_, i) => i);
    const perTree = Math.max(1, Math.round(options.columnSample * columns));
    const perSample = Math.max(1, Math.round(options.rowSample * train.length));
    const growOptions = { ...options, columnsPerNode: columns };
    let best = Number.POSITIVE_INFINITY;
    let bestCount = 0;
    for (let t = 0; t < options.trees; t++) {
      loss.derive(y, answer, gradient, hessian);
      if (w !== undefined) {
        for (let i = 0; i < rows; i++) {
          const weight = w[i] as number;
          gradient[i] = (gradient[i] as number) * weight;
          hessian[i] = (loss.constantHessian ? 1 : (hessian[i] as number)) * weight;
        }
      }
      if (perSample < train.length) random.shuffle(train, perSample);
      const sample = train.subarray(0, perSample);
      const chosen = perTree < columns ? pick(allColumns, perTree, random) : allColumns;
      const { leaf } = loss;
      const leafValue =
        leaf === undefined
          ? (_: Uint32Array, newton: number) => options.learningRate * newton
          : (leafRows: Uint32Array) => options.learningRate * leaf(leafRows, y, answer, w);
      const leaves = grower.grow(
        builder,
        sample,
        gradient,
        constant ? undefined : hessian,
        chosen,
        growOptions,
        leafValue,
      );
      if (perSample === rows) {
        for (const { rows: leafRows, value } of leaves)
          for (const row of leafRows) answer[row] = (answer[row] as number) + value;
      } else addTree(builder, t, matrix, answer);
      if (options.earlyStopping !== undefined) {
        const value = monitor.loss(builder, t, answer, (target_, answer_) => loss.mean(target_, answer_), start);
        if (value < best) {
          best = value;
          bestCount = t + 1;
        } else if (t + 1 - bestCount >= options.earlyStopping) break;
      }
      if (t % 4 === 3) yield { phase: 'boosting', done: t + 1, total: options.trees };
    }
    if (options.earlyStopping !== undefined) builder.truncate(bestCount);
    return { trees: builder.finish(), columns, start };
  }

  /** The training rows, and a way to measure the loss on rows that are not among them. */
  #monitor(matrix: Matrix, y: Float64Array, validation: TreeFitOptions['validation'], random: Random) {
    const all = Uint32Array.from({ length: matrix.rows }, (_, i) => i);
    type Mean = (target: Float64Array, answer: Float64Array) => number;
    if (this.options.earlyStopping === undefined || matrix.rows < 10) {
      return {
        train: all,
        loss: (_builder: TreeBuilder, _tree: number, answer: Float64Array, mean: Mean) => mean(y, answer),
      };
    }
    if (validation !== undefined) {
      checkWidth(validation.matrix, matrix.columns);
      const target = Float64Array.from(validation.target);
      let running: Float64Array | undefined;
      return {
        train: all,
        loss: (builder: TreeBuilder, tree: number, _answer: Float64Array, mean: Mean, start: number) => {
          running ??= new Float64Array(target.length).fill(start);
          addTree(builder, tree, validation.matrix, running);
          return mean(target, running);
        },
      };
    }
    random.split('validation').shuffle(all);
    const held = all.slice(0, Math.floor(matrix.rows / 10));
    const target = gather(y, held);
    return {
      train: all.slice(held.length).sort(),
      loss: (_builder: TreeBuilder, _tree: number, answer: Float64Array, mean: Mean) =>
        mean(target, gather(answer, held)),
    };
  }
}

/** Adds the answers of tree `index` to `answer`. */
function addTree(builder: TreeBuilder, index: number, matrix: Matrix, answer: Float64Array): void {
  const trees = builder.view();
  addPredictions({ ...trees, roots: trees.roots.subarray(index, index + 1) }, matrix, answer);
}

function gather(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] as number);
}

function pick(columns: Int32Array, count: number, random: Random): Int32Array {
  const mixed = columns.slice();
  random.shuffle(mixed, count);
  return mixed.slice(0, count).sort();
}
