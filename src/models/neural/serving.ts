import * as z from 'zod/mini';
import { quote, TwinergyError } from '../../core/errors.js';
import type { FittedEngine, ForecastEngine } from '../forecasters/engine.js';
import { lookBack } from '../forecasters/moments.js';
import type { Series } from '../forecasters/series.js';

/** Options of `tensorFlowServing`. */
export interface ServingOptions {
  /** Where the server is, for instance `http://localhost:8501`. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
  /** Its version. Default: the newest. */
  readonly version?: number;
  /** Steps of the window that the model takes. */
  readonly window: number;
  /** What is sent for a forecast. Default: the window of the target as `window × 1` numbers in its own unit. */
  readonly encode?: (series: Series, origin: number) => unknown;
  /** What comes back, as values of the target. Default: the numbers themselves. */
  readonly decode?: (prediction: readonly number[], series: Series, origin: number) => ArrayLike<number>;
  /** Default: the runtime's own `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Pick<Response, 'ok' | 'status' | 'json' | 'text'>>;
}

const answerSchema = z.object({
  predictions: z.array(
    z.union([
      z.array(z.number()),
      z.pipe(
        z.array(z.array(z.number()).check(z.length(1))),
        z.transform((rows: number[][]) => rows.flat()),
      ),
    ]),
  ),
});

/**
 * A model behind TensorFlow Serving's REST API as an engine: `fitAsync` asks it for the held-out part, to calibrate the
 * intervals, and `predictAsync` for the forecast.
 */
export function tensorFlowServing(options: ServingOptions): ForecastEngine {
  const { url, model, version, window, fetch = globalThis.fetch } = options;
  const address = `${url.replace(/\/$/, '')}/v1/models/${encodeURIComponent(model)}${version === undefined ? '' : `/versions/${version}`}:predict`;
  const encode =
    options.encode ??
    ((series: Series, origin: number) =>
      Array.from(lookBack(series, origin, window, new Float64Array(window)), (value) => [value]));
  const decode = options.decode ?? ((prediction: readonly number[]) => prediction);

  const predictAsync: FittedEngine['predictAsync'] = async (series, origin, horizon, { signal } = {}) => {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances: [encode(series, origin)] }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) {
      throw new TwinergyError(
        'SERVING_REFUSED',
        `The model server answered ${response.status}: ${quote(await response.text())}.`,
        {
          value: response.status,
        },
      );
    }
    const parsed = answerSchema.safeParse(await response.json());
    const prediction = parsed.success ? parsed.data.predictions[0] : undefined;
    const values = prediction === undefined ? undefined : Float64Array.from(decode(prediction, series, origin));
    if (values === undefined || values.length < horizon || !values.every(Number.isFinite)) {
      throw new TwinergyError('SERVING_BAD_ANSWER', `The model server did not answer with ${horizon} numbers.`, {
        value: prediction,
      });
    }
    return values.slice(0, horizon);
  };
  const fitted: FittedEngine = {
    lookback: window,
    predictInto() {
      throw new TwinergyError('FORECAST_NEEDS_ASYNC', 'A model server is asked with predictAsync().');
    },
    predictAsync,
    toJSON: () => null,
  };
  return {
    name: 'tensorflow-serving',
    minimumHistory: () => window,
    fit: () => fitted,
    fitAsync: async () => fitted,
    fromJSON: () => fitted,
  };
}
