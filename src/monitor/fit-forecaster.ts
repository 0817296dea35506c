import { type Frame, TwinergyError } from '../core/index.js';
import { Forecaster } from '../models/index.js';
import type { DigitalTwin } from '../twin/index.js';
import { clearSkyOutput } from './clear-sky.js';
import { LEAST_FORECAST_HISTORY } from './prior-models.js';

/** A forecaster fitted on the history of an asset's output; undefined where that is too short. `horizon` in ms. */
export async function fitForecaster(
  twin: DigitalTwin,
  history: Frame,
  horizon: number,
): Promise<Forecaster | undefined> {
  const { name } = twin.model.output;
  const { time } = history;
  if (!history.has(name) || time.length < 2 || (time.at(-1) as number) - (time[0] as number) < LEAST_FORECAST_HISTORY)
    return undefined;
  const clearSky = clearSkyOutput(twin);
  const forecaster = new Forecaster({ engine: clearSky === undefined ? 'seasonal-naive' : 'smart-persistence' });
  const fullScale = twin.model.channels.find((channel) => channel.name === name)?.fullScale;
  try {
    await forecaster.fitAsync(history.select(name).resample('15m', { how: 'energy' }), {
      target: name,
      horizon,
      ...(clearSky !== undefined && { clearSky }),
      ...(fullScale !== undefined && { max: fullScale * 1.1 }),
    });
  } catch (error) {
    // How much an engine needs follows from the horizon, and it knows best.
    if (error instanceof TwinergyError && error.code === 'FORECAST_HISTORY_TOO_SHORT') return undefined;
    throw error;
  }
  return forecaster;
}
