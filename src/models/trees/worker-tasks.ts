import type { Matrix } from '../matrix.js';
import type { BoostingFitOptions, GradientBoostingOptions } from './boosting-options.js';
import type { GradientBoosting } from './gradient-boosting.js';
import type { IsolationForest, IsolationForestOptions } from './isolation-forest.js';
import type { ForestFitOptions, RandomForest, RandomForestOptions } from './random-forest.js';

/** A fit as plain data. */
interface FitInput<Options, Fit> {
  readonly options: Options;
  readonly matrix: Matrix;
  readonly target: ArrayLike<number>;
  readonly fit: Omit<Fit, 'worker' | 'signal' | 'onProgress'>;
}

/** What `serveTreeFits` serves. */
export type TreeFits = {
  'gradient-boosting': {
    readonly input: FitInput<GradientBoostingOptions, BoostingFitOptions>;
    readonly output: ReturnType<GradientBoosting['toJSON']>;
  };
  'random-forest': {
    readonly input: FitInput<RandomForestOptions, ForestFitOptions>;
    readonly output: ReturnType<RandomForest['toJSON']>;
  };
  'isolation-forest': {
    readonly input: Pick<FitInput<IsolationForestOptions, object>, 'options' | 'matrix'>;
    readonly output: ReturnType<IsolationForest['toJSON']>;
  };
};

/** The matrix alone, without what an object of the user's own may carry beside it. */
export function plainMatrix({ data, rows, columns }: Matrix): Matrix {
  return { data, rows, columns };
}
