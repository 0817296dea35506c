import { Random } from '../../core/index.js';
import { exp, log } from '../../core/math/index.js';
import type { Climate } from './climate.js';
import { DailyProcess, IntradayProcess, positionOf } from './field.js';
import { normalCdf } from './normal.js';

const DAY = 86_400_000;

/** Places of the values that `WeatherProcess.at` writes. */
export const weatherSlot = {
  clearSkyIndex: 0,
  airTemperature: 1,
  windSpeed: 2,
  humidity: 3,
  precipitation: 4,
  snowfall: 5,
} as const;

/** How many values `WeatherProcess.at` writes. */
export const WEATHER_SLOTS = 6;

/** Saturation vapour pressure over water, relative to 6.112 hPa (Magnus formula, WMO 2018), of a temperature in °C. */
export const magnus = (temperature: number) => exp((17.62 * temperature) / (243.12 + temperature));

/** Value at probability `p` of evenly spaced quantiles. */
function quantile(quantiles: readonly number[], p: number): number {
  const place = Math.min(1, Math.max(0, p)) * (quantiles.length - 1);
  const index = Math.min(quantiles.length - 2, Math.floor(place));
  const low = quantiles[index] as number;
  return low + (place - index) * ((quantiles[index + 1] as number) - low);
}

/** Correlation lengths in km of what changes from day to day, from hour to hour and from minute to minute. */
const LENGTH = { day: 400, hour: 90, minute: 4 } as const;

/** Time constants in minutes of the slow and the fast part of cloudiness within a day. */
export const TAU = { hour: 180, minute: 8 } as const;

/**
 * Weather at a place as a function of time and seed: asked twice, or from another start, or in another step, it gives
 * the same answer, and two places under one seed have weather that correlates with their distance. Each quantity is a
 * Gaussian process mapped through its quantiles (a meta-Gaussian process, Wilks & Wilby 1999), so that it keeps the
 * distribution of the climate at every step size; the process is the sum of parts that change by the day, the hour and
 * the minute.
 */
export class WeatherProcess {
  readonly #climate: Climate;
  readonly #offset: number;
  readonly #cloudDay: DailyProcess;
  readonly #cloudHour: IntradayProcess;
  readonly #cloudMinute: IntradayProcess;
  readonly #warmth: DailyProcess;
  readonly #dew: DailyProcess;
  readonly #windDay: DailyProcess;
  readonly #windHour: IntradayProcess;
  readonly #rain: IntradayProcess;

  /** @param seed of the region: assets that share it share their weather */
  constructor(climate: Climate, latitude: number, longitude: number, seed: number) {
    const position = positionOf(latitude, longitude);
    const random = new Random(seed).split('weather');
    const daily = (label: string, persistence: number) =>
      new DailyProcess(random.split(label), position, LENGTH.day, persistence);
    this.#climate = climate;
    this.#offset = (longitude / 15) * 3_600_000;
    this.#cloudDay = daily('cloud day', climate.dayPersistence);
    this.#cloudHour = new IntradayProcess(random.split('cloud hour'), position, LENGTH.hour, 144, TAU.hour, 1);
    this.#cloudMinute = new IntradayProcess(
      random.split('cloud minute'),
      position,
      LENGTH.minute,
      1440,
      TAU.minute,
      10,
    );
    this.#warmth = daily('warmth', climate.temperaturePersistence);
    this.#dew = daily('dew', 0.6);
    this.#windDay = daily('wind day', 0.4);
    this.#windHour = new IntradayProcess(random.split('wind hour'), position, LENGTH.hour, 144, 150, 1);
    this.#rain = new IntradayProcess(random.split('rain'), position, LENGTH.hour, 144, 90, 1);
  }

  /** Writes the weather at `time` (ms since the epoch) to `out`, placed by `weatherSlot`. */
  at(time: number, out: Float64Array): void {
    const climate = this.#climate;
    const solar = (time + this.#offset) / DAY;
    const day = Math.floor(solar);
    const x = solar - day;

    // Months blend into each other: a month's figures hold in its middle.
    const month = ((solar / 365.2425) * 12 + 12e6 - 0.5) % 12;
    const before = Math.floor(month) % 12;
    const after = (before + 1) % 12;
    const share = month - Math.floor(month);
    const blend = (list: readonly number[]) => (list[before] as number) * (1 - share) + (list[after] as number) * share;
    const blendQuantile = (list: readonly (readonly number[])[], p: number) =>
      quantile(list[before] as readonly number[], p) * (1 - share) +
      quantile(list[after] as readonly number[], p) * share;

    const cloudDay = this.#cloudDay.at(solar);
    const cloudHour = this.#cloudHour.at(day, x);
    const minuteShare = Math.max(0, 1 - climate.dayShare - climate.hourShare);
    const cloud =
      Math.sqrt(climate.dayShare) * cloudDay +
      Math.sqrt(climate.hourShare) * cloudHour +
      Math.sqrt(minuteShare) * this.#cloudMinute.at(day, x);
    out[weatherSlot.clearSkyIndex] = blendQuantile(climate.clearSkyIndex, normalCdf(cloud));

    const hour = x * 24 - 0.5;
    const hourBefore = (Math.floor(hour) + 24) % 24;
    const hourShare = hour - Math.floor(hour);
    const profile = (list: readonly number[]) =>
      (list[hourBefore] as number) * (1 - hourShare) + (list[(hourBefore + 1) % 24] as number) * hourShare;
    const mean =
      profile(climate.temperature[before] as readonly number[]) * (1 - share) +
      profile(climate.temperature[after] as readonly number[]) * share;
    const clearness = climate.temperatureClearness;
    const warmth = clearness * cloudDay + Math.sqrt(1 - clearness * clearness) * this.#warmth.at(solar);
    const temperature = mean + blend(climate.temperatureSpread) * warmth;
    out[weatherSlot.airTemperature] = temperature;

    const dewPoint = blend(climate.dewPoint) + climate.dewPointSpread * (0.7 * warmth + 0.714 * this.#dew.at(solar));
    out[weatherSlot.humidity] = Math.min(100, Math.max(3, (100 * magnus(dewPoint)) / magnus(temperature)));

    const wind = 0.6 * this.#windDay.at(solar) + 0.8 * this.#windHour.at(day, x);
    out[weatherSlot.windSpeed] = blendQuantile(climate.windSpeed, normalCdf(wind));

    // It rains when clouds are thick and the rain's own process is high.
    const wetness = -0.55 * cloudDay - 0.45 * cloudHour + 0.7036 * this.#rain.at(day, x);
    const wetShare = blend(climate.wetShare);
    const excess = (normalCdf(wetness) - 1 + wetShare) / wetShare;
    const rain = wetShare > 0 && excess > 0 ? -blend(climate.wetIntensity) * log(Math.max(1e-6, 1 - excess)) : 0;
    const snow = temperature < 1;
    out[weatherSlot.precipitation] = rain;
    // Fresh snow has a tenth of the density of water: 1 mm of water is 1 cm of snow.
    out[weatherSlot.snowfall] = snow ? rain : 0;
  }
}
