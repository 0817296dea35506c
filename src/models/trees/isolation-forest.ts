import { NotFittedError, TwinergyError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { type SealedModel, seal, unseal } from '../serial.js';
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
import { type Explanation, explainTrees } from './shap.js';

/** Options of `IsolationForest`. */
export interface IsolationForestOptions {
  /** Number of trees. Default 200. */
  readonly trees?: number;
  /** Rows that each tree sees. Default 256. */
  readonly sampleSize?: number;
  /** Default 0. */
  readonly seed?: number;
}

interface Fitted {
  readonly trees: TreeArrays;
  readonly columns: number;
  /** Expected path length in a tree of the sub-sample's size, times the number of trees. */
  readonly normal: number;
}

interface SavedForest {
  readonly options: Required<IsolationForestOptions>;
  readonly columns: number;
  readonly normal: number;
  readonly trees: SavedTrees;
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

  /** @throws TwinergyError `TREES_BAD_OPTION` */
  constructor({ trees = 200, sampleSize = 256, seed = 0 }: IsolationForestOptions = {}) {
    for (const [name, value] of Object.entries({ trees, sampleSize })) {
      if (!Number.isInteger(value) || value < 1)
        throw new TwinergyError('TREES_BAD_OPTION', `${name} must be a whole number of at least 1, got ${value}.`, {
          path: name,
          value,
        });
    }
    this.options = { trees, sampleSize, seed };
  }

  /** @throws TwinergyError `MODEL_NO_DATA`, `MODEL_WRONG_LENGTH`, `ABORTED` */
  fit(matrix: Matrix, options: WorkOptions = {}): this {
    this.#fitted = runSync(this.#grow(matrix), options);
    return this;
  }

  /** The same without blocking. */
  async fitAsync(matrix: Matrix, options: WorkOptions = {}): Promise<this> {
    this.#fitted = await runAsync(this.#grow(matrix), options);
    return this;
  }

  /** The same as a part of longer work: yields its progress. */
  *fitting(matrix: Matrix): Work<this> {
    this.#fitted = yield* this.#grow(matrix);
    return this;
  }

  /** A score for each row, 0…1. @throws NotFittedError, TwinergyError `MODEL_WRONG_WIDTH` */
  score(matrix: Matrix, out = new Float64Array(matrix.rows)): Float64Array {
    const { trees, columns, normal } = this.#get();
    checkWidth(matrix, columns);
    out.fill(0);
    addPredictions(trees, matrix, out);
    for (let row = 0; row < matrix.rows; row++) out[row] = 2 ** (-(out[row] as number) / normal);
    return out;
  }

  /** The score of the row at `offset` of `data`. */
  scoreRow(data: Float64Array, offset = 0): number {
    const { trees, normal } = this.#get();
    return 2 ** (-sumLeaves(trees, data, offset) / normal);
  }

  /**
   * What each column contributes to a row's shortness of path, by TreeSHAP: positive makes the row more unusual. In units
   * of mean path length over the normal one, so that `base + Σ contributions` is log2 of the score.
   */
  explain(data: Float64Array, offset = 0): Explanation {
    const { trees, columns, normal } = this.#get();
    const { base, contributions } = explainTrees(trees, data, offset, columns);
    return { base: -base / normal, contributions: contributions.map((value) => -value / normal) };
  }

  toJSON(): SealedModel<SavedForest> {
    const { trees, columns, normal } = this.#get();
    return seal('isolation-forest', 1, { options: this.options, columns, normal, trees: saveTrees(trees) });
  }

  /** @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT` */
  static fromJSON(saved: SealedModel<SavedForest>): IsolationForest {
    const { options, columns, normal, trees } = unseal('isolation-forest', 1, saved);
    const forest = new IsolationForest(options);
    forest.#fitted = { trees: loadTrees(trees), columns, normal };
    return forest;
  }

  #get(): Fitted {
    if (this.#fitted === undefined) throw new NotFittedError('IsolationForest');
    return this.#fitted;
  }

  *#grow(matrix: Matrix): Work<Fitted> {
    checkTraining(matrix);
    const { trees: count, sampleSize, seed } = this.options;
    const size = Math.min(sampleSize, matrix.rows);
    const random = new Random(seed);
    const builder = new TreeBuilder();
    const all = Uint32Array.from({ length: matrix.rows }, (_, i) => i);
    const maxDepth = Math.ceil(Math.log2(Math.max(2, size)));
    const leafDepth = Float64Array.from({ length: size + 1 }, (_, n) => averagePathLength(n));
    const grower = new IsolationTreeGrower(matrix, random, builder, maxDepth, leafDepth);
    for (let t = 0; t < count; t++) {
      for (let i = 0; i < size; i++) {
        const j = i + random.int(matrix.rows - i);
        const held = all[i] as number;
        all[i] = all[j] as number;
        all[j] = held;
      }
      builder.beginTree();
      grower.grow(all, 0, size, 0);
      if (t % 16 === 15) yield { phase: 'growing trees', done: t + 1, total: count };
    }
    return {
      trees: builder.finish(),
      columns: matrix.columns,
      normal: Math.max(averagePathLength(size), Number.MIN_VALUE) * count,
    };
  }
}

