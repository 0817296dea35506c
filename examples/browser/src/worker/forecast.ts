import { Forecaster, Frame, type WorkOptions } from 'twinergy';
import type { DigitalTwin } from 'twinergy/twin';
import { clearSkyColumn } from './clear-sky.js';
import type { PlainFrame } from './messages.js';
import { plainFrame } from './plain.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The next 24 hours by a random forest that has seen the plant's last month. */
export async function forecastDay(twin: DigitalTwin, work: WorkOptions): Promise<PlainFrame> {
  const now = Math.floor((twin.time ?? Date.now()) / HOUR) * HOUR;
  // A fork, so that the month before is simulated without touching the plant that is shown.
  const { telemetry } = await twin.fork().simulateAsync({ from: now - 30 * DAY, to: now, step: '15m', ...work });
  const power = telemetry.select('acPower').resample('1h');
  const times = Float64Array.from({ length: power.length + 24 }, (_, i) => (power.time[0] as number) + i * HOUR);
  const all = power.join(clearSkyColumn(twin, times), { how: 'outer' });
  const forecaster = new Forecaster({ engine: 'random-forest', levels: [80], seed: 1 });
  const max = twin.plant?.acRating;
  await forecaster.fitAsync(all, {
    target: 'acPower',
    horizon: '24h',
    step: '1h',
    clearSky: 'clearSky',
    ...(max !== undefined && { max }),
    ...work,
  });
  return plainFrame(new Frame(forecaster.predict().time, Object.fromEntries(forecaster.predict().columns())));
}
