import { type Frame, TwinergyError } from '../../core/index.js';
import { exp, log } from '../../core/math/index.js';
import { clearSkyAt } from '../plant/sky.js';
import { type Climate, guessClimate } from './climate.js';
import { daylightCorrelation, persistenceOfMeans } from './field.js';
import { normalQuantile } from './normal.js';
import { magnus, TAU } from './process.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const QUANTILES = 21;
/** Below this height of the sun the clear-sky index says little, degrees of zenith. */
const LOWEST_SUN = 80;

/** Where the weather was measured. */
export interface ClimateSite {
  readonly latitude: number;
  readonly longitude: number;
  /** m; default 0. */
  readonly altitude?: number | undefined;
  /** Linke turbidity by month; default 3 throughout. */
  readonly linkeTurbidity?: readonly number[] | undefined;
}

function quantiles(values: number[], fallback: readonly number[]): readonly number[] {
  if (values.length < QUANTILES) return fallback;
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: QUANTILES }, (_, i) => {
    const place = (i / (QUANTILES - 1)) * (sorted.length - 1);
    const low = Math.floor(place);
    const value = sorted[low] as number;
    return value + (place - low) * ((sorted[Math.min(sorted.length - 1, low + 1)] as number) - value);
  });
}

function mean(values: readonly number[], fallback: number): number {
  if (values.length === 0) return fallback;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[], fallback: number): number {
  if (values.length < 3) return fallback;
  const centre = mean(values, 0);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

/** Correlation of pairs; `fallback` where there are too few. */
function correlation(pairs: readonly (readonly [number, number])[], fallback: number): number {
  if (pairs.length < 20) return fallback;
  const mx = mean(
    pairs.map(([x]) => x),
    0,
  );
  const my = mean(
    pairs.map(([, y]) => y),
    0,
  );
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (const [x, y] of pairs) {
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
    xy += (x - mx) * (y - my);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : fallback;
}

/** Normal scores: each value's rank within its month, as the normal number of that rank. */
function normalScores(values: Float64Array, months: Uint8Array): Float64Array {
  const scores = new Float64Array(values.length).fill(Number.NaN);
  for (let month = 0; month < 12; month++) {
    const rows: number[] = [];
    values.forEach((value, row) => {
      if (months[row] === month && !Number.isNaN(value)) rows.push(row);
    });
    rows.sort((a, b) => (values[a] as number) - (values[b] as number));
    rows.forEach((row, rank) => {
      scores[row] = normalQuantile((rank + 0.5) / rows.length);
    });
  }
  return scores;
}

/** Mean by day of the values that are there. */
function byDay(values: Float64Array, days: Int32Array): Map<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  values.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    const day = days[row] as number;
    const entry = sums.get(day) ?? { sum: 0, count: 0 };
    entry.sum += value;
    entry.count++;
    sums.set(day, entry);
  });
  return new Map([...sums].map(([day, { sum, count }]) => [day, sum / count]));
}

/** Pairs of a series of days with itself, `lag` days later. */
function lagged(series: ReadonlyMap<number, number>, lag: number): [number, number][] {
  return [...series].flatMap(([day, value]): [number, number][] => {
    const later = series.get(day + lag);
    return later === undefined ? [] : [[value, later]];
  });
}

/**
 * The climate of measured weather: what the generator needs to make more of the same. Needs `ghi` (W/m²) and
 * `airTemperature` (°C); uses `windSpeed` (m/s), `humidity` (%) or `dewPoint` (°C) and `precipitation` (mm/h) where they
 * are, else what the latitude suggests. Rows are instants or centred means, an hour apart or less; a year or more.
 * @throws TwinergyError `WEATHER_TOO_SHORT`, `FRAME_UNKNOWN_COLUMN`
 */
