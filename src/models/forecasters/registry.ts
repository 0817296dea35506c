import { quote, TwinergyError } from '../../core/errors.js';
import { autoEngine } from './auto.js';
import { autoregressive } from './autoregressive.js';
import { climatology, persistence, seasonalNaive } from './baselines.js';
import { clearSkyPersistence, smartPersistence } from './clear-sky.js';
import type { ForecastEngine } from './engine.js';
import { exponentialSmoothing } from './exponential-smoothing.js';
import { featureLinear } from './feature-linear.js';
import { linear, periodicLinear } from './linear.js';
import { mlRandomForest } from './ml-random-forest.js';
import { deferredNeural } from './neural.js';
import { gradientBoosting, gradientBoostingRecursive, randomForest } from './tree-engines.js';

const engines = {
  persistence,
  'seasonal-naive': seasonalNaive,
  'clear-sky-persistence': clearSkyPersistence,
  'smart-persistence': smartPersistence,
  climatology,
  linear,
  'periodic-linear': periodicLinear,
  'feature-linear': featureLinear,
  ets: exponentialSmoothing,
  ar: autoregressive,
  'random-forest': randomForest,
  'gradient-boosting': gradientBoosting,
  'gradient-boosting-recursive': gradientBoostingRecursive,
} as const satisfies Record<string, ForecastEngine>;

/** What `auto` tries, cheap ones first: the recursive engine is left out, since its direct sister is never far worse. */
const candidates: readonly ForecastEngine[] = Object.values(engines).filter(
  (engine) => engine !== gradientBoostingRecursive,
);

/** Engines that wait for a package when they are fitted. */
const deferred = ['lstm', 'transformer', 'ml-random-forest'] as const;

/** Methods that `Forecaster` has by name. */
export type EngineName = keyof typeof engines | (typeof deferred)[number] | 'auto';

/** Names of the built-in engines. */
export const engineNames: readonly EngineName[] = [
  ...(Object.keys(engines) as (keyof typeof engines)[]),
  ...deferred,
  'auto',
];

/** The engine of that name. */
export function engineByName(
  name: EngineName,
  { timeBudget, onNotice }: { readonly timeBudget: number; readonly onNotice: (text: string) => void },
): ForecastEngine {
  if (name === 'auto') return autoEngine(candidates, timeBudget);
  if (name === 'lstm' || name === 'transformer') return deferredNeural(name, onNotice);
  if (name === 'ml-random-forest') return mlRandomForest;
  const engine = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (engine !== undefined) return engine;
  throw new TwinergyError('FORECAST_UNKNOWN_ENGINE', `There is no forecast engine ${quote(name)}.`, {
    path: 'engine',
    value: name,
    hint: `Engines are: ${engineNames.join(', ')}.`,
  });
}
