export { type AutoencoderOptions, type AutoencoderState, autoencoder } from './autoencoder.js';
export type { NeuralOptions } from './engine.js';
export { type LstmOptions, lstm } from './lstm.js';
export { type LstmLayer, LstmNetwork, type LstmWeights } from './lstm-network.js';
export type { BackendName, BackendOptions } from './tensorflow.js';
export type { EpochReport, TrainingOptions } from './trainer.js';
export { type TransformerOptions, transformer } from './transformer.js';
export { TransformerNetwork, type TransformerSizes } from './transformer-network.js';