export function fitClimate(weather: Frame, site: ClimateSite, name = 'fitted'): Climate {
  const { length } = weather;
  const guess = guessClimate(site.latitude, site.altitude ?? 0);
  const span = length < 2 ? 0 : (weather.time[length - 1] as number) - (weather.time[0] as number);
  if (span < 300 * DAY) {
    throw new TwinergyError(
      'WEATHER_TOO_SHORT',
      `A climate needs most of a year; this is ${(span / DAY).toFixed(1)} days.`,
      {
        hint: 'Take a typical year of the place, or climateOf(name, latitude).',
      },
    );
  }
  const clear = clearSkyAt(weather.time, site);
  const ghi = weather.column('ghi');
  const air = weather.column('airTemperature');
  const months = new Uint8Array(length);
  const hours = new Uint8Array(length);
  const days = new Int32Array(length);
  const index = new Float64Array(length).fill(Number.NaN);
  for (let row = 0; row < length; row++) {
    const solar = (weather.time[row] as number) + (site.longitude / 15) * HOUR;
    months[row] = new Date(solar).getUTCMonth();
    hours[row] = new Date(solar).getUTCHours();
    days[row] = Math.floor(solar / DAY);
    if ((clear.zenith[row] as number) < LOWEST_SUN) {
      index[row] = Math.min(1.6, Math.max(0, (ghi[row] as number) / (clear.ghi[row] as number)));
    }
  }
  const inMonth = (values: Float64Array, month: number) =>
    [...values].filter((value, row) => months[row] === month && !Number.isNaN(value));

  const scores = normalScores(index, months);
  const cloud = byDay(scores, days);
  const stepHours = span / (length - 1) / HOUR;
  const rowsAnHour = Math.max(1, Math.round(1 / stepHours));
  const apart = (rows: number) => {
    const pairs: [number, number][] = [];
    for (let row = 0; row + rows < length; row++) {
      const pair: [number, number] = [scores[row] as number, scores[row + rows] as number];
      if (!Number.isNaN(pair[0]) && !Number.isNaN(pair[1])) pairs.push(pair);
    }
    return correlation(pairs, 0);
  };
  // What is still there after a day is the days' part; what is gone by then but there after an hour is the hours'. Two
  // days say how fast the days' part fades; that ratio is noisy in a single year, so it is kept within what is usual.
  const rowsADay = Math.round(24 / stepHours);
  const day1 = Math.max(0.02, apart(rowsADay));
  const dayPersistence = Math.min(0.6, Math.max(0.25, apart(2 * rowsADay) / day1));
  const dayShare = Math.min(0.85, day1 / daylightCorrelation(dayPersistence));
  const hourShare = Math.min(1 - dayShare, Math.max(0, (apart(rowsAnHour) - dayShare) / exp(-60 / TAU.hour)));

  const temperature = guess.temperature.map((list, month) =>
    list.map((fallback, hour) => {
      const here: number[] = [];
      for (let row = 0; row < length; row++) {
        const value = air[row] as number;
        if (months[row] === month && hours[row] === hour && !Number.isNaN(value)) here.push(value);
      }
      return mean(here, fallback);
    }),
  );
  const monthOfDay = new Map<number, number>();
  days.forEach((day, row) => {
    monthOfDay.set(day, months[row] as number);
  });
  const anomalies = (daily: ReadonlyMap<number, number>, centres: readonly number[]) =>
    new Map([...daily].map(([day, value]) => [day, value - (centres[monthOfDay.get(day) ?? 0] as number)]));
  const warmth = anomalies(
    byDay(air, days),
    temperature.map((list) => mean(list, 0)),
  );
  const spread = guess.temperatureSpread.map((fallback, month) =>
    deviation(
      [...warmth].filter(([day]) => monthOfDay.get(day) === month).map(([, value]) => value),
      fallback,
    ),
  );

  const dew = dewPoints(weather, air);
  const dewPoint = guess.dewPoint.map((fallback, month) =>
    mean(dew === undefined ? [] : inMonth(dew, month), fallback),
  );
  const wind = weather.has('windSpeed') ? weather.column('windSpeed') : undefined;
  const rain = weather.has('precipitation') ? weather.column('precipitation') : undefined;
  const rainy = rain?.some((value) => value > 0) === true ? rain : undefined;
  return {
    name,
    clearSkyIndex: guess.clearSkyIndex.map((fallback, month) => quantiles(inMonth(index, month), fallback)),
    dayPersistence,
    dayShare,
    hourShare,
    temperature,
    temperatureSpread: spread,
    temperaturePersistence: persistenceOfMeans(correlation(lagged(warmth, 1), guess.temperaturePersistence)),
    temperatureClearness: correlation(
      [...cloud].flatMap(([day, value]): [number, number][] => {
        const other = warmth.get(day);
        return other === undefined ? [] : [[value, other]];
      }),
      guess.temperatureClearness,
    ),
    dewPoint,
    dewPointSpread:
      dew === undefined
        ? guess.dewPointSpread
        : deviation([...anomalies(byDay(dew, days), dewPoint).values()], guess.dewPointSpread),
    windSpeed: guess.windSpeed.map((fallback, month) =>
      wind === undefined ? fallback : quantiles(inMonth(wind, month), fallback),
    ),
    wetShare: guess.wetShare.map((fallback, month) => {
      if (rainy === undefined) return fallback;
      const here = inMonth(rainy, month);
      return here.filter((value) => value > 0).length / Math.max(1, here.length);
    }),
    wetIntensity: guess.wetIntensity.map((fallback, month) =>
      rainy === undefined
        ? fallback
        : mean(
            inMonth(rainy, month).filter((value) => value > 0),
            fallback,
          ),
    ),
  };
}

/** The dew point of each row, from its own column or from humidity (inverse Magnus formula). */
function dewPoints(weather: Frame, air: Float64Array): Float64Array | undefined {
  if (weather.has('dewPoint')) return weather.column('dewPoint');
  if (!weather.has('humidity')) return undefined;
  return weather.column('humidity').map((humidity, row) => {
    const logarithm = log((Math.max(1, humidity) / 100) * magnus(air[row] as number));
    return (243.12 * logarithm) / (17.62 - logarithm);
  });
}
