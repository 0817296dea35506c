import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TwinergyError } from './errors.js';
import { Frame } from './frame.js';

/** Frames of up to 40 rows with odd steps, gaps and missing values. */
const frames = fc
  .record({
    start: fc.integer({ min: 0, max: 2_000_000_000_000 }),
    rows: fc.array(
      fc.record({
        step: fc.integer({ min: 1, max: 10_000_000 }),
        a: fc.option(fc.double({ noDefaultInfinity: true, noNaN: true }), { nil: Number.NaN }),
        b: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: Number.NaN }),
      }),
      { minLength: 1, maxLength: 40 },
    ),
    unit: fc.constantFrom('W', '°C', '1', '%', 'W/m²'),
  })
  .map(({ start, rows, unit }) => {
    let at = start;
    const time = Float64Array.from(rows, ({ step }) => {
      at += step;
      return at;
    });
    return new Frame(time, {
      a: { data: Float64Array.from(rows, ({ a }) => a), unit },
      'b, "odd" [W]': { data: Float64Array.from(rows, ({ b }) => b), unit: '1' },
    });
  });

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TwinergyError) return error.code;
    throw error;
  }
  return 'no error';
}

function same(actual: Frame, expected: Frame): void {
  expect(actual.time).toStrictEqual(expected.time);
  expect(actual.names).toStrictEqual(expected.names);
  for (const [name, { data, unit }] of expected.columns()) {
    expect(actual.unit(name)).toBe(unit);
    expect(actual.column(name)).toStrictEqual(data);
  }
}

