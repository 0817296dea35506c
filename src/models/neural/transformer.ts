import { linearWindowWeights } from '../forecasters/linear.js';
import { type NeuralEngine, type NeuralOptions, neuralEngine } from './engine.js';
import { TransformerNetwork, type TransformerSizes } from './transformer-network.js';
import { trainableTransformer } from './transformer-training.js';

/** Options of the Transformer engine; all have defaults. */
export interface TransformerOptions extends NeuralOptions, Partial<Omit<TransformerSizes, 'steps' | 'outputs'>> {
  /** Steps of the window. Default: 14 days, less where the history is short. */
  readonly window?: number;
  /** Share of the tokens' numbers that is left out of each training step. Default 0.3. */
  readonly dropout?: number;
  /** Penalty on the squares of the weights of the head and of the linear way. Default 1e-4. */
  readonly decay?: number;
}

/** A patch Transformer of one channel (PatchTST class) with a linear way beside it; one set of weights for all series. */
export function transformer(options: TransformerOptions = {}): NeuralEngine {
  const {
    window,
    patch = 16,
    stride = 8,
    width = 16,
    heads = 4,
    hidden = 32,
    layers = 2,
    dropout = 0.3,
    decay = 1e-4,
  } = options;
  return neuralEngine<TransformerSizes>(
    {
      name: 'transformer',
      shape: (pool, { season, holdout }) => ({
        steps: window ?? Math.max(patch, Math.min(14 * season, Math.floor(Math.min(...holdout) / 3))),
        covariates: false,
        standards: [],
        solar: pool.every(({ clearSky }) => clearSky !== null),
      }),
      sizes: ({ steps }, outputs) => ({ steps, patch, stride, width, heads, hidden, layers, outputs }),
      trainable(tf, sizes, pool, spec) {
        const solar = pool.every(({ clearSky }) => clearSky !== null);
        const start = solar ? null : linearWindowWeights(pool, spec, sizes.steps);
        return trainableTransformer(tf, sizes, spec.seed, { dropout, decay, start });
      },
      network: (sizes, _steps, weights) => new TransformerNetwork(sizes, weights),
    },
    { batch: 128, epochs: 30, patience: 5, stepsPerEpoch: 60, learningRate: 2e-4, ...options },
  );
}
