import { TwinergyError } from '../../core/errors.js';
import type { ForecastEngine } from './engine.js';

/** An engine of `twinergy/models/neural`, loaded when it is fitted, so that others do not pay for it. */
export function deferredNeural(name: 'lstm' | 'transformer'): ForecastEngine {
  return {
    name,
    fit() {
      throw new TwinergyError('FORECAST_NEEDS_ASYNC', `The engine "${name}" cannot be fitted in one go.`, {
        hint: 'Use: await forecaster.fitAsync(history, options).',
      });
    },
    async fitAsync(pool, spec, options) {
      const neural = await import('../neural/index.js');
      const engine = neural[name]();
      return engine.fitAsync ? engine.fitAsync(pool, spec, options) : Promise.reject(new Error(name));
    },
  };
}
