import { Forecaster, Frame, type WorkOptions } from 'twinergy';
import type { DigitalTwin } from 'twinergy/twin';
import { withClearSky } from './clear-sky.js';
import type { PlainFrame } from './messages.js';
import { plainFrame } from './plain.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Power of the last `days` up to the hour that is shown. */
export async function pastPower(twin: DigitalTwin, days: number, step: string, work: WorkOptions): Promise<Frame> {
  const to = Math.floor((twin.time ?? Date.now()) / HOUR) * HOUR;
  // A fork, so that what was before is simulated without touching the plant that is shown.
  const { telemetry } = await twin.fork().simulateAsync({ from: to - days * DAY, to, step, ...work });
  return telemetry.select('acPower');
}

/** The next 24 hours by a random forest that has seen the plant's last month. */
export async function forecastDay(twin: DigitalTwin, work: WorkOptions): Promise<PlainFrame> {
  const power = (await pastPower(twin, 30, '15m', work)).resample('1h');
  const forecaster = new Forecaster({ engine: 'random-forest', levels: [80], seed: 1 });
  const max = twin.plant?.acRating;
  await forecaster.fitAsync(withClearSky(twin, power), {
    target: 'acPower',
    horizon: '24h',
    step: '1h',
    clearSky: 'clearSky',
    ...(max !== undefined && { max }),
    ...work,
  });
  return plainFrame(new Frame(forecaster.predict().time, Object.fromEntries(forecaster.predict().columns())));
}
