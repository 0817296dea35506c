import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEpw, readPsm3, readTmy3 } from './readers.js';

const greensboro = '../shared/data/pvlib_irr/723170TYA.CSV';
const sandPoint = '../shared/data/pvlib_irr/703165TY.csv';
const absent = !existsSync(greensboro) && process.env.CI === undefined;

const psm3 = `Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone
NSRDB,149687,-,-,-,39.74,-105.18,-7,1834,-7
Year,Month,Day,Hour,Minute,DHI,DNI,GHI,Dew Point,Temperature,Pressure,Relative Humidity,Wind Speed,Surface Albedo
2016,7,1,11,30,120,850,910,8.1,27.4,825,29.5,2.6,0.14
2016,7,1,12,0,118,861,925,8.0,27.9,825,28.4,2.7,0.14
`;

const epwRow = (hour: number, temperature: number, ghi: number) =>
  `1999,6,30,${hour},0,?9?9,${temperature},12.1,60,96000,900,1300,380,${ghi},700,130,0,0,0,0,210,3.4,4,4,20,77777,9,999999999,20,0.1,0,88,0.2,1.5,1`;
const epw = [
  'LOCATION,Munich,-,DEU,IWEC,108660,48.13,11.70,1.0,529.0',
  ...Array.from({ length: 7 }, (_, i) => `HEAD ${i}`),
  epwRow(12, 22.5, 800),
  epwRow(13, 99.9, 9999),
].join('\r\n');

describe('weather readers', () => {
  it.skipIf(absent)('reads TMY3', () => {
    const { site, weather } = readTmy3(readFileSync(greensboro, 'latin1'));
    expect(site).toEqual({ name: 'GREENSBORO PIEDMONT TRIAD INT', latitude: 36.1, longitude: -79.95, altitude: 273 });
    expect(weather.length).toBe(8760);
    // 01:00 in the zone −5 is the hour from midnight: its middle is half past five, UTC.
    expect(new Date(weather.time[0] as number).toISOString()).toBe('2001-01-01T05:30:00.000Z');
    expect(weather.column('airTemperature')[0]).toBe(10);
    expect(weather.column('windSpeed')[0]).toBe(6.2);
    expect(weather.column('pressure')[0]).toBe(99300);
    expect(Math.max(...weather.column('ghi'))).toBeGreaterThan(900);
    expect(readTmy3(readFileSync(sandPoint, 'latin1')).weather.length).toBe(8760);
  });

  it('reads PSM3', () => {
    const { site, weather } = readPsm3(psm3);
    expect(site).toMatchObject({ latitude: 39.74, longitude: -105.18, altitude: 1834 });
    expect(new Date(weather.time[0] as number).toISOString()).toBe('2016-07-01T18:30:00.000Z');
    expect([...weather.column('ghi')]).toEqual([910, 925]);
    expect(weather.column('pressure')[0]).toBe(82500);
    expect(weather.unit('humidity')).toBe('%');
  });

  it('reads EPW, with what is missing as NaN', () => {
    const { site, weather } = readEpw(epw);
    expect(site).toEqual({ name: 'Munich', latitude: 48.13, longitude: 11.7, altitude: 529 });
    expect(new Date(weather.time[0] as number).toISOString()).toBe('2001-06-30T10:30:00.000Z');
    expect(weather.column('airTemperature')).toEqual(Float64Array.of(22.5, Number.NaN));
    expect(weather.column('ghi')).toEqual(Float64Array.of(800, Number.NaN));
    expect(weather.column('precipitation')[0]).toBe(1.5);
  });

  it('says where a file is broken', () => {
    expect(() => readEpw(psm3)).toThrow(/no EPW file/);
    expect(() => readTmy3(epw)).toThrow(/no TMY3 file/);
    expect(() => readPsm3('')).toThrow(/no PSM3 file/);
    expect(() => readPsm3(psm3.replace('925', 'bright'))).toThrow(/Row 5, column 8 is no number, got "bright"/);
  });
});
