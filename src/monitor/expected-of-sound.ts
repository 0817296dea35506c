import { type Reading, TwinergyError } from '../core/index.js';
import type { DigitalTwin } from '../twin/index.js';

/** What a sound asset would measure in the place of `reading`; nothing where its inputs are not there. */
export function expectedOfSound(twin: DigitalTwin, reading: Reading): Record<string, number> {
  if (twin.plant !== undefined) {
    // A sensor that is out leaves nothing to expect; a solar plant needs light and temperature.
    const { poaGlobal, irradiance, ghi, airTemperature, moduleTemperature } = reading.values;
    if ((poaGlobal ?? irradiance ?? ghi) === undefined || (airTemperature ?? moduleTemperature) === undefined)
      return {};
  }
  try {
    return twin.expected(reading);
  } catch (error) {
    if (error instanceof TwinergyError && error.code === 'TWIN_MISSING_CHANNEL') return {};
    throw error;
  }
}
