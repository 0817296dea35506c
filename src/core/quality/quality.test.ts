import { describe, expect, it } from 'vitest';
import { Frame } from '../frame.js';
import { Random } from '../random.js';
import { type ChannelExpectation, checkQuality } from './check.js';
import { flagNames, QualityFlag, type QualityFlagName, UNUSABLE } from './flags.js';
import { QualityStream } from './stream.js';

const STEP = 900_000;
const DAY = 96;

/** Days of clear-sky irradiance in 15-minute steps, from 1 January, noon at 12 UTC. */
function clearSky(days: number): Float64Array {
  return Float64Array.from(
    { length: days * DAY },
    (_, i) => 1000 * Math.max(0, Math.sin((Math.PI * ((i % DAY) - 24)) / 48)),
  );
}

/** Power of a plant under clouds that come and go over hours, with noise. */
function cloudy(clear: Float64Array, seed: number): Float64Array {
  const random = new Random(seed);
  let cover = 0;
  return clear.map((value) => {
    cover = 0.9 * cover + 0.1 * random.normal();
    return value * Math.min(1, Math.max(0.1, 0.8 + cover)) * (1 + 0.01 * random.normal());
  });
}

function frameOf(columns: Record<string, Float64Array>, unit = 'W/m²', step = STEP): Frame {
  const length = Object.values(columns)[0]?.length ?? 0;
  const start = Date.UTC(2026, 0, 1);
  return new Frame(
    Float64Array.from({ length }, (_, i) => start + i * step),
    Object.fromEntries(Object.entries(columns).map(([name, data]) => [name, { data, unit }])),
  );
}

function rowsWith(data: Float64Array, flag: QualityFlagName, known: ChannelExpectation = {}): number[] {
  const flags = checkQuality(frameOf({ x: data }), { channels: { x: known } }).flags.get('x') ?? new Uint16Array();
  return [...flags.keys()].filter((i) => ((flags[i] as number) & QualityFlag[flag]) !== 0);
}

