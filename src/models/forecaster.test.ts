import { describe, expect, it } from 'vitest';
import type { TwinergyError } from '../core/errors.js';
import { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import { Forecaster } from './forecaster.js';
import { engineNames } from './forecasters/registry.js';

const HOUR = 36e5;
const START = Date.UTC(2026, 2, 1);

/** A bell over the day, 0 at night. */
function clearSky(time: number): number {
  const hour = (time / HOUR) % 24;
  return Math.max(0, 5000 * Math.sin((Math.PI * (hour - 6)) / 12));
}

/** Days of a plant whose clearness goes up and down with the weather. */
function plant(days: number, seed = 1, holes = false): Frame {
  const random = new Random(seed);
  const n = days * 24;
  const time = Float64Array.from({ length: n }, (_, i) => START + i * HOUR);
  let index = 0.7;
  const clear = Float64Array.from(time, (t) => clearSky(t + HOUR / 2));
  const power = clear.map((c, i) => {
    if (i % 3 === 0) index = Math.min(1, Math.max(0.1, 0.7 + 0.85 * (index - 0.7) + 0.12 * random.normal()));
    return holes && random.next() < 0.05 ? Number.NaN : c * index;
  });
  const temperature = time.map((_, i) => 10 + (power[i] as number) / 500);
  return new Frame(time, {
    acPower: { data: power, unit: 'W' },
    clear: { data: clear, unit: 'W' },
    airTemperature: { data: temperature, unit: '°C' },
  });
}

const task = { target: 'acPower', horizon: '6h', clearSky, max: 5000 } as const;

describe('Forecaster', () => {
  it('takes the clear sky of the day before where its column ends with the history', () => {
    const frame = plant(24);
    const short = new Forecaster({ engine: 'smart-persistence', seed: 1 }).fit(frame, {
      ...task,
      clearSky: 'clear',
      horizon: '24h',
    });
    const next = plant(25).select('clear');
    const whole = new Forecaster({ engine: 'smart-persistence', seed: 1 }).fit(
      frame.select('acPower').join(next, { how: 'outer' }),
      { ...task, clearSky: 'clear', horizon: '24h' },
    );
    expect(short.predict().toCsv()).toBe(whole.predict().toCsv());
    expect(short.predict().column('upper95')[23]).toBe(0);
  });

  it.each(engineNames.filter((name) => !['lstm', 'transformer', 'ml-random-forest'].includes(name)))(
    '%s: forecasts, keeps its bounds, and is the same after a round trip through JSON',
    (engine) => {
      const frame = plant(24, 1, true);
      const forecaster = new Forecaster({ engine, seed: 1, timeBudget: 5 }).fit(frame, task);
      const forecast = forecaster.predict();
      expect(forecast.length).toBe(6);
      expect(forecast.names).toEqual([
        'mean',
        'median',
        'lower50',
        'upper50',
        'lower80',
        'upper80',
        'lower95',
        'upper95',
      ]);
      expect(forecast.unit('mean')).toBe('W');
      expect(forecast.time[0]).toBe((frame.time[frame.length - 1] as number) + HOUR);
      for (const from of [START + 20 * 24 * HOUR + 9 * HOUR, START + 21 * 24 * HOUR]) {
        const rows = forecaster.predict({ from, history: frame });
        for (const { time, values } of rows.rows()) {
          const order = ['lower95', 'lower80', 'lower50', 'median', 'upper50', 'upper80', 'upper95'].map(
            (name) => values[name] as number,
          );
          expect(order.every(Number.isFinite)).toBe(true);
          expect([...order].sort((a, b) => a - b)).toEqual(order);
          expect(order[0]).toBeGreaterThanOrEqual(0);
          expect(order[6]).toBeLessThanOrEqual(5000);
          if (clearSky(time + HOUR / 2) === 0) expect(order[6]).toBe(0);
        }
      }
      const copy = Forecaster.fromJSON(JSON.parse(JSON.stringify(forecaster)), { clearSky });
      expect([...copy.predict().rows()]).toEqual([...forecast.rows()]);
      const again = new Forecaster({ engine, seed: 1, timeBudget: 5 }).fit(frame, task);
      expect([...again.predict().rows()]).toEqual([...forecast.rows()]);
    },
  );

  it('never looks at what lies after the origin', () => {
    const frame = plant(30);
    const from = START + 27 * 24 * HOUR + 10 * HOUR;
    const forecaster = new Forecaster({ engine: 'feature-linear' }).fit(frame.slice(0, from), {
      ...task,
      past: ['airTemperature'],
    });
    expect([...forecaster.predict({ history: frame, from }).rows()]).toEqual([
      ...forecaster.predict({ history: frame.slice(0, from), from }).rows(),
    ]);
  });

  it('has intervals that hold what they promise, and beats the day before', () => {
    const report = new Forecaster({ engine: 'feature-linear', levels: [80, 95] }).backtest(plant(120, 3), {
      ...task,
      folds: 3,
    });
    expect(report.coverage[80]).toBeGreaterThan(74);
    expect(report.coverage[80]).toBeLessThan(86);
    expect(report.coverage[95]).toBeGreaterThan(91);
    expect(report.baseline).toBe('seasonal-naive');
    expect(report.skill).toBeGreaterThan(0.2);
    expect(report.byLead).toHaveLength(6);
    expect(report.crps).toBeLessThan(report.mae);
    expect(report.mase).toBeLessThan(1);
  });

  it('goes on from readings as they come', () => {
    const frame = plant(30);
    const cut = START + 28 * 24 * HOUR;
    const forecaster = new Forecaster({ engine: 'linear' }).fit(frame.slice(0, cut), task);
    for (const { time, values } of frame.slice(cut).rows()) {
      expect(forecaster.update({ assetId: 'a', time, values })).toBe(true);
    }
    expect(forecaster.update({ assetId: 'a', time: START, values: { acPower: 1 } })).toBe(false);
    const ahead = forecaster.predict({ horizon: '3h' });
    expect(ahead.length).toBe(3);
    expect([...ahead.column('mean')]).toEqual([
      ...forecaster.predict({ horizon: '3h', history: frame }).column('mean'),
    ]);
  });

  it('takes known columns from rows after the history, from a frame, or from functions', () => {
    const frame = plant(40);
    const cut = START + 39 * 24 * HOUR + 8 * HOUR;
    const power = frame.column('acPower').map((value, i) => ((frame.time[i] as number) < cut ? value : Number.NaN));
    const open = frame.withColumn('acPower', power, 'W');
    const forecaster = new Forecaster({ engine: 'feature-linear' }).fit(open, { ...task, known: ['clear'] });
    const rows = forecaster.predict();
    expect(rows.time[0]).toBe(cut);
    const given = forecaster.predict({ history: frame.slice(0, cut), known: frame.select('clear') });
    given.column('mean').forEach((value, h) => {
      expect(value).toBeCloseTo(rows.column('mean')[h] as number, 6);
    });
    const functions = new Forecaster({ engine: 'feature-linear' }).fit(open, {
      ...task,
      covariates: { clear: (time) => clearSky(time + HOUR / 2) },
    });
    expect(functions.predict().column('mean')[2]).toBeCloseTo(rows.column('mean')[2] as number, -2);
    expect(() => Forecaster.fromJSON(functions.toJSON())).toThrow(/clearSky, clear/);
  });

  it('learns one set of weights for a fleet and forecasts a plant that it has not seen', () => {
    const fleet = [1, 2, 3].map((seed) => ({ frame: plant(30, seed), static: { tilt: 10 * seed } }));
    const forecaster = new Forecaster({ engine: 'feature-linear' }).fit(fleet, task);
    const other = forecaster.predict({ history: { frame: plant(30, 9), static: { tilt: 25 } } });
    expect(other.column('mean').every(Number.isFinite)).toBe(true);
  });

  it('draws paths whose spread is that of the forecast', () => {
    const frame = plant(60).slice(0, START + 50 * 24 * HOUR + 9 * HOUR);
    const forecaster = new Forecaster({ engine: 'feature-linear', levels: [80] }).fit(frame, task);
    const paths = forecaster.samplePaths(800, { seed: 4 });
    const forecast = forecaster.predict();
    const inside = paths.names.filter((name) => {
      const value = paths.column(name)[1] as number;
      return value >= (forecast.column('lower80')[1] as number) && value <= (forecast.column('upper80')[1] as number);
    });
    expect(inside.length / 800).toBeCloseTo(0.8, 1);
  });

  it('says which inputs count', () => {
    const forecaster = new Forecaster({ engine: 'feature-linear' }).fit(plant(30), {
      ...task,
      past: ['airTemperature'],
    });
    const influence = forecaster.explain();
    expect(influence.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(influence.map(({ input }) => input)).toContain('airTemperature now');
  });

  it('refuses what cannot be, and says why', () => {
    const code = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        return (error as TwinergyError).code;
      }
      return 'none';
    };
    const frame = plant(30);
    expect(code(() => new Forecaster({ levels: [120] }))).toBe('FORECAST_BAD_OPTION');
    expect(code(() => new Forecaster({ engine: 'magic' as 'auto' }))).toBe('FORECAST_UNKNOWN_ENGINE');
    expect(code(() => new Forecaster().predict())).toBe('NOT_FITTED');
    expect(code(() => new Forecaster().fit(frame, { target: 'nope' }))).toBe('FRAME_UNKNOWN_COLUMN');
    expect(code(() => new Forecaster().fit(frame, { ...task, horizon: '6 moons' }))).toBe('BAD_DURATION');
    expect(code(() => new Forecaster({ engine: 'smart-persistence' }).fit(frame, { target: 'acPower' }))).toBe(
      'FORECAST_NO_CLEAR_SKY',
    );
    const short = new Forecaster({ engine: 'linear' });
    expect(() => short.fit(plant(2), task)).toThrow(/48 steps \(2\.0 days\).*needs at least \d+ \(\d\.\d days\)/);
    const fitted = new Forecaster({ engine: 'persistence' }).fit(frame, task);
    expect(code(() => fitted.predict({ horizon: '2d' }))).toBe('FORECAST_HORIZON_TOO_LONG');
    expect(code(() => fitted.backtest(frame, { from: 2 }))).toBe('FORECAST_BAD_OPTION');
  });

  it('takes an engine of your own', () => {
    const forecaster = new Forecaster({
      engine: {
        name: 'mine',
        fit: () => ({ lookback: 1, predictInto: (_series, _origin, out) => out.fill(7), toJSON: () => null }),
      },
    }).fit(plant(30), { target: 'acPower' });
    expect([...forecaster.predict().column('mean')]).toEqual([7, 7, 7, 7, 7, 7]);
  });

  it('takes the forest of ml-random-forest', async () => {
    const forecaster = await new Forecaster({ engine: 'ml-random-forest' }).fitAsync(plant(12), {
      ...task,
      horizon: '2h',
    });
    const copy = Forecaster.fromJSON(JSON.parse(JSON.stringify(forecaster)), { clearSky });
    expect([...copy.predict().rows()]).toEqual([...forecaster.predict().rows()]);
  });

  it('can be aborted, and then keeps what it had', async () => {
    const abort = new AbortController();
    const forecaster = new Forecaster({ engine: 'gradient-boosting' });
    const work = forecaster.fitAsync(plant(30), { ...task, signal: abort.signal, onProgress: () => abort.abort() });
    await expect(work).rejects.toThrow(/aborted/);
    expect(forecaster.fitted).toBe(false);
  });
});
