import { MissingPeerError, TwinergyError } from '../../core/errors.js';
import { runAsync } from '../../core/work.js';
import { type FittedEngine, type ForecastEngine, fitEngine } from './engine.js';
import { randomForest } from './tree-engines.js';

/** Names whose replacement has been told: once is enough. */
const told = new Set<string>();

interface Replaced {
  readonly replacedBy: 'random-forest';
  readonly state: unknown;
}

/** The forest under the network's name: what it saves says what it is, after it was fitted again too. */
function standIn(fitted: FittedEngine): FittedEngine {
  const { refit } = fitted;
  return {
    ...fitted,
    ...(refit && {
      *refit(pool) {
        return standIn(yield* refit(pool));
      },
    }),
    toJSON: (): Replaced => ({ replacedBy: 'random-forest', state: fitted.toJSON() }),
  };
}

/**
 * An engine of `twinergy/models/neural`, loaded when it is fitted, so that others do not pay for it. Without TensorFlow.js the
 * random forest takes its place, as in the original design, and `onNotice` is told so once.
 */
export function deferredNeural(name: 'lstm' | 'transformer', onNotice: (text: string) => void): ForecastEngine {
  return {
    name,
    minimumHistory: ({ season, horizon }) => 7 * season + horizon,
    fit() {
      throw new TwinergyError('FORECAST_NEEDS_ASYNC', `The engine "${name}" cannot be fitted in one go.`, {
        hint: 'Use: await forecaster.fitAsync(history, options).',
      });
    },
    async fitAsync(pool, spec, options) {
      try {
        const neural = await import('../neural/index.js');
        return await neural[name]().fitAsync(pool, spec, options);
      } catch (error) {
        if (!(error instanceof MissingPeerError)) throw error;
        if (!told.has(name)) onNotice(`${error.message} Until then the random forest stands in for "${name}".`);
        told.add(name);
        return standIn(await runAsync(fitEngine(randomForest, pool, spec), options));
      }
    },
    fromJSON(state, spec) {
      const saved = state as Partial<Replaced>;
      if (saved.replacedBy === 'random-forest' && randomForest.fromJSON)
        return randomForest.fromJSON(saved.state, spec);
      throw new TwinergyError('FORECAST_ENGINE_MISSING', `The engine "${name}" must be given to load its weights.`, {
        path: 'engine',
        hint: `Forecaster.fromJSON(saved, { engine: ${name}() }), with ${name} from twinergy/models/neural.`,
      });
    },
  };
}
