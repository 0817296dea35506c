import { TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import { type DailyValues, medianOf, optionalColumn, rollingQuantile, rowHours, solarMidnightShift } from './days.js';
import { warmthLight, withoutSky } from './heat-witness.js';

const DAY = 86_400_000;

/** Which columns of a frame are what; defaults are the standard channels of a plant. */
export interface PerformanceColumns {
  /** Power of the plant, W. Default `acPower`. */
  readonly power?: string | undefined;
  /** Irradiance on the plane that a sensor measures, W/m². Default `poaGlobal`. */
  readonly irradiance?: string | undefined;
  /** Irradiance on the plane under a clear sky, computed, W/m². Default `clearSkyPoa`. */
  readonly clearSky?: string | undefined;
  /** Default `moduleTemperature`, °C. */
  readonly moduleTemperature?: string | undefined;
  /** Default `airTemperature`, °C; used where there is no module temperature. */
  readonly airTemperature?: string | undefined;
  /** Default `windSpeed`, m/s; used with both temperatures, to tell a hazy clear sky by the warmth of the modules. */
  readonly windSpeed?: string | undefined;
}

/** What is known of a plant for its figures. */
export interface PlantRating {
  /** DC power of the modules under standard test conditions, W. */
  readonly ratedPower: number;
  /** Relative change of power with the temperature of the cells, 1/K. Default −0.0037 (crystalline silicon). */
  readonly temperatureCoefficient?: number | undefined;
  /** Greatest AC power of the inverters, W; rows at it tell nothing of the modules. Default: none. */
  readonly acLimit?: number | undefined;
}

/** Default temperature coefficient of power, 1/K. */
export const TEMPERATURE_COEFFICIENT = -0.0037;
/** Rise of the cells over the air per irradiance, K m²/W (Ross 1976, a well-ventilated roof). */
const ROSS = 0.028;

/** Least irradiance that counts, W/m²: below it sensors, reflection and inverters are too far from their rating. */
const LEAST_LIGHT = 200;

/** Power against what the modules should give, by the day. */
export interface NormalisedDays extends DailyValues {
  /** Light of each day as a share of the brightest days', 0…1. */
  readonly weight: Float64Array;
  /** Whether something measured has seen the light of these days: a sensor, or the warmth of the modules. */
  readonly witnessed: boolean;
}

/**
 * The temperature of the modules, row by row: measured, or from the air and the light. NaN where neither is known.
 */
export function moduleTemperatures(frame: Frame, columns: PerformanceColumns, light: Float64Array): Float64Array {
  const measured = optionalColumn(frame, columns.moduleTemperature ?? 'moduleTemperature');
  const air = optionalColumn(frame, columns.airTemperature ?? 'airTemperature');
  return light.map((g, i) => {
    const own = measured?.[i] ?? Number.NaN;
    if (Number.isFinite(own)) return own;
    return (air?.[i] ?? Number.NaN) + ROSS * g;
  });
}

/**
 * What the modules should give under `light`, W: rated power × light / 1000 W/m² × (1 + γ (T − 25 °C)). Where no
 * temperature is known, 25 °C is taken: over the same season of several years the difference cancels.
 */
export function referencePower(
  light: Float64Array,
  temperature: Float64Array,
  { ratedPower, temperatureCoefficient = TEMPERATURE_COEFFICIENT }: PlantRating,
): Float64Array {
  if (!(ratedPower > 0)) {
    throw new TwinergyError('PERFORMANCE_BAD_RATING', `ratedPower must be greater than 0 W, got ${ratedPower}.`, {
      path: 'ratedPower',
      value: ratedPower,
    });
  }
  return light.map((g, i) => {
    const t = temperature[i] as number;
    const factor = Number.isFinite(t) ? 1 + temperatureCoefficient * (t - 25) : 1;
    return ((ratedPower * g) / 1000) * factor;
  });
}

/** Sums of power over sums of reference power for each day, over the rows that `keep` says; days of little light are left out. */
function dailyRatios(
  time: Float64Array,
  power: Float64Array,
  reference: Float64Array,
  keep: Uint8Array,
  shift: number,
  least: number,
): Omit<NormalisedDays, 'witnessed'> {
  const hours = rowHours(time);
  const day: number[] = [];
  const value: number[] = [];
  const weight: number[] = [];
  let current = Number.NaN;
  let made = 0;
  let due = 0;
  let rows = 0;
  const close = () => {
    if (rows < least || !(due > 0)) return;
    day.push(current);
    value.push(made / due);
    weight.push(due);
  };
  for (let i = 0; i < time.length; i++) {
    const d = Math.floor(((time[i] as number) + shift) / DAY);
    if (d !== current) {
      close();
      current = d;
      made = due = rows = 0;
    }
    if (keep[i] === 0) continue;
    made += (power[i] as number) * (hours[i] as number);
    due += (reference[i] as number) * (hours[i] as number);
    rows++;
  }
  close();
  const most = weight.reduce((a, b) => Math.max(a, b), 0);
  return {
    day: Float64Array.from(day),
    value: Float64Array.from(value),
    weight: Float64Array.from(weight, (w) => w / most),
  };
}

/** Rows that a day must have to count: those of two hours, at least two. */
function leastRows(time: Float64Array): number {
  return Math.max(2, Math.round(2 / medianOf(rowHours(time))));
}

/**
 * Daily performance against a measured irradiance. Rows in little light, at the inverter's limit, or far from the usual
 * ratio of the month (outage, curtailment, snow) do not count.
 */
export function sensorNormalised(frame: Frame, columns: PerformanceColumns, rating: PlantRating): NormalisedDays {
  const { time } = frame;
  const power = frame.column(columns.power ?? 'acPower');
  const light = frame.column(columns.irradiance ?? 'poaGlobal');
  const reference = referencePower(light, moduleTemperatures(frame, columns, light), rating);
  const limit = 0.985 * (rating.acLimit ?? Number.POSITIVE_INFINITY);
  const shift = solarMidnightShift(time, power);
  const keep = Uint8Array.from(time, (_, i) => {
    const g = light[i] as number;
    const p = power[i] as number;
    return g >= LEAST_LIGHT && g <= 1300 && p > 0 && p < limit && (reference[i] as number) > 0 ? 1 : 0;
  });
  return withoutOutliers(time, power, reference, keep, shift, light);
}

/**
 * Drops rows whose ratio is far from that of their month, and gives the days that are left. In between, the ratio's own
 * course over the light is taken out (modules and inverters lose a little in weak light), so that a cloudy day is no
 * worse than a bright one.
 */
function withoutOutliers(
  time: Float64Array,
  power: Float64Array,
  reference: Float64Array,
  keep: Uint8Array,
  shift: number,
  light: Float64Array,
): NormalisedDays {
  let due = reference;
  for (const band of [0.3, 0.12]) {
    const level = levelByDay(time, power, due, keep, shift, 0.5);
    const off = new Float64Array(time.length);
    for (let i = 0; i < time.length; i++) {
      if (keep[i] === 0) continue;
      const usual = level(Math.floor(((time[i] as number) + shift) / DAY));
      const ratio = (power[i] as number) / (due[i] as number) / usual;
      if (Math.abs(ratio - 1) <= band) off[i] = ratio;
      else keep[i] = 0;
    }
    const course = lightCourse(light, off);
    due = due.map((v, i) => v * course(light[i] as number));
  }
  return { ...dailyRatios(time, power, due, keep, shift, leastRows(time)), witnessed: true };
}

/** The median of what is left over the light, in steps of 100 W/m², joined by lines; `off` is 0 where a row does not count. */
function lightCourse(light: Float64Array, off: Float64Array): (light: number) => number {
  const bins: number[][] = Array.from({ length: 13 }, () => []);
  off.forEach((ratio, i) => {
    if (ratio > 0) bins[Math.min(12, Math.floor((light[i] as number) / 100))]?.push(ratio);
  });
  const at = bins.map((list) => (list.length >= 20 ? medianOf(list) : Number.NaN));
  // A bin without enough rows takes the value of its neighbour on the brighter side, else on the other.
  for (let b = at.length - 2; b >= 0; b--) if (Number.isNaN(at[b])) at[b] = at[b + 1] as number;
  for (let b = 1; b < at.length; b++) if (Number.isNaN(at[b])) at[b] = at[b - 1] as number;
  return (g) => {
    const place = Math.min(11.999, Math.max(0, g / 100 - 0.5));
    const low = Math.floor(place);
    const below = at[low] as number;
    const value = below + (place - low) * ((at[low + 1] as number) - below);
    return value > 0 ? value : 1;
  };
}

/** The quantile `q` of the daily ratios within 20 days, as a function of the day. */
function levelByDay(
  time: Float64Array,
  power: Float64Array,
  reference: Float64Array,
  keep: Uint8Array,
  shift: number,
  q: number,
): (day: number) => number {
  const days = dailyRatios(time, power, reference, keep, shift, 1);
  const level = rollingQuantile(days, 20, q);
  const at = new Map(Array.from(days.day, (day, i) => [day, level[i] as number]));
  return (day) => at.get(day) ?? Number.NaN;
}

/** How far from its usual level under a clear sky a row may be, as a share, and how much it may differ from its neighbours. */
const CLEAR = { band: 0.12, step: 0.15 } as const;

/**
 * Daily performance against a clear sky, without an irradiance sensor: rows where the power runs along the clear-sky
 * curve, by the power itself. The level that clear weather reaches is followed through the seasons, so that a plant that
 * degrades keeps its clear hours; clouds that come and go show as steps against the neighbouring rows. Where module and
 * air temperatures (better still, wind too) are measured, the haze of each day is taken out by the warmth of the modules.
 *
 * @param witness a column in place of the power: an irradiance sensor, to see its own drift
 */
export function clearSkyNormalised(
  frame: Frame,
  columns: PerformanceColumns,
  rating: PlantRating,
  witness?: string,
): NormalisedDays {
  const { time } = frame;
  const power = frame.column(witness ?? columns.power ?? 'acPower');
  const light = frame.column(columns.clearSky ?? 'clearSkyPoa');
  const reference =
    witness === undefined ? referencePower(light, moduleTemperatures(frame, columns, light), rating) : light;
  const limit = witness === undefined ? 0.985 * (rating.acLimit ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const shift = solarMidnightShift(time, light);
  const keep = Uint8Array.from(time, (_, i) => {
    const p = power[i] as number;
    return (light[i] as number) >= 300 && p > 0 && p < limit ? 1 : 0;
  });
  const ratio = power.map((p, i) => p / (reference[i] as number));
  const steady = Uint8Array.from(keep, (kept, i) => {
    if (kept === 0 || i === 0 || i + 1 === keep.length || keep[i - 1] === 0 || keep[i + 1] === 0) return 0;
    const own = ratio[i] as number;
    const jump = Math.max(Math.abs((ratio[i - 1] as number) / own - 1), Math.abs((ratio[i + 1] as number) / own - 1));
    return jump <= CLEAR.step ? 1 : 0;
  });
  // Clear weather lies near the top of what a month reaches: its level is found from above, then centred.
  let level = levelByDay(time, power, reference, steady, shift, 0.8);
  const nearLevel = () =>
    Uint8Array.from(steady, (kept, i) => {
      const usual = level(Math.floor(((time[i] as number) + shift) / DAY));
      return kept === 1 && Math.abs((ratio[i] as number) / usual - 1) <= CLEAR.band ? 1 : 0;
    });
  for (let round = 0; round < 2; round++) level = levelByDay(time, power, reference, nearLevel(), shift, 0.5);
  const clear = nearLevel();
  const days = dailyRatios(time, power, reference, clear, shift, leastRows(time));
  const warmth = warmthLight(frame, columns, light, clear);
  if (warmth === null) return { ...days, witnessed: false };
  const sky = dailyRatios(time, warmth, light, clear, shift, leastRows(time));
  const { value, share } = withoutSky(days.day, days.value, sky.value);
  return { ...days, value, witnessed: share > 0.5 };
}
