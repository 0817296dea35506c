import { type Column, Frame } from '../../core/index.js';
import { clearSkyAt } from '../plant/sky.js';
import { type Period, readPeriod } from '../simulation.js';
import { type Climate, guessClimate } from './climate.js';
import type { ClimateSite } from './fit.js';
import { WEATHER_SLOTS, WeatherProcess, weatherSlot } from './process.js';

/** Options of `generateWeather`. */
export interface GenerateWeatherOptions extends Period {
  readonly site: ClimateSite;
  /** Default: guessed from latitude and altitude. */
  readonly climate?: Climate | undefined;
  /** Seed of the region: places under one seed share their weather as far as they are near. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Made-up weather of a place, as instants: `ghi` (W/m²), `clearSkyIndex`, `airTemperature` (°C), `windSpeed` (m/s),
 * `humidity` (%), `precipitation` (mm/h), `snowfall` (cm/h). The same options give the same bits, and a twin of that
 * seed, climate and place sees the same weather.
 */
export function generateWeather({ site, climate, seed = 0, ...period }: GenerateWeatherOptions): Frame {
  const { start, step, count } = readPeriod(period);
  const time = Float64Array.from({ length: count }, (_, row) => start + row * step);
  const process = new WeatherProcess(
    climate ?? guessClimate(site.latitude, site.altitude ?? 0),
    site.latitude,
    site.longitude,
    seed,
  );
  const columns: Record<string, Column> = {};
  const make = (name: string, unit: string) => {
    const data = new Float64Array(count);
    columns[name] = { data, unit };
    return data;
  };
  const ghi = make('ghi', 'W/m²');
  const slots = [
    [weatherSlot.clearSkyIndex, make('clearSkyIndex', '1')],
    [weatherSlot.airTemperature, make('airTemperature', '°C')],
    [weatherSlot.windSpeed, make('windSpeed', 'm/s')],
    [weatherSlot.humidity, make('humidity', '%')],
    [weatherSlot.precipitation, make('precipitation', 'mm/h')],
    [weatherSlot.snowfall, make('snowfall', 'cm/h')],
  ] as const;
  const clear = clearSkyAt(time, site).ghi;
  const sample = new Float64Array(WEATHER_SLOTS);
  for (let row = 0; row < count; row++) {
    process.at(time[row] as number, sample);
    for (const [slot, data] of slots) data[row] = sample[slot] as number;
    ghi[row] = (clear[row] as number) * (sample[weatherSlot.clearSkyIndex] as number);
  }
  return new Frame(time, columns);
}