class IsolationTreeGrower {
  readonly #data: Float64Array;
  readonly #columns: number;
  readonly #random: Random;
  readonly #builder: TreeBuilder;
  readonly #maxDepth: number;
  readonly #leafDepth: Float64Array;
  readonly #candidates: Int32Array;

  constructor(matrix: Matrix, random: Random, builder: TreeBuilder, maxDepth: number, leafDepth: Float64Array) {
    this.#data = matrix.data;
    this.#columns = matrix.columns;
    this.#random = random;
    this.#builder = builder;
    this.#maxDepth = maxDepth;
    this.#leafDepth = leafDepth;
    this.#candidates = Int32Array.from({ length: matrix.columns }, (_, i) => i);
  }

  /** Grows the node of `rows[start…end)`; the rows are put in order in place. */
  grow(rows: Uint32Array, start: number, end: number, depth: number): void {
    const count = end - start;
    const builder = this.#builder;
    if (count > 1 && depth < this.#maxDepth) {
      const data = this.#data;
      const columns = this.#columns;
      const candidates = this.#candidates;
      // Columns are tried in random order until one can be split: a constant one cannot.
      for (let left = columns; left > 0; left--) {
        const pick = this.#random.int(left);
        const column = candidates[pick] as number;
        candidates[pick] = candidates[left - 1] as number;
        candidates[left - 1] = column;
        let low = Number.POSITIVE_INFINITY;
        let high = Number.NEGATIVE_INFINITY;
        for (let i = start; i < end; i++) {
          const value = data[(rows[i] as number) * columns + column] as number;
          if (value < low) low = value;
          if (value > high) high = value;
        }
        if (!(high > low)) continue;
        let threshold = finiteBetween(low, high, this.#random.next());
        if (threshold >= high) threshold = low;
        let middle = start;
        let missing = end;
        // Three-way: left, right, missing at the end.
        for (let i = start; i < missing; ) {
          const row = rows[i] as number;
          const value = data[row * columns + column] as number;
          if (value <= threshold) {
            rows[i] = rows[middle] as number;
            rows[middle++] = row;
            i++;
          } else if (!Number.isNaN(value)) i++;
          else {
            missing--;
            rows[i] = rows[missing] as number;
            rows[missing] = row;
          }
        }
        const missingLeft = middle - start >= missing - middle;
        if (missingLeft && missing < end) {
          // Missing rows go with the left ones: they change places with the first of the right ones.
          for (let i = missing; i < end; i++) {
            const row = rows[i] as number;
            rows[i] = rows[middle] as number;
            rows[middle++] = row;
          }
        }
        const node = builder.split(column, threshold, missingLeft, count);
        this.grow(rows, start, middle, depth + 1);
        builder.setRight(node, builder.size);
        this.grow(rows, middle, end, depth + 1);
        return;
      }
    }
    builder.leaf(depth + (this.#leafDepth[count] as number), count);
  }
}

/** A point between two values of which one or both may be infinite. */
function finiteBetween(low: number, high: number, fraction: number): number {
  const a = Math.max(low, -Number.MAX_VALUE);
  const b = Math.min(high, Number.MAX_VALUE);
  return a * (1 - fraction) + b * fraction;
}
