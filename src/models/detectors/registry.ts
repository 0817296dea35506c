import { quote, TwinergyError } from '../../core/errors.js';
import { type AutoOptions, auto } from './auto.js';
import { type CusumOptions, cusum, type EwmaOptions, ewma } from './control-charts.js';
import { type EcodOptions, ecod } from './ecod.js';
import type { EngineKind } from './engine.js';
import { type GaussianMixtureOptions, gaussianMixture } from './gaussian-mixture.js';
import { type HalfSpaceTreesOptions, halfSpaceTrees } from './half-space-trees.js';
import { type MsetOptions, mset } from './mset.js';
import { knn, lof, type NeighboursOptions } from './neighbours.js';
import { type PcaOptions, pca } from './pca.js';
import { type SampledDistanceOptions, sampledDistance } from './sampled-distance.js';
import { type SpectralResidualOptions, spectralResidual } from './spectral-residual.js';
import { type StreamOptions, stream } from './stream.js';
import { type SubsequencesOptions, subsequences } from './subsequences.js';

/** The options of each built-in engine, by its name. */
export interface EngineOptions {
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
export type EngineName = keyof EngineOptions;

const kinds: { readonly [Name in EngineName]: EngineKind<EngineOptions[Name]> } = {
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
export const engineNames = Object.keys(kinds) as readonly EngineName[];

/**
 * The built-in engine of that name.
 * @throws TwinergyError `DETECTOR_UNKNOWN_ENGINE`
 */
export function engineKind(name: EngineName): EngineKind<object> {
  const kind: EngineKind<object> | undefined = kinds[name];
  if (kind === undefined) {
    throw new TwinergyError('DETECTOR_UNKNOWN_ENGINE', `There is no engine ${quote(name)}.`, {
      value: name,
      hint: `Engines are: ${engineNames.join(', ')}; or pass an object with fit() and score().`,
    });
  }
  return kind;
}
