import { TwinergyError } from '../../core/errors.js';
import type { FittedLifeEngine, LifeEngine } from './engine.js';

/** An engine of `twinergy/models/neural` by its name: loaded when it is fitted, so that others do not pay for it. */
export function deferredNeuralLife(name: 'lstm' | 'tcn'): LifeEngine {
  return {
    name,
    costly: true,
    fit() {
      throw new TwinergyError('RUL_NEEDS_ASYNC', `The engine "${name}" cannot be fitted in one go.`, {
        hint: 'Use: await predictor.fitAsync(histories).',
      });
    },
    async fitAsync(lives, spec, work): Promise<FittedLifeEngine> {
      const { neuralLife } = await import('../neural/life.js');
      return neuralLife(name).fitAsync(lives, spec, work);
    },
  };
}
