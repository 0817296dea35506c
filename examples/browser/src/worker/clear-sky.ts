import { Frame } from 'twinergy';
import { clearSkyAt, type DigitalTwin } from 'twinergy/twin';

const HOUR = 3_600_000;
/** How far ahead the demo looks, h. */
const AHEAD = 24;

/** Hourly power with the clear sky beside it, which goes on over the day that is to be forecast. */
export function withClearSky(twin: DigitalTwin, power: Frame): Frame {
  const start = power.time[0] as number;
  const times = Float64Array.from({ length: power.length + AHEAD }, (_, i) => start + i * HOUR);
  return power.join(clearSkyColumn(twin, times), { how: 'outer' });
}

/** What the plant would give under a clear sky, as the column `clearSky`, W: what a forecaster measures cloudiness against. */
function clearSkyColumn(twin: DigitalTwin, time: Float64Array): Frame {
  const site = twin.plant?.site;
  if (site === undefined) throw new Error('Only a solar plant has a clear sky.');
  const { ghi } = clearSkyAt(time, site);
  const warm = new Float64Array(time.length).fill(20);
  const inputs = new Frame(time, { ghi: { data: ghi, unit: 'W/m²' }, airTemperature: { data: warm, unit: '°C' } });
  const power = twin.expected(inputs).column('acPower');
  const data = power.map((value) => (Number.isNaN(value) ? 0 : Math.max(0, value)));
  return new Frame(time, { clearSky: { data, unit: 'W' } });
}
