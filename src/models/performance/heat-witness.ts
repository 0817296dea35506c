import type { Frame } from '../../core/frame.js';
import { optionalColumn } from './days.js';
import type { PerformanceColumns } from './normalise.js';
import { seasonOf } from './season.js';
import { yearOnYearRate } from './year-on-year.js';

/** Least rise of the modules over the air that says something of the light, K. */
const LEAST_RISE = 5;
/** Rows that the two coefficients need. */
const LEAST_ROWS = 200;
/** A rise that changes faster than this, as a fraction a year, is a sensor that comes off and no weather. */
const FASTEST = 0.01;

/**
 * The light that the modules' own warmth speaks of, W/m²: their rise over the air times u0 + u1 × wind (Faiman 2008), with
 * the coefficients that make it the clear sky's over the rows of `keep`. A clear sky is not the same from year to year,
 * as haze comes and goes; the warmth of the modules has seen the one that was.
 *
 * Rows without a temperature, or too cool, get the light of the clear sky itself, which says nothing. Null where module
 * and air temperatures are not both measured.
 */
export function warmthLight(
  frame: Frame,
  columns: PerformanceColumns,
  light: Float64Array,
  keep: Uint8Array,
): Float64Array | null {
  const module = optionalColumn(frame, columns.moduleTemperature ?? 'moduleTemperature');
  const air = optionalColumn(frame, columns.airTemperature ?? 'airTemperature');
  if (module === undefined || air === undefined) return null;
  const wind = optionalColumn(frame, columns.windSpeed ?? 'windSpeed');
  const rise = module.map((t, i) => t - (air[i] as number));
  const windAt = (i: number) => (wind === undefined ? 0 : (wind[i] as number));
  const speaks = (i: number) => (rise[i] as number) >= LEAST_RISE && Number.isFinite(windAt(i));
  // Least squares of light on rise and rise × wind.
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let ay = 0;
  let by = 0;
  let rows = 0;
  for (let i = 0; i < light.length; i++) {
    if (keep[i] === 0 || !speaks(i)) continue;
    const a = rise[i] as number;
    const b = a * windAt(i);
    const y = light[i] as number;
    aa += a * a;
    ab += a * b;
    bb += b * b;
    ay += a * y;
    by += b * y;
    rows++;
  }
  if (rows < LEAST_ROWS) return null;
  const determinant = aa * bb - ab * ab;
  const windy = determinant > 1e-6 * aa * bb;
  const u0 = windy ? (ay * bb - by * ab) / determinant : ay / aa;
  const u1 = windy ? (by * aa - ay * ab) / determinant : 0;
  return light.map((g, i) => (speaks(i) ? (rise[i] as number) * (u0 + u1 * windAt(i)) : g));
}

/**
 * Takes from daily clear-sky figures what the witness of the same days says of the sky: its deviations from its own
 * season, times the share that the figures follow it (a control variate; the share is found by least squares, so that a
 * witness that knows nothing changes nothing). A witness that runs away over the years is not heard, and has share 0.
 *
 * One thing it cannot know: power that ageing modules no longer give stays in them as heat, so that they look warmer by up
 * to a fifth of what they lost, and the loss larger by as much.
 *
 * @param day whole days since the epoch, rising, of `value` and `witness`
 */
export function withoutSky(
  day: Float64Array,
  value: Float64Array,
  witness: Float64Array,
): { value: Float64Array; share: number } {
  if (Math.abs(yearOnYearRate({ day, value: witness })) > FASTEST) return { value, share: 0 };
  const off = deviations(day, value, yearOnYearRate({ day, value }));
  const sky = deviations(day, witness, 0);
  let both = 0;
  let own = 0;
  for (let i = 0; i < off.length; i++) {
    const x = sky[i] as number;
    const y = off[i] as number;
    if (Math.abs(x) > 0.15 || Math.abs(y) > 0.15) continue;
    both += x * y;
    own += x * x;
  }
  const share = own > 0 ? Math.min(1, Math.max(0, both / own)) : 0;
  return { value: value.map((v, i) => v / (1 + share * (sky[i] as number))), share };
}

/** Relative deviations from season and trend. */
function deviations(day: Float64Array, value: Float64Array, rate: number): Float64Array {
  const usual = seasonOf({ day, value }, rate);
  return value.map((v, i) => v / (usual[i] as number) - 1);
}
