import { NotFittedError, TwinergyError } from '../../core/errors.js';
import { runAsync, runSync, type Work } from '../../core/work.js';
import { requestWork } from '../../core/worker-port.js';
import type { Matrix } from '../matrix.js';
import { type SealedModel, seal, unseal } from '../serial.js';
import { type BoostedTrees, boost } from './boosting.js';
import {
  type BoostingFitOptions,
  type GradientBoostingOptions,
  type ResolvedBoosting,
  resolveBoosting,
} from './boosting-options.js';
import { CompleteTrees } from './complete-trees.js';
import { addPredictions, checkWidth, loadTrees, type SavedTrees, saveTrees, sumLeaves } from './ensemble.js';
import { sigmoid } from './losses.js';
import { packBytes, unpackBytes } from './pack.js';
import { type Explanation, explainTrees } from './shap.js';
import { plainMatrix, type TreeFits } from './worker-tasks.js';

interface SavedBoosting {
  readonly options: ResolvedBoosting;
  readonly columns: number;
  readonly start: number;
  readonly shape?: number;
  readonly baseline?: { readonly times: string; readonly hazard: string };
  readonly trees: SavedTrees;
}

/** Fewer rows are scored before the trees would have been filled up. */
const MANY_ROWS = 512;

/**
 * Histogram gradient boosting: leaf-wise trees on quantile bins with missing values in a bin of their own (Friedman 2001;
 * Ke et al. 2017). `predict` gives the target's own unit; the loss `logistic` takes targets 0…1 and gives probabilities,
 * `cox` gives the relative hazard, `weibull` the median time.
 */
export class GradientBoosting {
  readonly options: ResolvedBoosting;
  #fitted: BoostedTrees | undefined;
  #complete: CompleteTrees | null | undefined;

  /** @throws TwinergyError `TREES_BAD_OPTION` */
  constructor(options: GradientBoostingOptions = {}) {
    this.options = resolveBoosting(options);
  }

  /**
   * Learns to answer `target` from the rows of `matrix`; missing values are NaN.
   * @throws TwinergyError `MODEL_NO_DATA`, `MODEL_WRONG_LENGTH`, `MODEL_BAD_TARGET`, `MODEL_BAD_WEIGHT`,
   *   `TREES_BAD_CATEGORY`, `ABORTED`
   */
  fit(matrix: Matrix, target: ArrayLike<number>, options: Omit<BoostingFitOptions, 'worker'> = {}): this {
    return this.#take(runSync(boost(this.options, matrix, target, options), options));
  }

  /** The same without blocking; with `worker`, on another thread. */
  async fitAsync(matrix: Matrix, target: ArrayLike<number>, options: BoostingFitOptions = {}): Promise<this> {
    const { worker, ...rest } = options;
    if (worker === undefined) return this.#take(await runAsync(boost(this.options, matrix, target, rest), rest));
    const { signal, onProgress, ...fit } = rest;
    const input = { options: this.options, matrix: plainMatrix(matrix), target, fit };
    const work = { signal, onProgress };
    const saved = await requestWork<TreeFits, 'gradient-boosting'>(worker, 'gradient-boosting', input, work);
    return this.#take(restore(unseal<SavedBoosting>('gradient-boosting', 1, saved)));
  }

  /** The same as a part of longer work: yields its progress. */
  *fitting(
    matrix: Matrix,
    target: ArrayLike<number>,
    options: Omit<BoostingFitOptions, 'worker' | 'signal' | 'onProgress'> = {},
  ): Work<this> {
    return this.#take(yield* boost(this.options, matrix, target, options));
  }

  /** An answer for each row. @throws NotFittedError, TwinergyError `MODEL_WRONG_WIDTH` */
  predict(matrix: Matrix, out = new Float64Array(matrix.rows)): Float64Array {
    const { trees, columns, start } = this.#get();
    checkWidth(matrix, columns);
    out.fill(start);
    if (this.#complete === undefined && matrix.rows >= MANY_ROWS)
      this.#complete = CompleteTrees.of(trees, columns) ?? null;
    if (!this.#complete?.addTo(matrix, out)) addPredictions(trees, matrix, out);
    for (let i = 0; i < out.length; i++) out[i] = this.#link(out[i] as number);
    return out;
  }

  /** The answer for the row at `offset` of `data`. */
  predictRow(data: Float64Array, offset = 0): number {
    const { trees, start } = this.#get();
    return this.#link(sumLeaves(trees, data, offset, start));
  }

  /**
   * With the losses `cox` and `weibull`: the probability that the event of the row at `offset` comes after `time`.
   * @throws TwinergyError `TREES_NO_SURVIVAL` for other losses
   */
  predictSurvival(data: Float64Array, time: number, offset = 0): number {
    return this.survivalOf(data, offset)(time);
  }

  /** The same as a function of the time, for many times of one row. */
  survivalOf(data: Float64Array, offset = 0): (time: number) => number {
    const { trees, start, shape, baseline } = this.#get();
    const raw = sumLeaves(trees, data, offset, start);
    if (shape !== undefined) return (time) => (time > 0 ? Math.exp(-Math.exp(shape * (Math.log(time) - raw))) : 1);
    if (baseline === undefined) {
      throw new TwinergyError('TREES_NO_SURVIVAL', `The loss ${this.options.loss} knows no survival.`, {
        hint: 'Fit with the loss cox or weibull.',
      });
    }
    return (time) => {
      let low = 0;
      let high = baseline.times.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((baseline.times[middle] as number) <= time) low = middle + 1;
        else high = middle;
      }
      return low === 0 ? 1 : Math.exp(-(baseline.hazard[low - 1] as number) * Math.exp(raw));
    };
  }

  /** What each column contributes to a row's answer (on the scale before any logistic or exponential), by TreeSHAP. */
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
    const { trees, columns, start, shape, baseline } = this.#get();
    return seal('gradient-boosting', 1, {
      options: this.options,
      columns,
      start,
      ...(shape === undefined ? {} : { shape }),
      ...(baseline === undefined
        ? {}
        : { baseline: { times: packBytes(baseline.times), hazard: packBytes(baseline.hazard) } }),
      trees: saveTrees(trees),
    });
  }

  /** @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT` */
  static fromJSON(saved: SealedModel<SavedBoosting>): GradientBoosting {
    const state = unseal('gradient-boosting', 1, saved);
    return new GradientBoosting(state.options).#take(restore(state));
  }

  #link(raw: number): number {
    const { loss } = this.options;
    if (loss === 'logistic') return sigmoid(raw);
    if (loss === 'cox') return Math.exp(raw);
    if (loss === 'weibull') return Math.exp(raw) * Math.LN2 ** (1 / (this.#fitted?.shape ?? 1));
    return raw;
  }

  #take(fitted: BoostedTrees): this {
    this.#fitted = fitted;
    this.#complete = undefined;
    return this;
  }

  #get(): BoostedTrees {
    if (this.#fitted === undefined) throw new NotFittedError('GradientBoosting');
    return this.#fitted;
  }
}

function restore({ trees, columns, start, shape, baseline }: SavedBoosting): BoostedTrees {
  return {
    trees: loadTrees(trees),
    columns,
    start,
    shape,
    baseline: baseline && {
      times: new Float64Array(unpackBytes(baseline.times)),
      hazard: new Float64Array(unpackBytes(baseline.hazard)),
    },
  };
}