function findings(columns: Record<string, Float64Array>, channels: Record<string, ChannelExpectation>, unit = 'W/m²') {
  return checkQuality(frameOf(columns, unit), { channels }).findings;
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('row flags', () => {
  it('healthy telemetry of a cloudy month has hardly any', () => {
    for (const seed of [1, 2, 3]) {
      const flags = checkQuality(frameOf({ x: cloudy(clearSky(30), seed) })).flags.get('x') ?? new Uint16Array();
      expect(flags.filter((bits) => bits !== 0).length).toBeLessThan(5);
    }
  });

  it('missing and out of range', () => {
    const data = cloudy(clearSky(5), 1);
    data[10] = Number.NaN;
    data[50] = 5000;
    expect(rowsWith(data, 'missing')).toStrictEqual([10]);
    expect(rowsWith(data, 'outOfRange', { min: -20, max: 2000 })).toStrictEqual([50]);
  });

  it('stale values, but not the night and not a ceiling', () => {
    const data = cloudy(clearSky(10), 1);
    data.fill(data[240] as number, 240, 300);
    expect(rowsWith(data, 'stale')).toStrictEqual(rows(240, 300));
    expect(
      rowsWith(
        clearSky(10).map((value) => Math.min(value, 600)),
        'stale',
      ),
    ).toStrictEqual([]);
    expect(
      rowsWith(
        clearSky(10).map((value) => value - 3),
        'stale',
      ),
    ).toStrictEqual([]);
  });

  it('lines between two values, without their ends', () => {
    const data = cloudy(clearSky(10), 1);
    for (let i = 231; i < 300; i++)
      data[i] = (data[230] as number) + (((data[300] as number) - (data[230] as number)) * (i - 230)) / 70;
    expect(rowsWith(data, 'interpolated')).toStrictEqual(rows(231, 300));
  });

  it('outliers up and down, by day and by night', () => {
    const data = cloudy(clearSky(20), 4);
    const spikes = [100, 240, 530, 1010, 1500];
    for (const i of spikes) data[i] = (data[i] as number) + ((data[i] as number) > 500 ? -450 : 600);
    expect(rowsWith(data, 'outlier')).toStrictEqual(spikes);
  });

  it('gaps', () => {
    const frame = frameOf({ x: cloudy(clearSky(5), 1) });
    const gappy = Frame.fromRows([...frame.rows()].filter((_, i) => i < 100 || i >= 130));
    const flags = checkQuality(gappy).flags.get('x') ?? new Uint16Array();
    expect([...flags.keys()].filter((i) => (flags[i] as number) & QualityFlag.gap)).toStrictEqual([100]);
  });

  it('clipping', () => {
    const clipped = clearSky(10).map((value) => Math.min(value, 700));
    expect(rowsWith(clipped, 'clipping')).toStrictEqual([...clipped.keys()].filter((i) => clipped[i] === 700));
    expect(rowsWith(cloudy(clearSky(10), 2), 'clipping')).toStrictEqual([]);
  });

  it('an offset by night, and irradiance above a clear sky', () => {
    const clear = clearSky(10);
    const offset = clear.map((value) => value + 15);
    const report = checkQuality(frameOf({ x: offset, clear }), { channels: { x: { expected: 'clear' } } });
    expect(report.findings).toMatchObject([{ code: 'NIGHT_OFFSET', channel: 'x' }]);
    expect(report.findings[0]?.value).toBeCloseTo(15, 6);
    expect(checkQuality(frameOf({ x: offset })).findings).toMatchObject([{ code: 'NIGHT_OFFSET' }]);
    const bright = clear.slice();
    bright[48] = 1500;
    const flags = checkQuality(frameOf({ x: bright, clear }), {
      channels: { x: { expected: 'clear', clearSky: true } },
    }).flags;
    expect((flags.get('x')?.[48] as number) & QualityFlag.aboveClearSky).not.toBe(0);
    expect(flags.has('clear')).toBe(false);
  });
});

describe('findings', () => {
  const clear = clearSky(60);
  const shifted = (lag: number, from = 0, to = clear.length) =>
    cloudy(clear, 3).map((value, i, data) => (i >= from && i < to ? (data[i - lag] ?? 0) : value));

  it('none on healthy telemetry', () => {
    expect(findings({ x: cloudy(clear, 3), clear }, { x: { expected: 'clear' } })).toStrictEqual([]);
  });

  it('a wrong time zone, summer time and a clock that jumped', () => {
    const known = { x: { expected: 'clear' } };
    expect(findings({ x: shifted(28), clear }, known)).toMatchObject([{ code: 'TIME_ZONE', value: 7 * 3_600_000 }]);
    const summer = findings({ x: shifted(4, 30 * DAY), clear }, known);
    expect(summer).toMatchObject([{ code: 'DAYLIGHT_SAVING', value: 3_600_000 }]);
    expect(Math.abs((summer[0]?.from ?? 0) - Date.UTC(2026, 0, 31))).toBeLessThanOrEqual(86_400_000);
    expect(findings({ x: shifted(-3, 20 * DAY, 27 * DAY), clear }, known)).toMatchObject([
      { code: 'CLOCK_SHIFT', value: -45 * 60_000 },
    ]);
  });

  it('units that were mixed up', () => {
    const known = { x: { expected: 'clear' } };
    expect(findings({ x: cloudy(clear, 3).map((value) => value / 1000), clear }, known, 'W')).toMatchObject([
      { code: 'UNIT_MIX_UP', other: 'kW' },
    ]);
    const air = clear.map((value) => 5 + value / 60);
    expect(findings({ x: air.map((value) => value * 1.8 + 32), air }, { x: { expected: 'air' } }, '°C')).toMatchObject([
      { code: 'UNIT_MIX_UP', other: '°F' },
    ]);
  });

  it('channels that were swapped', () => {
    const a = cloudy(clear, 3);
    const b = clear.map((value, i) => 0.4 * (clear[i + 12] ?? 0) + 0.2 * value);
    const known = { first: { expected: 'a' }, second: { expected: 'b' } };
    const codes = (first: Float64Array, second: Float64Array) =>
      findings({ first, second, a, b }, known).map(({ code }) => code);
    expect(codes(b, a)).toContain('SWAPPED_CHANNELS');
    expect(codes(a, b)).not.toContain('SWAPPED_CHANNELS');
  });

  it('a sensor that drifts', () => {
    const long = clearSky(365);
    const drifting = cloudy(long, 5).map((value, i) => value * (1 - (0.2 * i) / long.length));
    const [finding] = findings({ x: drifting, long }, { x: { expected: 'long' } });
    expect(finding?.code).toBe('SENSOR_DRIFT');
    expect(finding?.value).toBeLessThan(-0.1);
  });

  it('refuses columns that are not there', () => {
    expect(() => findings({ x: clear }, { x: { expected: 'y' } })).toThrow(/no column "y"/);
    expect(() => findings({ x: clear }, { z: {} })).toThrow(/no column "z"/);
  });
});

describe('QualityStream', () => {
  it('flags as readings come', () => {
    const data = cloudy(clearSky(10), 1);
    data.fill(data[240] as number, 240, 260);
    data[530] = (data[530] as number) + 700;
    const stream = new QualityStream({ channels: { x: { max: 2000 } } });
    const seen: [number, string[]][] = [];
    let time = 0;
    data.forEach((value, i) => {
      if (i === 700) time += 10 * STEP;
      time += STEP;
      const bits = stream.update({ time, values: { x: i === 800 ? 3000 : value } }).x ?? 0;
      if (bits !== 0) seen.push([i, flagNames(bits)]);
    });
    expect(seen.filter(([, names]) => names.includes('stale')).map(([i]) => i)).toStrictEqual(rows(245, 260));
    expect(seen.filter(([, names]) => names.includes('gap')).map(([i]) => i)).toStrictEqual([700]);
    expect(seen.filter(([, names]) => names.includes('outOfRange')).map(([i]) => i)).toStrictEqual([800]);
    expect(seen.filter(([, names]) => names.includes('outlier')).map(([i]) => i)).toContain(530);
    expect(seen.length).toBeLessThan(30);
    expect(stream.update({ time: time + STEP, values: {} })).toStrictEqual({ x: QualityFlag.missing });
    expect(stream.update({ time, values: { x: Number.NaN } })).toStrictEqual({ x: QualityFlag.missing });
  });

  it('knows which flags spoil a value', () => {
    expect(UNUSABLE & QualityFlag.clipping).toBe(0);
    expect(flagNames(UNUSABLE)).toContain('stale');
  });
});
