import { beforeAll, describe, expect, it } from 'vitest';
import { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import { pumps } from './rul/contract.js';
import type { LifeHistory } from './rul/history.js';
import { RULPredictor } from './rul-predictor.js';

const DAY = 86_400_000;

/** The code of the error that `work` ends with. */
function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

describe('RULPredictor', () => {
  let predictor: RULPredictor;
  const training = pumps(20, 1);
  const fresh = pumps(40, 2);
  const one = fresh[0] as (typeof fresh)[number];

  beforeAll(() => {
    predictor = new RULPredictor({ seed: 1, window: 15 }).fit(training);
  }, 60_000);

  it('knows at half life how long is left, within a fifth for most', () => {
    const errors = fresh.map(({ frame, failureTime }) => {
      const half = frame.sliceRows(0, Math.floor(frame.length / 2));
      const { time, median } = predictor.predict(half);
      const left = (failureTime - time) / DAY;
      return Math.abs((median as number) - left) / left;
    });
    expect(errors.sort((a, b) => a - b)[20]).toBeLessThan(0.2);
  });

  it('has intervals that hold what they promise', () => {
    let inside = 0;
    let all = 0;
    for (const { frame, failureTime } of fresh) {
      for (let rows = 15; rows < frame.length; rows += 8) {
        const { time, intervals } = predictor.predict(frame.sliceRows(0, rows));
        const { lower, upper } = intervals.find(({ level }) => level === 80) as { lower: number; upper: number };
        const left = (failureTime - time) / DAY;
        if (left >= lower && left <= upper) inside++;
        all++;
      }
    }
    expect(inside / all).toBeGreaterThan(0.72);
    expect(inside / all).toBeLessThan(0.9);
  });

  it('has intervals for rows, of which long lives have most, or for lives alike', () => {
    // Nothing shows how long an asset will last, but that four of five last 40 days and one 400.
    const random = new Random(4);
    const lives = Array.from({ length: 20 }, (_, i): LifeHistory => {
      const days = i % 5 === 0 ? 400 : 40;
      const time = Float64Array.from({ length: days }, (_, day) => day * DAY);
      const frame = new Frame(time, { hum: { data: time.map(() => random.normal()), unit: '1' } });
      return { assetId: String(i), frame, failureTime: days * DAY };
    });
    const [rows, alike] = (['rows', 'lives'] as const).map((intervalsFor) => {
      const own = new RULPredictor({ seed: 1, window: 12, intervalsFor }).fit(lives);
      return own.predict((lives[1] as LifeHistory).frame.sliceRows(0, 20)).median as number;
    });
    expect(alike).toBeLessThan(0.5 * (rows as number));
    expect(Math.abs((alike as number) - 20)).toBeLessThan(20);
    expect(codeOf(() => new RULPredictor({ intervalsFor: 'assets' as 'lives' }))).toBe('RUL_BAD_OPTION');
  }, 60_000);

  it('says so when there is too little to see', () => {
    expect(predictor.predict(one.frame.sliceRows(0, 2))).toMatchObject({
      median: null,
      confidence: null,
      reason: expect.stringContaining('so far there are 2'),
    });
    const unseen = new Frame(
      one.frame.time,
      new Map(one.frame.names.map((name) => [name, { data: one.frame.time.map(() => Number.NaN), unit: '1' }])),
    );
    expect(predictor.predict(unseen).reason).toContain('No channel');
  });

  it('takes the age of the evidence into account: what has lasted so long lasts, and at last nothing can be said', () => {
    const seen = one.frame.sliceRows(0, one.frame.length - 10);
    const last = seen.time.at(-1) as number;
    const at = (days: number) => predictor.predict(seen, { now: last + days * DAY });
    expect(at(0)).toEqual(predictor.predict(seen));
    expect(at(4).evidence).toEqual({ rows: seen.length, age: 4 });
    const [now, later] = [at(0).median as number, at(4).median as number];
    expect(later).toBeLessThan(now);
    expect(later).toBeGreaterThanOrEqual(now - 4);
    expect(at(400)).toMatchObject({ median: null, reason: expect.stringContaining('400 units old') });
  });

  it('looks only at what came after the last maintenance', () => {
    const since = one.frame.time[30] as number;
    expect(predictor.predict(one.frame, { since })).toEqual(predictor.predict(one.frame.sliceRows(30)));
  });

  it('gives the probabilities for the horizons that were asked for', () => {
    const asked = new RULPredictor({ horizons: [10, 3], window: 15 }).fit(training.slice(0, 12));
    const { failureWithin } = asked.predict(one.frame);
    expect(Object.keys(failureWithin ?? {})).toEqual(['3', '10']);
  });

  it('explains by the channel that wears, in numbers and in a sentence', () => {
    const explanation = predictor.explain(one.frame.sliceRows(0, one.frame.length - 5));
    expect(['vibration', 'flow']).toContain(explanation.byChannel[0]?.channel);
    expect(explanation.byChannel[0]?.contribution).toBeLessThan(0);
    expect(String(explanation)).toMatch(/^About .* days left, against .* takes .* over the last \d+ rows/);
    const byRows = explanation.byRows.reduce((sum, { contribution }) => sum + contribution, explanation.base);
    expect(byRows).toBeCloseTo(explanation.answer, 6);
  });

  it('counts in cycles, up to a cap that means "that long or longer"', () => {
    const cycles = training.slice(0, 10).map(({ assetId, frame }) => ({
      assetId,
      frame: new Frame(
        frame.time.map((t) => t / DAY),
        new Map([...frame.columns()]),
      ),
      failureTime: frame.length,
    }));
    const counted = new RULPredictor({ unit: 1, cap: 40, window: 15, seed: 1 }).fit(cycles);
    const { frame } = cycles[0] as (typeof cycles)[number];
    const { mean, intervals, failureWithin } = counted.predict(frame.sliceRows(0, 8));
    expect(mean).toBeGreaterThan(30);
    expect(mean).toBeLessThanOrEqual(40);
    expect(intervals.map(({ upper }) => upper)).toEqual([40, 40, 40]);
    expect(failureWithin?.[30]).toBeLessThan(0.3);
  });

  it('refuses histories that it cannot learn from', () => {
    const broken = new RULPredictor();
    expect(codeOf(() => broken.fit([]))).toBe('RUL_NO_HISTORIES');
    expect(codeOf(() => broken.fit([one]))).toBe('RUL_NO_HISTORIES');
    expect(codeOf(() => broken.fit([one, { ...one, failureTime: 0 }]))).toBe('RUL_BAD_HISTORY');
    const { failureTime: _, ...unfinished } = one;
    expect(codeOf(() => broken.fit([unfinished, unfinished]))).toBe('RUL_NO_FAILURES');
    expect(codeOf(() => broken.fit([one, unfinished]))).toBe('RUL_NO_FAILURES');
    const resets = [{ time: 5 * DAY }, { time: 4 * DAY }];
    expect(codeOf(() => broken.fit([one, { ...one, resets }]))).toBe('RUL_BAD_HISTORY');
    expect(codeOf(() => new RULPredictor({ channels: ['oil'] }).fit(training))).toBe('FRAME_UNKNOWN_COLUMN');
    const other = { ...one, frame: one.frame.select('load') };
    const strange = { ...one, frame: one.frame.select('flow') };
    expect(codeOf(() => broken.fit([other, strange]))).toBe('RUL_NO_CHANNELS');
    expect(codeOf(() => broken.predict(one.frame))).toBe('NOT_FITTED');
    expect(codeOf(() => new RULPredictor({ window: 1 }))).toBe('RUL_BAD_OPTION');
    expect(codeOf(() => new RULPredictor({ engine: 'oracle' as never }))).toBe('RUL_UNKNOWN_ENGINE');
    expect(codeOf(() => new RULPredictor({ engine: 'lstm' }).fit(training))).toBe('RUL_NEEDS_ASYNC');
  });

  it('refuses cycles that go backwards', () => {
    const time = Float64Array.of(1, 2, 3, 2, 4);
    expect(codeOf(() => new Frame(time, { a: { data: time.slice(), unit: '1' } }))).toBe('FRAME_TIME_DISORDER');
  });

  it('stops when it is told to', () => {
    const stop = new AbortController();
    const begun = new RULPredictor();
    expect(codeOf(() => begun.fit(training, { signal: stop.signal, onProgress: () => stop.abort() }))).toBe('ABORTED');
    expect(codeOf(() => begun.predict(one.frame))).toBe('NOT_FITTED');
  });
});

describe('histories of assets that were maintained', () => {
  const whole = pumps(24, 5);

  it('are taken apart into lives: one that ended early, one that failed and was repaired, one that goes on', () => {
    // One long history of three pumps, one after the other on the same place.
    const joined = (list: readonly LifeHistory[], ends: readonly boolean[]) => {
      let start = 0;
      const parts = list.map(({ frame }) => {
        const from = start;
        start += (frame.length + 1) * DAY;
        return { frame, from };
      });
      const time = Float64Array.from(parts.flatMap(({ frame, from }) => [...frame.time].map((t) => t + from)));
      const columns = new Map(
        (list[0] as LifeHistory).frame.names.map((name) => [
          name,
          { data: Float64Array.from(parts.flatMap(({ frame }) => [...frame.column(name)])), unit: '1' },
        ]),
      );
      return {
        assetId: 'place',
        frame: new Frame(time, columns),
        resets: parts.slice(1).map(({ from }, i) => ({ time: from, failed: ends[i] === true })),
      };
    };
    const places = Array.from({ length: 8 }, (_, i) => joined(whole.slice(3 * i, 3 * i + 3), [true, i % 2 === 0]));
    const predictor = new RULPredictor({ window: 12, engine: 'weibull', seed: 2 }).fit(places);
    const errors = pumps(12, 9).map(({ frame, failureTime }) => {
      const seen = frame.sliceRows(0, Math.floor(0.8 * frame.length));
      const left = (failureTime - (seen.time.at(-1) as number)) / DAY;
      return Math.abs((predictor.predict(seen).median as number) - left) / left;
    });
    expect(errors.sort((a, b) => a - b)[6]).toBeLessThan(0.5);
  });
});

describe('several failure modes', () => {
  it('are told apart by what they show, as competing risks', () => {
    const random = new Random(4);
    const assets = (count: number, seed: number) =>
      pumps(count, seed).map((history, i) => {
        const fault = i % 3 === 0 ? 'bearing' : 'seal';
        // The bearing shows in the vibration, the seal in the flow.
        const quiet = (name: string, level: number) =>
          history.frame.column(name).map(() => level + 0.2 * random.normal());
        const frame =
          fault === 'bearing'
            ? history.frame.withColumn('flow', quiet('flow', 10), '1')
            : history.frame.withColumn('vibration', quiet('vibration', 1), 'g');
        return { ...history, frame, fault };
      });
    const predictor = new RULPredictor({ window: 12, seed: 1 }).fit(assets(18, 6));
    const judged = assets(18, 7).map(({ frame, fault }) => ({
      fault,
      said: predictor.predict(frame.sliceRows(0, Math.floor(0.85 * frame.length))),
    }));
    const right = judged.filter(({ fault, said }) => said.fault === fault);
    expect(right.length).toBeGreaterThanOrEqual(16);
    for (const { said } of judged)
      expect(said.faults.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    const again = RULPredictor.fromJSON(JSON.parse(JSON.stringify(predictor)));
    const { frame } = assets(1, 8)[0] as { frame: Frame };
    expect(again.predict(frame)).toEqual(predictor.predict(frame));
  });
});

describe('operating regimes', () => {
  /** The same pumps, run at three speeds that shift every channel by far more than wear does. */
  const driven = (count: number, seed: number) => {
    const random = new Random(seed);
    return pumps(count, seed).map((history) => {
      const speed = history.frame.time.map(() => random.int(3));
      const shifted = (name: string) =>
        history.frame.column(name).map((value, i) => value + 40 * ((speed[i] as number) - 1));
      return {
        ...history,
        frame: history.frame
          .withColumn('vibration', shifted('vibration'), 'g')
          .withColumn('flow', shifted('flow'), '1')
          .withColumn(
            'speed',
            speed.map((s) => s + 0.01 * random.normal()),
            '1',
          ),
      };
    });
  };
  const error = (predictor: RULPredictor, fresh: ReturnType<typeof driven>) =>
    fresh
      .map(({ frame, failureTime }) => {
        const seen = frame.sliceRows(0, Math.floor(0.7 * frame.length));
        const left = (failureTime - (seen.time.at(-1) as number)) / DAY;
        return Math.abs((predictor.predict(seen).median as number) - left) / left;
      })
      .sort((a, b) => a - b)[fresh.length >> 1] as number;

  it('are found, named or not, and taken out of the channels', () => {
    const training = driven(14, 11);
    const fresh = driven(20, 12);
    const named = new RULPredictor({ window: 12, settings: ['speed'], seed: 1 }).fit(training);
    const found = new RULPredictor({ window: 12, seed: 1 }).fit(training);
    expect(named.regimes).toBe(3);
    expect(named.channels).not.toContain('speed');
    expect(found.regimes).toBe(3);
    expect(error(named, fresh)).toBeLessThan(0.25);
    expect(error(found, fresh)).toBeLessThan(0.25);
  });

  it('are one where the settings are but noise', () => {
    const random = new Random(3);
    const noisy = pumps(12, 3).map((history) => ({
      ...history,
      frame: history.frame.withColumn(
        'speed',
        history.frame.time.map(() => random.normal()),
        '1',
      ),
    }));
    expect(new RULPredictor({ window: 12, settings: ['speed'], engine: 'wiener' }).fit(noisy).regimes).toBe(1);
  });
});
