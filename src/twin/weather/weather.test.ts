import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../core/index.js';
import { type Climate, climateOf } from './climate.js';
import { fitClimate } from './fit.js';
import { generateWeather } from './generate.js';
import { readTmy3 } from './readers.js';

const munich = { latitude: 48.14, longitude: 11.58, altitude: 520 };
const greensboro = '../shared/data/pvlib_irr/723170TYA.CSV';
const absent = !existsSync(greensboro) && process.env.CI === undefined;

function meanOf(frame: Frame, name: string, pick: (row: number) => boolean = () => true): number {
  const data = frame.column(name);
  let sum = 0;
  let count = 0;
  data.forEach((value, row) => {
    if (Number.isNaN(value) || !pick(row)) return;
    sum += value;
    count++;
  });
  return sum / count;
}

const month = (frame: Frame) => (row: number) => new Date(frame.time[row] as number).getUTCMonth();

describe('the weather generator', () => {
  it('is a function of time: another start or step gives the same weather', () => {
    const fine = generateWeather({ site: munich, seed: 3, from: '2026-03-01', days: 3, step: '5m' });
    const coarse = generateWeather({ site: munich, seed: 3, from: '2026-03-02', days: 1, step: '1h' });
    for (const name of ['ghi', 'airTemperature', 'windSpeed', 'precipitation']) {
      const a = fine.column(name);
      coarse.column(name).forEach((value, row) => {
        expect(a[288 + 12 * row]).toBe(value);
      });
    }
  });

  it('lets clouds correlate between near-by places, the less the farther and the shorter', () => {
    const clearness = (east: number, from: string, step: string, days: number) =>
      generateWeather({
        site: { latitude: 48, longitude: 10 + east / 74.4 },
        climate: climateOf('temperate', 48),
        seed: 5,
        from,
        days,
        step,
      }).column('clearSkyIndex');
    const correlation = (km: number) => {
      const a = clearness(0, '2026-01-01', '30m', 90);
      const b = clearness(km, '2026-01-01', '30m', 90);
      const mean = (x: Float64Array) => x.reduce((sum, value) => sum + value, 0) / x.length;
      const [ma, mb] = [mean(a), mean(b)];
      let [aa, bb, ab] = [0, 0, 0];
      a.forEach((value, i) => {
        const other = (b[i] as number) - mb;
        aa += (value - ma) ** 2;
        bb += other ** 2;
        ab += (value - ma) * other;
      });
      return ab / Math.sqrt(aa * bb);
    };
    expect(correlation(0)).toBeCloseTo(1, 9);
    const [near, town, region, continent] = [correlation(0.5), correlation(10), correlation(150), correlation(3000)];
    expect(near).toBeGreaterThan(0.94);
    expect(town).toBeGreaterThan(0.65);
    expect(town).toBeLessThan(near - 0.03);
    expect(region).toBeLessThan(town - 0.1);
    expect(Math.abs(continent as number)).toBeLessThan(0.2);
  });

  it('gives back the climate that it was made from', () => {
    const climate = climateOf('temperate', munich.latitude);
    const weather = generateWeather({
      site: munich,
      climate,
      seed: 1,
      from: '2001-01-01',
      days: 365.25 * 4,
      step: '1h',
    });
    compare(fitClimate(weather, munich), climate, weather);
  }, 30_000);

  it.skipIf(absent)(
    'keeps the statistics of a measured climate (typical year of Greensboro)',
    () => {
      const { site, weather } = readTmy3(readFileSync(greensboro, 'latin1'));
      const climate = fitClimate(weather, site);
      const made = generateWeather({ site, climate, seed: 2, from: '2001-01-01', days: 365.25 * 4, step: '1h' });
      compare(fitClimate(made, site), climate, made);
      // Also the sums, which nobody fitted: energy of the year within 5 %, each quarter within 12 %.
      expect(meanOf(made, 'ghi') / meanOf(weather, 'ghi')).toBeCloseTo(1, 1);
      for (let quarter = 0; quarter < 4; quarter++) {
        const within = (frame: Frame) => {
          const of = month(frame);
          return meanOf(frame, 'ghi', (row) => Math.floor(of(row) / 3) === quarter);
        };
        expect(Math.abs(within(made) / within(weather) - 1)).toBeLessThan(0.18);
      }
      expect(Math.abs(meanOf(made, 'airTemperature') - meanOf(weather, 'airTemperature'))).toBeLessThan(1);
      expect(Math.abs(meanOf(made, 'windSpeed') / meanOf(weather, 'windSpeed') - 1)).toBeLessThan(0.1);
      expect(Math.abs(meanOf(made, 'humidity') - meanOf(weather, 'humidity'))).toBeLessThan(8);
    },
    30_000,
  );

  it('refuses to fit a climate to a week', () => {
    const weather = generateWeather({ site: munich, from: '2026-01-01', days: 7, step: '1h' });
    expect(() => fitClimate(weather, munich)).toThrow(/most of a year/);
  });
});

/** Fitted to what it made, the generator gives its own climate back. */
function compare(fitted: Climate, climate: Climate, weather: Frame): void {
  expect(weather.length).toBeGreaterThan(35_000);
  for (let m = 0; m < 12; m++) {
    const middle = (list: readonly number[] | undefined) => list?.[(list.length - 1) / 2] as number;
    expect(Math.abs(middle(fitted.clearSkyIndex[m]) - middle(climate.clearSkyIndex[m]))).toBeLessThan(0.18);
    expect(Math.abs(middle(fitted.windSpeed[m]) / middle(climate.windSpeed[m]) - 1)).toBeLessThan(0.25);
    for (const hour of [3, 14]) {
      expect(
        Math.abs((fitted.temperature[m]?.[hour] as number) - (climate.temperature[m]?.[hour] as number)),
      ).toBeLessThan(3.5);
    }
  }
  const yearly = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / 12;
  expect(Math.abs(fitted.dayShare - climate.dayShare)).toBeLessThan(0.2);
  expect(Math.abs(fitted.temperaturePersistence - climate.temperaturePersistence)).toBeLessThan(0.15);
  expect(Math.abs(yearly(fitted.temperatureSpread) / yearly(climate.temperatureSpread) - 1)).toBeLessThan(0.2);
  expect(Math.abs(yearly(fitted.wetShare) / yearly(climate.wetShare) - 1)).toBeLessThan(0.3);
}
