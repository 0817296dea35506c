import { beforeAll, describe, expect, it } from 'vitest';
import { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import type { LifeHistory } from './rul/history.js';
import { RULPredictor } from './rul-predictor.js';

const DAY = 86_400_000;

/** Assets whose wear grows with a rate of their own and shows with noise; they fail at 1. */
function fleet(count: number, seed: number): LifeHistory[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const rate = random.uniform(0.004, 0.012);
    const days = Math.ceil(1 / rate);
    const time = Float64Array.from({ length: days }, (_, day) => day * DAY);
    const wear = time.map((_, day) => (day * rate) ** 2 + 0.02 * random.normal());
    const load = time.map(() => random.normal());
    return {
      assetId: `pump-${i}`,
      frame: new Frame(time, { vibration: { data: wear, unit: 'g' }, load: { data: load, unit: '1' } }),
      failureTime: days * DAY,
    };
  });
}

describe('RULPredictor', () => {
  let predictor: RULPredictor;
  const training = fleet(60, 1);
  const fresh = fleet(60, 2);

  beforeAll(() => {
    predictor = new RULPredictor({ seed: 1 }).fit(training);
  });

  it('knows at half life how long is left, within a fifth for most', () => {
    const errors = fresh.map(({ frame, failureTime }) => {
      const half = frame.sliceRows(0, Math.floor(frame.length / 2));
      const { time, median } = predictor.predict(half);
      const left = (failureTime - time) / DAY;
      return Math.abs((median as number) - left) / left;
    });
    expect(errors.sort()[30]).toBeLessThan(0.2);
  });

  it('has intervals that hold what they promise', () => {
    let inside = 0;
    let all = 0;
    for (const { frame, failureTime } of fresh) {
      for (let rows = 20; rows < frame.length; rows += 10) {
        const { time, intervals } = predictor.predict(frame.sliceRows(0, rows));
        const { lower, upper } = intervals.find(({ level }) => level === 80) as { lower: number; upper: number };
        const left = (failureTime - time) / DAY;
        if (left >= lower && left <= upper) inside++;
        all++;
      }
    }
    expect(inside / all).toBeGreaterThan(0.74);
    expect(inside / all).toBeLessThan(0.9);
  });

  it('has probabilities of failure that grow with time, and nested intervals', () => {
    const { frame } = fresh[0] as LifeHistory;
    const { failureWithin, intervals, median } = predictor.predict(frame.sliceRows(0, frame.length - 10));
    expect(failureWithin?.[7]).toBeLessThanOrEqual(failureWithin?.[14] as number);
    expect(failureWithin?.[14]).toBeLessThanOrEqual(failureWithin?.[30] as number);
    intervals.forEach(({ lower, upper }, i) => {
      expect(lower).toBeLessThanOrEqual(median as number);
      expect(upper).toBeGreaterThanOrEqual(median as number);
      const wider = intervals[i + 1];
      if (wider) expect(wider.lower <= lower && wider.upper >= upper).toBe(true);
    });
  });

  it('says so when there is too little to see', () => {
    const { frame } = fresh[0] as LifeHistory;
    expect(predictor.predict(frame.sliceRows(0, 2))).toMatchObject({
      median: null,
      reason: expect.stringContaining('2 rows'),
    });
  });

  it('explains by the channel that wears', () => {
    const { frame } = fresh[0] as LifeHistory;
    expect(predictor.explain(frame.sliceRows(0, frame.length - 5))[0]?.feature).toContain('vibration');
  });

  it('comes back from JSON to the bit', () => {
    const { frame } = fresh[3] as LifeHistory;
    const again = RULPredictor.fromJSON(JSON.parse(JSON.stringify(predictor)));
    expect(again.predict(frame)).toEqual(predictor.predict(frame));
  });

  it('refuses histories that it cannot learn from', () => {
    const one = training[0] as LifeHistory;
    const codeOf = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        return (error as { code?: string }).code;
      }
      return undefined;
    };
    expect(codeOf(() => new RULPredictor().fit([one]))).toBe('RUL_NO_HISTORIES');
    expect(codeOf(() => new RULPredictor().fit([one, { ...one, failureTime: 0 }]))).toBe('RUL_BAD_HISTORY');
    expect(codeOf(() => new RULPredictor({ channels: ['oil'] }).fit(training))).toBe('FRAME_UNKNOWN_COLUMN');
    expect(codeOf(() => new RULPredictor().predict(one.frame))).toBe('NOT_FITTED');
    expect(codeOf(() => new RULPredictor({ window: 1 }))).toBe('RUL_BAD_OPTION');
  });
});