describe('Frame', () => {
  it('reads back from its own CSV to the same bits, in any zone', () => {
    fc.assert(
      fc.property(frames, fc.constantFrom('UTC', 'Europe/Berlin', 'America/Denver', 'Asia/Kolkata'), (frame, zone) => {
        // A frame without any value has no numeric column to read back.
        fc.pre([...frame.columns()].every(([, { data }]) => data.some((value) => !Number.isNaN(value))));
        same(Frame.fromCsv(frame.toCsv({ zone })), frame);
      }),
      { numRuns: 200 },
    );
  });

  it('slices and selections are views', () => {
    fc.assert(
      fc.property(frames, fc.nat(50), fc.nat(50), (frame, a, b) => {
        const from = Math.min(a, b, frame.length);
        const part = frame.sliceRows(from, Math.max(a, b)).select('a');
        expect(part.column('a').buffer).toBe(frame.column('a').buffer);
        expect(part.time).toStrictEqual(frame.time.slice(from, Math.max(a, b)));
        expect(part.unit('a')).toBe(frame.unit('a'));
      }),
    );
    const frame = new Frame(Float64Array.of(10, 20, 30), { a: { data: Float64Array.of(1, 2, 3), unit: 'W' } });
    expect([...frame.slice(20, 30).rows()]).toStrictEqual([{ time: 20, values: { a: 2 } }]);
    expect(frame.slice(21).length).toBe(1);
    expect(frame.indexAt(31)).toBe(3);
  });

  it('joins keep order, units and values', () => {
    fc.assert(
      fc.property(frames, frames, fc.constantFrom('inner', 'left', 'outer' as const), (left, other, how) => {
        const right = new Frame(other.time, { c: { data: other.column('a'), unit: 'K' } });
        const joined = left.join(right, { how });
        const leftTimes = new Set(left.time);
        const rightTimes = new Set(right.time);
        const expected = [...new Set([...left.time, ...right.time])]
          .filter((t) =>
            how === 'outer' ? true : how === 'left' ? leftTimes.has(t) : leftTimes.has(t) && rightTimes.has(t),
          )
          .sort((x, y) => x - y);
        expect([...joined.time]).toStrictEqual(expected);
        expect(joined.unit('a')).toBe(left.unit('a'));
        expect(joined.unit('c')).toBe('K');
        for (let i = 0; i < joined.length; i++) {
          const t = joined.time[i] as number;
          const value = leftTimes.has(t) ? (left.column('a')[left.indexAt(t)] as number) : Number.NaN;
          expect(joined.column('a')[i]).toBe(value);
        }
      }),
    );
  });

  it('converts a shared column when joining, and refuses it unless told', () => {
    const left = new Frame(Float64Array.of(1, 2), { p: { data: Float64Array.of(1000, NaN), unit: 'W' } });
    const right = new Frame(Float64Array.of(2, 3), { p: { data: Float64Array.of(2, 3), unit: 'kW' } });
    expect(code(() => left.join(right))).toBe('JOIN_CONFLICT');
    const joined = left.join(right, { conflict: 'left' });
    expect([...joined.column('p')]).toStrictEqual([1000, 2000, 3000]);
    const wrong = new Frame(Float64Array.of(2), { p: { data: Float64Array.of(2), unit: '°C' } });
    expect(code(() => left.join(wrong, { conflict: 'left' }))).toBe('UNIT_MISMATCH');
  });

  it('counts disorder and duplicates, merges or refuses them', () => {
    const rows = [
      { time: 3, values: { a: 3 } },
      { time: 1, values: { a: 1, b: 1 } },
      { time: 3, values: { a: null, b: 30 } },
      { time: 2, values: { a: Infinity } },
    ];
    let report = { disordered: 0, duplicates: 0 };
    const frame = Frame.fromRows(rows, {
      units: { a: 'kw' },
      onReport: (told) => {
        report = told;
      },
    });
    expect(report).toStrictEqual({ disordered: 2, duplicates: 1 });
    expect([...frame.time]).toStrictEqual([1, 2, 3]);
    expect([...frame.column('a')]).toStrictEqual([1, NaN, 3]);
    expect([...frame.column('b')]).toStrictEqual([1, NaN, 30]);
    expect(frame.unit('a')).toBe('kW');
    expect([...Frame.fromRows(rows, { duplicates: 'last' }).column('a')]).toStrictEqual([1, NaN, NaN]);
    expect([...Frame.fromRows(rows, { duplicates: 'first' }).column('b')]).toStrictEqual([1, NaN, NaN]);
    expect(code(() => Frame.fromRows(rows, { disorder: 'refuse' }))).toBe('FRAME_TIME_DISORDER');
    expect(code(() => Frame.fromRows(rows, { duplicates: 'refuse' }))).toBe('FRAME_DUPLICATE_TIME');
    expect(code(() => Frame.fromRows([{ time: NaN, values: {} }]))).toBe('FRAME_BAD_TIME');
  });

  it('any order of rows gives the same frame', () => {
    fc.assert(
      fc.property(
        frames.chain((frame) =>
          fc.tuple(fc.constant(frame), fc.shuffledSubarray([...frame.rows()], { minLength: frame.length })),
        ),
        ([frame, rows]) => {
          same(Frame.fromRows(rows, { units: { a: frame.unit('a') } }).select(...frame.names), frame);
        },
      ),
    );
  });

  it('refuses what is no frame', () => {
    const data = Float64Array.of(1, 2);
    expect(code(() => new Frame(Float64Array.of(1), { a: { data, unit: '1' } }))).toBe('FRAME_LENGTH_MISMATCH');
    expect(code(() => new Frame(Float64Array.of(2, 1), {}))).toBe('FRAME_TIME_DISORDER');
    expect(code(() => new Frame(Float64Array.of(1, 1), {}))).toBe('FRAME_TIME_DISORDER');
    expect(code(() => new Frame(Float64Array.of(NaN), {}))).toBe('FRAME_BAD_TIME');
    expect(code(() => new Frame(Float64Array.of(1, 2), {}).column('x'))).toBe('FRAME_UNKNOWN_COLUMN');
  });

  it('converts a column', () => {
    const frame = new Frame(Float64Array.of(1), { t: { data: Float64Array.of(300), unit: 'K' } });
    expect(frame.inUnit('t', '°C').column('t')[0]).toBeCloseTo(26.85, 10);
    expect(code(() => frame.inUnit('t', 'W'))).toBe('UNIT_MISMATCH');
    expect(frame.withColumn('x', Float64Array.of(1), 'W').names).toStrictEqual(['t', 'x']);
  });
});
