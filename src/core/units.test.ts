import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalUnit, convertUnit, isCompatibleUnit } from './units.js';

describe('units', () => {
  it.each([
    [1, 'kW', 'W', 1000],
    [3.6, 'MJ', 'kWh', 1],
    [25, '°C', 'K', 298.15],
    [212, '°F', '°C', 100],
    [50, '%', '1', 0.5],
    [36, 'km/h', 'm/s', 10],
    [1013.25, 'hPa', 'Pa', 101325],
    [180, '°', 'rad', Math.PI],
    [2, 'd', 'h', 48],
    [1, 'kW/m²', 'W/m2', 1000],
  ])('%d %s is in %s: %d', (value, from, to, expected) => {
    expect(convertUnit(value, from, to)).toBeCloseTo(expected, 9);
  });

  it('converts there and back', () => {
    const pairs = [
      ['W', 'MW'],
      ['°C', '°F'],
      ['°C', 'K'],
      ['%', '1'],
      ['m/s', 'kn'],
      ['Pa', 'psi'],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.double({ min: -1e6, max: 1e6, noNaN: true }), ([a, b], value) => {
        expect(Math.abs(convertUnit(convertUnit(value, a, b), b, a) - value)).toBeLessThan(
          1e-9 * (1 + Math.abs(value)),
        );
      }),
    );
  });

  it('knows other spellings', () => {
    expect(
      ['degC', 'W/m2', ' kw ', 'C', 'F', 'Percent', 'mW', 'MW', 'mbar', 'nonsense', 'constructor'].map(canonicalUnit),
    ).toStrictEqual(['°C', 'W/m²', 'kW', '°C', '°F', '%', 'mW', 'MW', 'hPa', undefined, undefined]);
  });

  it('refuses to mix quantities', () => {
    expect(() => convertUnit(1, 'W', '°C')).toThrow(expect.objectContaining({ code: 'UNIT_MISMATCH' }));
    expect(() => convertUnit(1, 'W', 'parsec')).toThrow(expect.objectContaining({ code: 'UNIT_UNKNOWN' }));
    expect(isCompatibleUnit('W', 'Wh')).toBe(false);
  });
});
