import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { IsolationForest, type IsolationForestOptions } from '../trees/isolation-forest.js';
import type { DetectorEngine, EngineKind } from './engine.js';

/** A stored isolation forest. */
type ForestState = ReturnType<IsolationForest['toJSON']>;

/** The isolation forest of the tree core as an engine; contributions by TreeSHAP. */
class ForestEngine implements DetectorEngine {
  readonly #forest: IsolationForest;

  constructor(forest: IsolationForest) {
    this.#forest = forest;
  }

  *fitWork(rows: Matrix): Work<void> {
    yield { phase: 'growing the forest', done: 0, total: 1 };
    this.#forest.fit(rows);
  }

  scoreInto(rows: Matrix, out: Float64Array<ArrayBuffer>): void {
    this.#forest.score(rows, out);
  }

  step(row: Float64Array): number {
    return this.#forest.scoreRow(row);
  }

  contributionsInto(row: Float64Array, out: Float64Array): void {
    const { contributions } = this.#forest.explain(row);
    for (let j = 0; j < out.length; j++) out[j] = Math.max(0, contributions[j] as number);
  }

  toJSON(): ForestState {
    return this.#forest.toJSON();
  }

  static restore(state: ForestState): ForestEngine {
    return new ForestEngine(IsolationForest.fromJSON(state));
  }
}

/** Isolation forest: the default for tables. */
export const isolationForest: EngineKind<Omit<IsolationForestOptions, 'seed'>> = {
  name: 'isolation-forest',
  tags: { missing: true, sequential: false, online: false },
  create: (options, random: Random) => new ForestEngine(new IsolationForest({ ...options, seed: random.uint32() })),
  restore: (state: ForestState) => ForestEngine.restore(state),
};
