import { quote, TwinergyError } from '../../core/errors.js';
import type { IsolationForestOptions } from '../trees/isolation-forest.js';
import { type AutoOptions, auto } from './auto.js';
import { type CusumOptions, cusum, type EwmaOptions, ewma } from './control-charts.js';
import { type EcodOptions, ecod } from './ecod.js';
import type { EngineKind } from './engine.js';
import { type ExtendedIsolationForestOptions, extendedIsolationForest } from './extended-isolation-forest.js';
import { type GaussianMixtureOptions, gaussianMixture } from './gaussian-mixture.js';
import { type HalfSpaceTreesOptions, halfSpaceTrees } from './half-space-trees.js';
import { isolationForest } from './isolation-forest.js';
import { type MsetOptions, mset } from './mset.js';
import { knn, lof, type NeighboursOptions } from './neighbours.js';
import { type PcaOptions, pca } from './pca.js';
import { type SampledDistanceOptions, sampledDistance } from './sampled-distance.js';
import { type SpectralResidualOptions, spectralResidual } from './spectral-residual.js';
import { type StreamOptions, stream } from './stream.js';
import { type SubsequencesOptions, subsequences } from './subsequences.js';

/** The options of each built-in engine, by its name. */
export interface DetectorEngineOptions {
  readonly 'isolation-forest': Omit<IsolationForestOptions, 'seed'>;
  readonly 'extended-isolation-forest': ExtendedIsolationForestOptions;
  readonly auto: AutoOptions;
  readonly ecod: EcodOptions;
  readonly knn: NeighboursOptions;
  readonly lof: NeighboursOptions;
  readonly 'sampled-distance': SampledDistanceOptions;
  readonly 'gaussian-mixture': GaussianMixtureOptions;
  readonly pca: PcaOptions;
  readonly mset: MsetOptions;
  readonly 'half-space-trees': HalfSpaceTreesOptions;
  readonly ewma: EwmaOptions;
  readonly cusum: CusumOptions;
  readonly 'spectral-residual': SpectralResidualOptions;
  readonly 'matrix-profile': SubsequencesOptions;
  readonly stream: StreamOptions;
}

/** The name of a built-in engine. */
export type DetectorEngineName = keyof DetectorEngineOptions;

const kinds: { readonly [Name in DetectorEngineName]: EngineKind<DetectorEngineOptions[Name]> } = {
  'isolation-forest': isolationForest,
  'extended-isolation-forest': extendedIsolationForest,
  auto,
  ecod,
  knn,
  lof,
  'sampled-distance': sampledDistance,
  'gaussian-mixture': gaussianMixture,
  pca,
  mset,
  'half-space-trees': halfSpaceTrees,
  ewma,
  cusum,
  'spectral-residual': spectralResidual,
  'matrix-profile': subsequences,
  stream,
};

/** Names of the built-in engines. */
export const detectorEngineNames = Object.keys(kinds) as readonly DetectorEngineName[];

/**
 * The built-in engine of that name.
 * @throws TwinergyError `DETECTOR_UNKNOWN_ENGINE`
 */
export function engineKind(name: DetectorEngineName): EngineKind<object> {
  const kind: EngineKind<object> | undefined = kinds[name];
  if (kind === undefined) {
    throw new TwinergyError('DETECTOR_UNKNOWN_ENGINE', `There is no engine ${quote(name)}.`, {
      value: name,
      hint: `Engines are: ${detectorEngineNames.join(', ')}; or pass an object with fit() and score().`,
    });
  }
  return kind;
}
