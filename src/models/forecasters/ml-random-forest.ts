import { MissingPeerError, TwinergyError } from '../../core/errors.js';
import type { ForecastEngine } from './engine.js';
import { collectExamples } from './examples.js';
import { FeatureMap, type FeatureShape, shapeOf } from './features.js';
import type { Series } from './series.js';
import { fittedTrees } from './tree-engines.js';

/** What is called of the package `ml-random-forest`. */
interface MlForest {
  train(rows: number[][], target: number[]): void;
  predict(rows: number[][]): number[];
  toJSON(): object;
}

interface MlForestClass {
  new (options: Readonly<Record<string, number | boolean>>): MlForest;
  load(model: object): MlForest;
}

/** It learns from at most that many examples: its time grows faster than their number. */
const MOST = 1500;

let loaded: MlForestClass | undefined;

/**
 * The random forest of the package `ml-random-forest` (optional peer) on the same inputs as our own, for those who know it;
 * ours is faster and learns from all examples.
 */
export const mlRandomForest: ForecastEngine = {
  name: 'ml-random-forest',
  minimumHistory: ({ season, horizon }) => 4 * season + horizon,
  fit() {
    throw new TwinergyError('FORECAST_NEEDS_ASYNC', 'The engine "ml-random-forest" is loaded first.', {
      hint: 'Use: await forecaster.fitAsync(history, options).',
    });
  },
  async fitAsync(pool, spec) {
    try {
      const peer = (await import('ml-random-forest')) as unknown as { RandomForestRegression: MlForestClass };
      loaded = peer.RandomForestRegression;
    } catch (error) {
      throw new MissingPeerError('ml-random-forest', 'The engine "ml-random-forest"', error);
    }
    const map = new FeatureMap(shapeOf(pool[0] as Series), spec.season);
    const range = (i: number) => [spec.season, spec.holdout[i] as number] as const;
    const { matrix, target } = collectExamples(map, pool, { ...spec, range, most: MOST, drawn: true });
    const rows = Array.from({ length: matrix.rows }, (_, i) => [
      ...matrix.data.subarray(i * matrix.columns, (i + 1) * matrix.columns),
    ]);
    const forest = new loaded({
      nEstimators: 25,
      maxFeatures: 0.5,
      replacement: false,
      seed: spec.seed | 0,
      noOOB: true,
    });
    forest.train(rows, [...target]);
    return fittedTrees({ recursive: false }, map, rowModel(forest), spec, null, null);
  },
  fromJSON(state, spec) {
    if (loaded === undefined) {
      throw new MissingPeerError(
        'ml-random-forest',
        'Loading a saved "ml-random-forest" (fit one first, so that it is there)',
      );
    }
    const { shape, model } = state as { shape: FeatureShape; model: object };
    return fittedTrees(
      { recursive: false },
      new FeatureMap(shape, spec.season),
      rowModel(loaded.load(model)),
      spec,
      null,
      null,
    );
  },
};

function rowModel(forest: MlForest) {
  return {
    predictRow: (row: Float64Array) => forest.predict([[...row]])[0] as number,
    toJSON: () => forest.toJSON(),
  };
}
