import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { GradientBoosting, type GradientBoostingOptions } from '../trees/index.js';
import type { Course } from './course.js';
import { type Examples, examplesOf, type FittedLifeEngine, type LifeEngine, type LifeEngineSpec } from './engine.js';
import { rulFeatures } from './features.js';

type SavedTrees = ReturnType<GradientBoosting['toJSON']>;

/** Sizes of the gradient boosting; all have defaults. */
export interface BoostingLifeOptions {
  /** Trees of the mean; each quantile has half of them. Default 300. */
  readonly trees?: number;
  /** Leaves of a tree. Default 15. */
  readonly leaves?: number;
}

/** Between the quantiles 0.1 and 0.9 of a normal distribution lie so many standard deviations. */
const NORMAL_80 = 2.563;

/**
 * Gradient boosting on the features of the course: one model for the mean, two for the quantiles 0.1 and 0.9, which tell how
 * sure the answer is. Rows of a life that did not fail count where it is known to have gone on beyond the cap.
 */
export function boostingEngine({ trees = 300, leaves = 15 }: BoostingLifeOptions = {}): LifeEngine {
  return {
    name: 'gradient-boosting',
    *fit(lives, spec) {
      const { matrix, target, weights } = knownRows(examplesOf(lives, spec), spec.cap);
      const options: GradientBoostingOptions = {
        maxLeaves: leaves,
        minLeaf: Math.min(20, Math.max(2, Math.floor(matrix.rows / 50))),
        // Small parts of the rows: neighbours of one life are nearly the same, so that more says no more.
        rowSample: 0.25,
        columnSample: 0.5,
        lambda: 1,
        seed: spec.seed,
      };
      const learn = (more: GradientBoostingOptions): Work<GradientBoosting> =>
        new GradientBoosting({ ...options, ...more }).fitting(matrix, target, { weights });
      const mean = yield* learn({ trees, learningRate: 12 / (trees + 0.5) });
      const quantile = {
        loss: 'quantile',
        trees: Math.ceil(trees / 3),
        learningRate: 0.08,
        columnSample: 0.3,
      } as const;
      const low = yield* learn({ ...quantile, quantile: 0.1, seed: spec.seed + 1 });
      const high = yield* learn({ ...quantile, quantile: 0.9, seed: spec.seed + 2 });
      return fitted(mean, low, high, spec);
    },
    fromJSON(state, spec) {
      const { mean, low, high } = state as { mean: SavedTrees; low: SavedTrees; high: SavedTrees };
      return fitted(
        GradientBoosting.fromJSON(mean),
        GradientBoosting.fromJSON(low),
        GradientBoosting.fromJSON(high),
        spec,
      );
    },
  };
}

function fitted(
  mean: GradientBoosting,
  low: GradientBoosting,
  high: GradientBoosting,
  spec: LifeEngineSpec,
): FittedLifeEngine {
  return {
    outlook(course, rows) {
      const matrix = rulFeatures(course, rows, spec);
      const center = mean.predict(matrix);
      const spread = new Float64Array(rows.length);
      const lower = low.predict(matrix);
      const upper = high.predict(matrix);
      for (let i = 0; i < rows.length; i++) {
        center[i] = Math.max(0, Math.min(spec.cap, center[i] as number));
        spread[i] = Math.max(0, (upper[i] as number) - (lower[i] as number)) / NORMAL_80;
      }
      return { center, spread };
    },
    explain: (course: Course, row: number) => mean.explain(rulFeatures(course, [row], spec).data).contributions,
    toJSON: () => ({ mean: mean.toJSON(), low: low.toJSON(), high: high.toJSON() }),
  };
}

/** The rows whose remaining life is known, or known to be beyond the cap. */
export function knownRows(
  { matrix, remaining, failed, weight }: Examples,
  cap: number,
): { matrix: Matrix; target: Float64Array; weights: Float64Array } {
  const { data, columns } = matrix;
  const rows = Uint32Array.from(remaining, (_, i) => i).filter(
    (row) => failed[row] === 1 || (remaining[row] as number) >= cap,
  );
  const kept = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    kept.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return {
    matrix: { data: kept, rows: rows.length, columns },
    target: Float64Array.from(rows, (row) => Math.min(cap, remaining[row] as number)),
    weights: Float64Array.from(rows, (row) => weight[row] as number),
  };
}
