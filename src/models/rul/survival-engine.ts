import { GradientBoosting } from '../trees/index.js';
import { examplesOf, type FittedLifeEngine, type LifeEngine, type LifeEngineSpec } from './engine.js';
import { featureCount, rulFeatures } from './features.js';

/** Sizes of the survival trees; all have defaults. */
export interface SurvivalLifeOptions {
  /** Default 150. */
  readonly trees?: number;
}

/** Parts of the longest life in which the hazard that all share is told. */
const STEPS = 1000;

/**
 * Gradient boosting on the time to failure with censoring: assets that have not failed count with the time for which they
 * have held (`weibull`: accelerated failure time; `cox`: proportional hazards). Each row of a life is a look at it from then
 * on (landmarking, van Houwelingen 2007).
 */
export function survivalEngine(loss: 'weibull' | 'cox', { trees = 150 }: SurvivalLifeOptions = {}): LifeEngine {
  return {
    name: loss,
    *fit(lives, spec) {
      const { matrix, remaining, failed, weight } = examplesOf(lives, spec);
      const { cap } = spec;
      const least = leastTime(remaining);
      const model = yield* new GradientBoosting({
        loss,
        trees,
        learningRate: 0.08,
        maxLeaves: 12,
        minLeaf: Math.min(20, Math.max(2, Math.floor(matrix.rows / 50))),
        rowSample: 0.3,
        columnSample: 0.4,
        lambda: 1,
        seed: spec.seed,
      }).fitting(
        matrix,
        remaining.map((left) => Math.max(least, Math.min(cap, left))),
        {
          weights: weight,
          // Beyond the cap an asset counts as not failed until then.
          events: Float64Array.from(remaining, (left, i) => (failed[i] === 1 && left <= cap ? 1 : 0)),
        },
      );
      let longest = 0;
      for (const left of remaining) longest = Math.max(longest, left);
      return fitted(model, Math.min(cap, 2 * longest), spec);
    },
    fromJSON(state, spec) {
      const { model, longest } = state as { model: ReturnType<GradientBoosting['toJSON']>; longest: number };
      return fitted(GradientBoosting.fromJSON(model), longest, spec);
    },
  };
}

/** Time 0 has no logarithm: a failure at the very last row was half a step later. */
export function leastTime(remaining: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const left of remaining) if (left > 0) least = Math.min(least, left);
  return Number.isFinite(least) ? least / 2 : 1;
}

/** Quantiles of the time to failure of a row: by `weibull` in closed form, by `cox` from the hazard that all share. */
function quantilesOf(model: GradientBoosting, longest: number, columns: number) {
  if (model.options.loss === 'weibull') {
    return (data: Float64Array, offset: number) => {
      const median = model.predictRow(data, offset);
      // Survival at twice the median gives the shape away.
      const shape = Math.log2(-Math.log(model.predictSurvival(data, 2 * median, offset)) / Math.LN2);
      return (p: number) => Math.min(longest, median * (-Math.log(1 - p) / Math.LN2) ** (1 / shape));
    };
  }
  const any = new Float64Array(columns);
  const relative = model.predictRow(any);
  const hazard = Float64Array.from({ length: STEPS + 1 }, (_, i) => {
    return -Math.log(model.predictSurvival(any, (longest * i) / STEPS)) / relative;
  });
  return (data: Float64Array, offset: number) => {
    const own = model.predictRow(data, offset);
    return (p: number) => {
      const wanted = -Math.log(1 - p) / own;
      let low = 0;
      let high = STEPS;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((hazard[middle] as number) < wanted) low = middle + 1;
        else high = middle;
      }
      return (longest * low) / STEPS;
    };
  };
}

function fitted(model: GradientBoosting, longest: number, spec: LifeEngineSpec): FittedLifeEngine {
  const quantiles = quantilesOf(model, longest, featureCount(spec.channels.length, spec));
  return {
    outlook(course, rows) {
      const { data, columns } = rulFeatures(course, rows, spec);
      const center = new Float64Array(rows.length);
      const spread = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) {
        const at = quantiles(data, i * columns);
        center[i] = at(0.5);
        spread[i] = (at(0.84) - at(0.16)) / 2;
      }
      return { center, spread };
    },
    toJSON: () => ({ model: model.toJSON(), longest }),
  };
}
