import { quote, TwinergyError } from '../../core/errors.js';
import { boostingEngine } from './boosting-engine.js';
import { degradationEngine } from './degradation-engines.js';
import type { LifeEngine } from './engine.js';
import { deferredNeuralLife } from './neural-engine.js';
import { similarityEngine } from './similarity-engine.js';
import { stretchEngine } from './stretch-engine.js';
import { survivalEngine } from './survival-engine.js';

const engines = {
  'gradient-boosting': () => boostingEngine(),
  weibull: () => survivalEngine('weibull'),
  cox: () => survivalEngine('cox'),
  similarity: () => similarityEngine(),
  stretch: () => stretchEngine(),
  wiener: () => degradationEngine('wiener'),
  gamma: () => degradationEngine('gamma'),
  exponential: () => degradationEngine('exponential'),
  lstm: () => deferredNeuralLife('lstm'),
  tcn: () => deferredNeuralLife('tcn'),
} as const satisfies Record<string, () => LifeEngine>;

/** Methods that `RULPredictor` has by name. */
export type LifeEngineName = keyof typeof engines | 'auto';

/** Names of the built-in engines. */
export const lifeEngineNames: readonly LifeEngineName[] = [
  ...(Object.keys(engines) as (keyof typeof engines)[]),
  'auto',
];

/** What `auto` tries, in this order: the networks are left out, which take longer than all others together. */
const candidates = ['gradient-boosting', 'weibull', 'similarity', 'wiener', 'exponential', 'gamma'] as const;

/**
 * The engines behind a name, or the one that was given. Those behind `auto` are many.
 * @throws TwinergyError `RUL_UNKNOWN_ENGINE`
 */
export function lifeEngines(engine: LifeEngineName | LifeEngine): LifeEngine[] {
  if (typeof engine !== 'string') return [engine];
  if (engine === 'auto') return candidates.map((name) => engines[name]());
  if (Object.hasOwn(engines, engine)) return [engines[engine]()];
  throw new TwinergyError('RUL_UNKNOWN_ENGINE', `There is no engine ${quote(engine)} for remaining life.`, {
    path: 'engine',
    value: engine,
    hint: `Engines are: ${lifeEngineNames.join(', ')}.`,
  });
}

/** The engine that a saved model names: a built-in one, or of those given. @throws TwinergyError `RUL_UNKNOWN_ENGINE` */
export function savedEngine(name: string, own: LifeEngine | undefined): LifeEngine {
  if (own?.name === name) return own;
  return lifeEngines(name as LifeEngineName)[0] as LifeEngine;
}
