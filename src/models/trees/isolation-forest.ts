import { NotFittedError, TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../../core/work.js';
import { requestWork, type WorkerPort } from '../../core/worker-port.js';
import type { Matrix } from '../matrix.js';
import { type SealedModel, seal, unseal } from '../serial.js';
import { CompleteTrees } from './complete-trees.js';
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
import { IsolationGrower } from './isolation-grower.js';
import { loadOblique, ObliqueGrower, type ObliqueTrees, type SavedOblique, saveOblique, sumDepths } from './oblique.js';
import { type Explanation, explainTrees } from './shap.js';
import { plainMatrix, type TreeFits } from './worker-tasks.js';

/** Options of `IsolationForest`. */
export interface IsolationForestOptions {
  /** Number of trees. Default 200. */
  readonly trees?: number;
  /** Rows that each tree sees. Default 256. */
  readonly sampleSize?: number;
  /**
   * Columns that a cut goes through beside the first: 0 (default) cuts along one column; more makes the extended isolation
   * forest (Hariri, Carrasco Kind & Brunner 2019), which knows no ghost regions beside clusters but cannot be explained.
   */
  readonly extension?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Options of a fit of `IsolationForest`. */
export interface IsolationFitOptions extends WorkOptions {
  /** `fitAsync` only: where to fit, see `serveTreeFits`. */
  readonly worker?: WorkerPort;
}

/** Fewer rows are scored before the trees would have been filled up. */
const MANY_ROWS = 256;

interface Fitted {
  readonly trees: TreeArrays;
  readonly oblique: ObliqueTrees | undefined;
  readonly columns: number;
  /** Expected path length in a tree of the sub-sample's size, times the number of trees. */
  readonly normal: number;
}

interface SavedForest {
  readonly options: Required<IsolationForestOptions>;
  readonly columns: number;
  readonly normal: number;
  readonly trees: SavedTrees;
  readonly oblique?: SavedOblique;
}

/**
 * The mean depth of an unsuccessful search in a binary search tree of `n` keys: c(n) = 2 H(n − 1) − 2 (n − 1) / n, with
 * the exact harmonic number.
 */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  let harmonic = 0;
  for (let i = 1; i < n; i++) harmonic += 1 / i;
  return 2 * harmonic - (2 * (n - 1)) / n;
}

/**
 * Isolation forest (Liu, Ting & Zhou 2008): random splits isolate the unusual early. Each tree sees a sub-sample, and a
 * leaf of several rows counts the depth that they would still need. Scores lie in 0…1, greater is more unusual; .5 is
 * the average. A missing value follows the larger half of a node's rows.
 */
export class IsolationForest {
  readonly options: Required<IsolationForestOptions>;
  #fitted: Fitted | undefined;
  #complete: CompleteTrees | null | undefined;
  /** Lone rows scored so far. */
  #asked = 0;

  /** @throws TwinergyError `TREES_BAD_OPTION` */
  constructor({ trees = 200, sampleSize = 256, extension = 0, seed = 0 }: IsolationForestOptions = {}) {
    for (const [name, value, least] of [
      ['trees', trees, 1],
      ['sampleSize', sampleSize, 1],
      ['extension', extension, 0],
    ] as const) {
      if (!Number.isInteger(value) || value < least)
        throw new TwinergyError(
          'TREES_BAD_OPTION',
          `${name} must be a whole number of at least ${least}, got ${value}.`,
          {
            path: name,
            value,
          },
        );
    }
    this.options = { trees, sampleSize, extension, seed };
  }

  /** @throws TwinergyError `MODEL_NO_DATA`, `MODEL_WRONG_LENGTH`, `ABORTED` */
  fit(matrix: Matrix, options: WorkOptions = {}): this {
    return this.#take(runSync(this.#grow(matrix), options));
  }

  /** The same without blocking; with `worker`, on another thread. */
  async fitAsync(matrix: Matrix, options: IsolationFitOptions = {}): Promise<this> {
    const { worker, ...rest } = options;
    if (worker === undefined) return this.#take(await runAsync(this.#grow(matrix), rest));
    const input = { options: this.options, matrix: plainMatrix(matrix) };
    const saved = await requestWork<TreeFits, 'isolation-forest'>(worker, 'isolation-forest', input, rest);
    return this.#take(restore(unseal('isolation-forest', 1, saved)));
  }

  /** The same as a part of longer work: yields its progress. */
  *fitting(matrix: Matrix): Work<this> {
    return this.#take(yield* this.#grow(matrix));
  }

  /** A score for each row, 0…1. @throws NotFittedError, TwinergyError `MODEL_WRONG_WIDTH` */
  score(matrix: Matrix, out = new Float64Array(matrix.rows)): Float64Array {
    const { columns, normal } = this.#get();
    checkWidth(matrix, columns);
    this.#depths(matrix, out);
    for (let row = 0; row < matrix.rows; row++) out[row] = 2 ** (-(out[row] as number) / normal);
    return out;
  }

  /** The score of the row at `offset` of `data`. */
  scoreRow(data: Float64Array, offset = 0): number {
    const { trees, oblique, columns, normal } = this.#get();
    if (oblique !== undefined) return 2 ** (-sumDepths(oblique, data, offset) / normal);
    // A lone row is not worth filling the trees up; a stream of them is.
    if (this.#complete === undefined && ++this.#asked > MANY_ROWS)
      this.#complete = CompleteTrees.of(trees, columns) ?? null;
    const depths = this.#complete?.sumRow(data, offset) ?? sumLeaves(trees, data, offset);
    return 2 ** (-depths / normal);
  }

  /**
   * What each column contributes to a row's shortness of path, by TreeSHAP: positive makes the row more unusual. In units
   * of mean path length over the normal one, so that `base + Σ contributions` is log2 of the score.
   * @throws TwinergyError `TREES_NO_EXPLANATION` with `extension`: such cuts belong to no single column
   */
  explain(data: Float64Array, offset = 0): Explanation {
    const { trees, oblique, columns, normal } = this.#get();
    if (oblique !== undefined) {
      throw new TwinergyError('TREES_NO_EXPLANATION', 'Cuts through several columns have no Shapley values here.', {
        hint: 'Use an isolation forest with extension 0.',
      });
    }
    const { base, contributions } = explainTrees(trees, data, offset, columns);
    return { base: -base / normal, contributions: contributions.map((value) => -value / normal) };
  }

  toJSON(): SealedModel<SavedForest> {
    const { trees, oblique, columns, normal } = this.#get();
    return seal('isolation-forest', 1, {
      options: this.options,
      columns,
      normal,
      trees: saveTrees(trees),
      ...(oblique === undefined ? {} : { oblique: saveOblique(oblique) }),
    });
  }

  /** @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT` */
  static fromJSON(saved: SealedModel<SavedForest>): IsolationForest {
    const state = unseal('isolation-forest', 1, saved);
    return new IsolationForest(state.options).#take(restore(state));
  }

  #get(): Fitted {
    if (this.#fitted === undefined) throw new NotFittedError('IsolationForest');
    return this.#fitted;
  }

  #depths(matrix: Matrix, out: Float64Array): void {
    const { trees, oblique, columns } = this.#get();
    if (oblique !== undefined) {
      for (let row = 0; row < matrix.rows; row++) out[row] = sumDepths(oblique, matrix.data, row * columns);
      return;
    }
    out.fill(0);
    if (this.#complete === undefined && matrix.rows >= MANY_ROWS)
      this.#complete = CompleteTrees.of(trees, columns) ?? null;
    if (!this.#complete?.addTo(matrix, out)) addPredictions(trees, matrix, out);
  }

  #take(fitted: Fitted): this {
    this.#fitted = fitted;
    this.#complete = undefined;
    return this;
  }

  *#grow(matrix: Matrix): Work<Fitted> {
    checkTraining(matrix);
    const { trees: count, sampleSize, extension, seed } = this.options;
    const size = Math.min(sampleSize, matrix.rows);
    const random = new Random(seed);
    const builder = new TreeBuilder();
    const order = Uint32Array.from({ length: matrix.rows }, (_, i) => i);
    const maxDepth = Math.ceil(Math.log2(Math.max(2, size)));
    const leafDepth = new Float64Array(size + 1);
    for (let n = 2, harmonic = 1; n <= size; n++) {
      leafDepth[n] = 2 * harmonic - (2 * (n - 1)) / n;
      harmonic += 1 / n;
    }
    const oblique = extension > 0 ? new ObliqueGrower(matrix, random, maxDepth, leafDepth, extension + 1) : undefined;
    const grower = new IsolationGrower(matrix.columns, random, builder, maxDepth, leafDepth, size);
    for (let t = 0; t < count; t++) {
      for (let i = 0; i < size; i++) {
        const j = i + random.int(matrix.rows - i);
        const held = order[i] as number;
        order[i] = order[j] as number;
        order[j] = held;
      }
      if (oblique !== undefined) oblique.grow(order, size);
      else grower.grow(matrix.data, order);
      if (t % 16 === 15) yield { phase: 'growing trees', done: t + 1, total: count };
    }
    return {
      trees: builder.finish(),
      oblique: oblique?.finish(),
      columns: matrix.columns,
      normal: Math.max(averagePathLength(size), Number.MIN_VALUE) * count,
    };
  }
}

function restore({ columns, normal, trees, oblique }: SavedForest): Fitted {
  return { trees: loadTrees(trees), oblique: oblique && loadOblique(oblique), columns, normal };
}
