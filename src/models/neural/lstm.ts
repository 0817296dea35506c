import { type NeuralEngine, type NeuralOptions, neuralEngine } from './engine.js';
import { LstmNetwork } from './lstm-network.js';
import { type LstmSizes, lstmWeights, trainableLstm } from './lstm-training.js';
import { featuresOf, standardsOf } from './windows.js';

/** Options of the LSTM engine; all have defaults. */
export interface LstmOptions extends NeuralOptions {
  /** Cells of each layer. Default 50, 50. */
  readonly units?: readonly number[];
  /** Steps of the window. Default 24. */
  readonly window?: number;
}

/** Two layers of 50 LSTM cells over the last 24 steps, with time of day and covariates, as the original design has it. */
export function lstm(options: LstmOptions = {}): NeuralEngine {
  const { units = [50, 50], window = 24 } = options;
  return neuralEngine<LstmSizes>(
    {
      name: 'lstm',
      shape: (pool, { holdout }) => ({
        steps: window,
        covariates: true,
        standards: standardsOf(pool, holdout),
        solar: pool.every(({ clearSky }) => clearSky !== null),
      }),
      sizes: (shape, outputs) => ({ inputs: featuresOf(shape), units, outputs }),
      trainable: (tf, sizes, _pool, { seed }) => trainableLstm(tf, sizes, seed),
      network: (_sizes, steps, weights) => new LstmNetwork(lstmWeights(weights), steps),
    },
    { stepsPerEpoch: 150, ...options },
  );
}
