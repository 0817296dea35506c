import { describe, expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import { RULPredictor } from '../rul-predictor.js';
import { pumps } from './contract.js';
import { Preparation } from './course.js';
import { livesOf } from './history.js';
import { findModes } from './learn-modes.js';
import { waysOf } from './modes.js';

const DAY = 86_400_000;

/** Mean absolute error at half life over the remaining life. */
function halfLifeError(predictor: RULPredictor, fresh: ReturnType<typeof pumps>): number {
  const errors = fresh.map(({ frame, failureTime }) => {
    const { median, time } = predictor.predict(frame.sliceRows(0, frame.length >> 1));
    const left = (failureTime - time) / DAY;
    return Math.abs((median ?? Number.NaN) - left) / left;
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

describe('the engine stretch', () => {
  it('foretells lives that go slower than any of the library by their shape', () => {
    const training = pumps(30, 1, 80);
    const fresh = pumps(12, 2, 200).filter(({ frame }) => frame.length > 100);
    const [stretch, similarity] = (['stretch', 'similarity'] as const).map((engine) =>
      halfLifeError(new RULPredictor({ engine, window: 12, seed: 1 }).fit(training), fresh),
    );
    expect(stretch).toBeLessThan(0.35);
    expect(stretch as number).toBeLessThan(0.7 * (similarity as number));
  });

  it('follows each fault along its own direction, from about nothing to about one', () => {
    const random = new Random(4);
    const histories = Array.from({ length: 16 }, (_, i) => {
      const days = 60 + 4 * i;
      const time = Float64Array.from({ length: days }, (_, day) => day * DAY);
      const channel = (fault: number) => ({
        data: time.map((_, day) => (i % 2 === fault ? -0.3 * (day / days) ** 2 : 0) + 0.01 * random.normal()),
        unit: '1',
      });
      return {
        assetId: String(i),
        frame: new Frame(time, { seal: channel(0), bearing: channel(1) }),
        failureTime: days * DAY,
        fault: i % 2 === 0 ? 'seal' : 'bearing',
      };
    });
    const options = { unit: DAY, settings: [], settingsGiven: true, window: 30, cap: Number.POSITIVE_INFINITY };
    const lives = livesOf(histories);
    const preparation = Preparation.fit(lives, ['seal', 'bearing'], options, new Random(1));
    const courses = lives.map((life) => preparation.life(life));
    const { found, modeOf } = findModes(courses, 360);
    expect(new Set(modeOf).size).toBe(2);
    courses.forEach((course, i) => {
      waysOf(course, found).forEach(({ smooth }, mode) => {
        expect(Math.abs(smooth[6] as number)).toBeLessThan(0.25);
        expect(Math.abs((smooth.at(-1) as number) - (mode === modeOf[i] ? 1 : 0))).toBeLessThan(0.25);
      });
    });
  });

  it('takes a faint trace along one way for noise along all others', () => {
    const random = new Random(6);
    // Bearings wear out within weeks, seals within a year.
    const asset = (i: number, fault: 'seal' | 'bearing', days: number) => {
      const time = Float64Array.from({ length: days }, (_, day) => day * DAY);
      const channel = (of: string) => ({
        data: time.map((_, day) => (of === fault ? -0.3 * (day / days) ** 2 : 0) + 0.01 * random.normal()),
        unit: '1',
      });
      const frame = new Frame(time, { seal: channel('seal'), bearing: channel('bearing') });
      return { assetId: `${fault} ${i}`, frame, failureTime: days * DAY, fault };
    };
    const fleet = (count: number) =>
      Array.from({ length: count }, (_, i) => [
        asset(i, 'bearing', 30 + (i % 7) * 3),
        asset(i, 'seal', 280 + i),
      ]).flat();
    const options = { engine: 'stretch', window: 12, baseline: 0, settings: [], seed: 1 } as const;
    const predictor = new RULPredictor({ ...options, intervalsFor: 'lives' }).fit(fleet(24));
    const told = fleet(8)
      .filter(({ fault }) => fault === 'seal')
      .map(({ frame }) => predictor.predict(frame.sliceRows(0, 80)).median as number);
    expect(told.filter((median) => Math.abs(median / 205 - 1) < 0.3).length).toBeGreaterThanOrEqual(7);
  });
});
