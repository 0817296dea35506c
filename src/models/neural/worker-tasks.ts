import type { EngineSpec } from '../forecasters/engine.js';
import type { Series } from '../forecasters/series.js';
import type { NeuralOptions, SavedNetwork } from './engine.js';
import type { LstmOptions } from './lstm.js';
import type { BackendName } from './tensorflow.js';
import type { EpochReport } from './trainer.js';
import type { TransformerOptions } from './transformer.js';

/** A training as plain data. */
interface TrainingInput<Options> {
  readonly options: Omit<Options, keyof Pick<NeuralOptions, 'worker' | 'onEpoch' | 'onBackend'>>;
  readonly pool: readonly Series[];
  readonly spec: EngineSpec;
}

/** What `serveNeuralFits` serves. */
export type NeuralFits = {
  lstm: { readonly input: TrainingInput<LstmOptions>; readonly output: SavedNetwork };
  transformer: { readonly input: TrainingInput<TransformerOptions>; readonly output: SavedNetwork };
};

/** What a training tells on its way. */
export type TrainingNote =
  | { readonly kind: 'epoch'; readonly report: EpochReport }
  | {
      readonly kind: 'backend';
      readonly backend: BackendName;
      readonly stepMs: Readonly<Partial<Record<BackendName, number>>>;
    };
