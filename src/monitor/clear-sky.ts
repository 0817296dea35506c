import { Frame } from '../core/index.js';
import { clearSkyAt, type DigitalTwin } from '../twin/index.js';

const STEP = 900_000;
const DAY = 86_400_000;

/**
 * The output of a sound plant under a clear sky as a function of time: what a forecaster measures cloudiness against. Whole
 * days are worked out at once in steps of 15 minutes, and kept.
 */
export function clearSkyOutput(twin: DigitalTwin): ((time: number) => number) | undefined {
  const { plant } = twin;
  if (plant === undefined) return undefined;
  const days = new Map<number, Float64Array>();
  const { name } = twin.model.output;
  return (time) => {
    const day = Math.floor(time / DAY);
    let curve = days.get(day);
    if (curve === undefined) {
      const times = Float64Array.from({ length: DAY / STEP }, (_, i) => day * DAY + i * STEP + STEP / 2);
      const { ghi } = clearSkyAt(times, plant.site);
      const expected = twin.expected(
        new Frame(times, {
          ghi: { data: ghi, unit: 'W/m²' },
          airTemperature: { data: new Float64Array(times.length).fill(20), unit: '°C' },
        }),
      );
      curve = expected.column(name).map((value) => (Number.isNaN(value) ? 0 : Math.max(0, value)));
      days.set(day, curve);
    }
    return curve[Math.floor((time - day * DAY) / STEP)] as number;
  };
}
