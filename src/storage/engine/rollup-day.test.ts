import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs } from '../contract/time.js';
import { bucketFields, field, packBuckets, unpackBuckets } from './codec/buckets.js';
import { emptyBuckets, keptKinds, keptSteps, rollDay } from './rollup-day.js';

const origin = Date.UTC(2026, 5, 1);

/** Each bucket from its own samples, in the plainest way. */
function plain(time: readonly number[], values: readonly number[], width: number): Float64Array {
  const buckets = dayMs / width;
  const result = new Float64Array(bucketFields.length * buckets);
  for (let b = 0; b < buckets; b++) {
    const [start, end] = [origin + b * width, origin + (b + 1) * width];
    const inside = time.flatMap((t, i) => (t >= start && t < end && !Number.isNaN(values[i]) ? [i] : []));
    if (inside.length === 0) continue;
    const at = inside.map((i) => values[i] as number);
    const when = inside.map((i) => time[i] as number);
    let area = (at[0] as number) * ((when[0] as number) - start);
    for (let n = 1; n < at.length; n++)
      area += (((at[n] as number) + (at[n - 1] as number)) / 2) * ((when[n] as number) - (when[n - 1] as number));
    area += (at.at(-1) as number) * (end - (when.at(-1) as number));
    const sum = at.reduce((s, v) => s + v, 0);
    [at.length, sum, Math.min(...at), Math.max(...at), at.at(-1) as number, area].forEach((value, f) => {
      result[f * buckets + b] = value;
    });
  }
  return result;
}

const samples = (value: fc.Arbitrary<number>) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: dayMs - 1 }), { maxLength: 60 })
    .chain((offsets) =>
      fc.tuple(
        fc.constant(offsets.sort((a, b) => a - b)),
        fc.array(value, { minLength: offsets.length, maxLength: offsets.length }),
      ),
    );

function rolled(offsets: readonly number[], values: readonly number[]): Float64Array[] {
  const into = keptKinds.map(emptyBuckets);
  rollDay(
    Float64Array.from(offsets, (offset) => origin + offset),
    Float64Array.from(values),
    origin,
    into,
  );
  return into;
}

function expectClose(actual: Float64Array, expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    const wanted = expected[i] as number;
    if (Math.abs(value - wanted) > 1e-9 * Math.max(1, Math.abs(wanted))) expect(value).toBe(wanted);
  });
}

describe('roll-ups of a day', () => {
  it('are in one pass what each bucket is by itself', () => {
    fc.assert(
      fc.property(
        samples(fc.integer({ min: -1e6, max: 1e6 }).map((n) => (n % 7 === 0 ? Number.NaN : n / 100))),
        ([offsets, values]) => {
          rolled(offsets, values).forEach((buckets, k) => {
            const width = keptSteps[keptKinds[k] as (typeof keptKinds)[number]];
            expectClose(
              buckets,
              plain(
                offsets.map((offset) => origin + offset),
                values,
                width,
              ),
            );
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('come back from their packed form, decimals and any other numbers', () => {
    const anything = fc.oneof(
      fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 1000),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(samples(anything), ([offsets, values]) => {
        for (const buckets of rolled(offsets, values))
          expectClose(unpackBuckets(packBuckets(buckets), buckets.length / bucketFields.length), buckets);
      }),
      { numRuns: 60 },
    );
  });

  it('of two decimals take a third of the room of doubles', () => {
    const offsets = Array.from({ length: 17_280 }, (_, i) => i * 5_000);
    const [minutes] = rolled(
      offsets,
      offsets.map((offset) => Math.round(5_000 * Math.sin(offset / hourMs)) / 100),
    );
    const packed = packBuckets(minutes as Float64Array);
    expect(packed.length).toBeLessThan((minutes as Float64Array).byteLength / 3);
    expect(unpackBuckets(packed, 1440)[field.count * 1440]).toBe(12);
    expect(() => unpackBuckets(packed.subarray(0, 2_000), 1440)).toThrow(/damaged/);
  });
});
