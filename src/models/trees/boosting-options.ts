import { TwinergyError } from '../../core/errors.js';
import type { WorkOptions } from '../../core/work.js';
import type { WorkerPort } from '../../core/worker-port.js';
import type { Matrix } from '../matrix.js';
import { MAX_BINS } from './binning.js';
import { checkLoss, type LossName } from './losses.js';

/** Options of `GradientBoosting`. */
export interface GradientBoostingOptions {
  /**
   * What is minimised. Default `squared`. `logistic` takes targets 0…1 and predicts probabilities; `cox` and `weibull` take
   * times, with `events` in the options of the fit, and predict relative hazard and median time.
   */
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
  /** Columns whose values are categories: whole numbers 0…254. A category that training did not meet goes right. */
  readonly categorical?: readonly number[];
  /** Stops when the validation loss has not fallen for that many trees, and keeps the best. Default: no stopping. */
  readonly earlyStopping?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Options of a fit of `GradientBoosting`. */
export interface BoostingFitOptions extends WorkOptions {
  /** One weight a row, 0 or more. */
  readonly weights?: ArrayLike<number>;
  /** For the losses `cox` and `weibull`, one a row: 1, the event was at that time; 0, not until then. Default all 1. */
  readonly events?: ArrayLike<number>;
  /** Numbers of groups, one a row: without `validation`, early stopping holds whole groups back. */
  readonly groups?: ArrayLike<number>;
  /** Rows that early stopping looks at. Without, a tenth of the training rows is held back for it. */
  readonly validation?: {
    readonly matrix: Matrix;
    readonly target: ArrayLike<number>;
    readonly weights?: ArrayLike<number>;
    readonly events?: ArrayLike<number>;
  };
  /** `fitAsync` only: where to fit, see `serveTreeFits`. */
  readonly worker?: WorkerPort;
}

/** The options with their defaults. */
export type ResolvedBoosting = Required<Omit<GradientBoostingOptions, 'monotone' | 'earlyStopping' | 'categorical'>> &
  Pick<GradientBoostingOptions, 'monotone' | 'earlyStopping' | 'categorical'>;

/** Fills in defaults. @throws TwinergyError `TREES_BAD_OPTION` */
export function resolveBoosting(options: GradientBoostingOptions): ResolvedBoosting {
  const resolved: ResolvedBoosting = {
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
  checkLimits(resolved, {
    trees: [1, 1e6],
    learningRate: [1e-9, 10],
    maxLeaves: [2, 65_536],
    maxDepth: [1, 1000],
    minLeaf: [1, 1e9],
    minHessian: [0, 1e300],
    minGain: [0, 1e300],
    lambda: [0, 1e300],
    alpha: [0, 1e300],
    maxBins: [2, MAX_BINS],
    rowSample: [1e-6, 1],
    columnSample: [1e-6, 1],
    delta: [1e-300, 1e300],
  });
  checkLoss(resolved);
  if (resolved.earlyStopping !== undefined && !(resolved.earlyStopping >= 1))
    throw badOption('earlyStopping', resolved.earlyStopping, 'must be at least 1');
  for (const column of resolved.categorical ?? [])
    if ((resolved.monotone?.[column] ?? 0) !== 0) throw badOption('monotone', column, 'cannot hold for a category');
  return resolved;
}

function badOption(path: string, value: unknown, wish: string): TwinergyError {
  return new TwinergyError('TREES_BAD_OPTION', `${path} ${wish}, got ${String(value)}.`, { path, value });
}

/** Refuses numbers out of range. @throws TwinergyError `TREES_BAD_OPTION` */
export function checkLimits(
  options: Readonly<Record<string, unknown>> | object,
  limits: Readonly<Record<string, readonly [low: number, high: number]>>,
): void {
  const values = new Map<string, unknown>(Object.entries(options));
  for (const [name, [low, high]] of Object.entries(limits)) {
    const value = values.get(name);
    if (typeof value !== 'number' || !(value >= low && value <= high))
      throw badOption(name, value, `must lie in ${low}…${high}`);
  }
}
