import { describe, expect, it } from 'vitest';
import { DigitalTwin } from '../digital-twin.js';
import { typicalArray, typicalInverter } from '../library/typical.js';
import { locateSite } from './locate.js';

describe('locateSite', () => {
  it.each([
    [48, 11.6],
    [-33, 151],
    [33, -112],
  ])('finds %d°, %d° from power alone within two degrees', (latitude, longitude) => {
    const plant = {
      id: 'somewhere',
      site: { latitude, longitude },
      arrays: [{ ...typicalArray(8000), tilt: 25, azimuth: latitude > 0 ? 200 : 20 }],
      inverters: [{ model: typicalInverter(8000) }],
    };
    const { telemetry } = new DigitalTwin(plant).simulate({ from: '2025-01-01', days: 180, step: '30m', seed: 2 });
    const found = locateSite(telemetry.select('acPower'));
    expect(Math.abs(found.latitude - latitude)).toBeLessThan(2);
    expect(Math.abs(found.longitude - longitude)).toBeLessThan(2);
  });

  it('asks for more days where there are few', () => {
    const { telemetry } = new DigitalTwin({
      id: 'short',
      site: { latitude: 40, longitude: 0 },
      arrays: [{ ...typicalArray(8000), tilt: 25, azimuth: 180 }],
      inverters: [{ model: typicalInverter(8000) }],
    }).simulate({ from: '2025-06-01', days: 20, step: '1h' });
    expect(() => locateSite(telemetry)).toThrowError(/60/);
    expect(() => locateSite(telemetry.select('airTemperature'))).toThrowError(/power/);
  });
});
