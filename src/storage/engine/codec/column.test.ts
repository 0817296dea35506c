import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packColumn, packDoubles, packedLength, unpackColumn, unpackDoubles } from './column.js';

function roundTrip(values: readonly number[]): number[] {
  const packed = packColumn(Float64Array.from(values));
  const result = new Float64Array(packedLength(packed));
  unpackColumn(packed, result, 0);
  return [...result];
}

describe('packed columns', () => {
  it('gives back any doubles bit for bit', () => {
    fc.assert(
      // The sign of zero is dropped before values come here.
      fc.property(fc.array(fc.double({ noDefaultInfinity: true }).map((value) => value + 0)), (values) => {
        expect(roundTrip(values)).toEqual(values);
      }),
    );
  });

  it('gives back decimals with gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: -1e9, max: 1e9 }), { nil: undefined })), (wholes) => {
        const values = wholes.map((whole) => (whole === undefined ? Number.NaN : whole / 100));
        expect(roundTrip(values)).toEqual(values);
      }),
    );
  });

  it('keeps an even axis in a few bytes', () => {
    const axis = Float64Array.from({ length: 17_280 }, (_, i) => 1_780_272_000_000 + i * 5_000);
    expect(packColumn(axis).length).toBeLessThan(40);
    expect(roundTrip([...axis])).toEqual([...axis]);
  });

  it('gives back huge and tiny numbers', () => {
    const values = [5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53 + 2, 0.1, 1 / 3, Number.NaN];
    expect(roundTrip(values)).toEqual(values);
  });

  it('refuses damaged bytes', () => {
    const packed = packColumn(Float64Array.of(1.5, 2.25, 1 / 3));
    const target = new Float64Array(3);
    expect(() => unpackColumn(packed.subarray(0, 5), target, 0)).toThrow(/damaged/);
    expect(() => unpackColumn(packed.subarray(0, packed.length - 8), target, 0)).toThrow(/damaged/);
  });

  it('packs doubles as they are', () => {
    const values = Float64Array.of(1, Number.NaN, -3.5, 1e300);
    expect([...unpackDoubles(packDoubles(values), 4)]).toEqual([...values]);
  });
});
