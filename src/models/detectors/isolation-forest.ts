import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { averagePathLength, IsolationForest, type IsolationForestOptions } from '../trees/isolation-forest.js';
import { type DetectorEngine, type EngineKind, rowOf } from './engine.js';

interface ForestState {
  readonly forest: ReturnType<IsolationForest['toJSON']>;
  readonly low: string;
  readonly high: string;
  readonly unit: number;
}

/**
 * The isolation forest of the tree core as an engine; contributions by TreeSHAP.
 *
 * A forest's cuts lie within the range of its training rows, so that it cannot tell a row beyond the range from one at
 * its edge. Here such a row may at each level also be cut off in the gap between it and the range, with the chance that
 * a cut over the widened range falls there (the insertion rule of robust random cut forests, Guha, Mishra, Roy &
 * Schrijvers 2016). With mean chance q over the columns and a path of h cuts, the expected path is (1 − (1 − q)^h) / q.
 * Rows within the range keep the forest's score.
 */
class ForestEngine implements DetectorEngine {
  readonly #forest: IsolationForest;
  #low: Float64Array<ArrayBufferLike> = new Float64Array(0);
  #high: Float64Array<ArrayBufferLike> = new Float64Array(0);
  /** Path length at which the score is one half. */
  #unit = 1;

  constructor(forest: IsolationForest) {
    this.#forest = forest;
  }

  *fitWork(rows: Matrix): Work<void> {
    yield { phase: 'growing the forest', done: 0, total: 1 };
    this.#forest.fit(rows);
    this.#unit = Math.max(1e-9, averagePathLength(Math.min(this.#forest.options.sampleSize, rows.rows)));
    this.#low = new Float64Array(rows.columns).fill(Number.POSITIVE_INFINITY);
    this.#high = new Float64Array(rows.columns).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < rows.rows; i++) {
      for (let j = 0; j < rows.columns; j++) {
        const x = rows.data[i * rows.columns + j] as number;
        if (x < (this.#low[j] as number)) this.#low[j] = x;
        if (x > (this.#high[j] as number)) this.#high[j] = x;
      }
    }
  }

  scoreInto(rows: Matrix, out: Float64Array<ArrayBuffer>): void {
    this.#forest.score(rows, out);
    for (let i = 0; i < rows.rows; i++) out[i] = this.#shortened(rowOf(rows, i), out[i] as number);
  }

  step(row: Float64Array): number {
    return this.#shortened(row, this.#forest.scoreRow(row));
  }

  /** Chance that a cut through column `j` falls between the range and a value beyond it. */
  #gap(row: Float64Array, j: number): number {
    const x = row[j] as number;
    const low = this.#low[j] as number;
    const high = this.#high[j] as number;
    const gap = x < low ? low - x : x > high ? x - high : 0;
    // A constant column has no range: any gap in it is all there is.
    return gap > 0 && Number.isFinite(gap) ? gap / (high - low + gap) : 0;
  }

  #shortened(row: Float64Array, score: number): number {
    let q = 0;
    for (let j = 0; j < row.length; j++) q += this.#gap(row, j) / row.length;
    if (q === 0) return score;
    const path = -Math.log2(score) * this.#unit;
    return 2 ** (-(1 - (1 - q) ** path) / q / this.#unit);
  }

  contributionsInto(row: Float64Array, out: Float64Array): void {
    const { contributions } = this.#forest.explain(row);
    const score = this.#forest.scoreRow(row);
    const gained = Math.log2(this.#shortened(row, score) / score);
    let gaps = 0;
    for (let j = 0; j < row.length; j++) gaps += this.#gap(row, j);
    for (let j = 0; j < out.length; j++) {
      const beyond = gaps > 0 ? (gained * this.#gap(row, j)) / gaps : 0;
      out[j] = Math.max(0, contributions[j] as number) + beyond;
    }
  }

  toJSON(): ForestState {
    const [low, high] = [packFloats(this.#low), packFloats(this.#high)];
    return { forest: this.#forest.toJSON(), low, high, unit: this.#unit };
  }

  static restore(state: ForestState): ForestEngine {
    const engine = new ForestEngine(IsolationForest.fromJSON(state.forest));
    engine.#low = unpackFloats(state.low);
    engine.#high = unpackFloats(state.high);
    engine.#unit = state.unit;
    return engine;
  }
}

/** Isolation forest: the default for tables. */
export const isolationForest: EngineKind<Omit<IsolationForestOptions, 'seed'>> = {
  name: 'isolation-forest',
  tags: { missing: true, sequential: false, online: false },
  create: (options, random: Random) => new ForestEngine(new IsolationForest({ ...options, seed: random.uint32() })),
  restore: (state: ForestState) => ForestEngine.restore(state),
};
