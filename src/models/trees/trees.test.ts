import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import type { Matrix } from '../matrix.js';
import { averagePathLength, GradientBoosting, IsolationForest, RandomForest } from './index.js';

function made(rows: number, columns: number, seed = 1): { matrix: Matrix; target: Float64Array } {
  const random = new Random(seed);
  const data = Float64Array.from({ length: rows * columns }, () => random.normal());
  const at = (row: number, column: number) => data[row * columns + column] as number;
  const target = Float64Array.from(
    { length: rows },
    (_, row) => 2 * at(row, 0) + at(row, 1) ** 2 + 0.1 * random.normal(),
  );
  return { matrix: { data, rows, columns }, target };
}

const { matrix, target } = made(2000, 4);
const fresh = made(1000, 4, 2);

function rmse(answers: Float64Array, truth: Float64Array): number {
  return Math.sqrt(answers.reduce((sum, value, i) => sum + (value - (truth[i] as number)) ** 2, 0) / truth.length);
}

const models = {
  boosting: new GradientBoosting({ trees: 60 }).fit(matrix, target),
  forest: new RandomForest({ trees: 40, columnSample: 1 }).fit(matrix, target),
};

describe('tree regressors', () => {
  it.each(Object.entries(models))('%s learns what is not a straight line', (_, model) => {
    expect(rmse(model.predict(fresh.matrix), fresh.target)).toBeLessThan(0.55);
  });

  it.each(Object.entries(models))('%s explains each answer to the last bit of it', (_, model) => {
    for (let row = 0; row < 20; row++) {
      const { base, contributions } = model.explain(matrix.data, row * 4);
      expect(base + contributions.reduce((a, b) => a + b, 0)).toBeCloseTo(model.predictRow(matrix.data, row * 4), 9);
    }
  });

  it('comes back from JSON to the bit', () => {
    const boosting = GradientBoosting.fromJSON(JSON.parse(JSON.stringify(models.boosting)));
    const forest = RandomForest.fromJSON(JSON.parse(JSON.stringify(models.forest)));
    expect(boosting.predict(fresh.matrix)).toEqual(models.boosting.predict(fresh.matrix));
    expect(forest.predict(fresh.matrix)).toEqual(models.forest.predict(fresh.matrix));
  });

  it('has an out-of-bag error near that on fresh data', () => {
    expect(models.forest.outOfBagError).toBeCloseTo(rmse(models.forest.predict(fresh.matrix), fresh.target), 1);
  });

  it('gives quantiles that cover', () => {
    const forest = new RandomForest({ trees: 60, columnSample: 1, quantiles: true }).fit(matrix, target);
    let inside = 0;
    for (let row = 0; row < fresh.matrix.rows; row++) {
      const [low, high] = forest.predictQuantiles(fresh.matrix.data, [0.05, 0.95], row * 4);
      if ((fresh.target[row] as number) >= (low as number) && (fresh.target[row] as number) <= (high as number))
        inside++;
    }
    expect(inside / fresh.matrix.rows).toBeGreaterThan(0.85);
  });

  it('splits off missing values', () => {
    const data = matrix.data.map((value, i) => (i % 4 === 2 && i % 3 === 0 ? Number.NaN : value));
    const shifted = target.map((value, row) => value + (Number.isNaN(data[row * 4 + 2] as number) ? 10 : 0));
    const model = new GradientBoosting({ trees: 60 }).fit({ ...matrix, data }, shifted);
    expect(rmse(model.predict({ ...matrix, data }), shifted)).toBeLessThan(0.5);
  });

  it('holds a monotone constraint everywhere', () => {
    const model = new GradientBoosting({ trees: 40, monotone: [1, 0, 0, 0] }).fit(matrix, target);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (row, step) => {
          const [first, ...rest] = row as [number, ...number[]];
          expect(model.predictRow(Float64Array.of(first + step, ...rest))).toBeGreaterThanOrEqual(
            model.predictRow(Float64Array.from(row)) - 1e-9,
          );
        },
      ),
    );
  });

  it('finds quantiles, odds and the middle of heavy tails', () => {
    const flat = { data: new Float64Array(1000), rows: 1000, columns: 1 };
    const random = new Random(3);
    const noise = Float64Array.from({ length: 1000 }, () => random.normal());
    const share = (model: GradientBoosting) =>
      noise.filter((value) => value < model.predictRow(Float64Array.of(0))).length / 1000;
    expect(share(new GradientBoosting({ loss: 'quantile', quantile: 0.9, trees: 20 }).fit(flat, noise))).toBeCloseTo(
      0.9,
      2,
    );
    expect(share(new GradientBoosting({ loss: 'absolute', trees: 20 }).fit(flat, noise))).toBeCloseTo(0.5, 2);
    const coin = noise.map((value) => (value > 0.5 ? 1 : 0));
    const odds = new GradientBoosting({ loss: 'logistic', trees: 20 }).fit(flat, coin);
    expect(odds.predictRow(Float64Array.of(0))).toBeCloseTo(coin.reduce((a, b) => a + b, 0) / 1000, 3);
  });

  it('stops early and keeps the best', () => {
    const model = new GradientBoosting({ trees: 400, learningRate: 0.5, earlyStopping: 10 }).fit(matrix, target);
    expect(model.treeCount).toBeLessThan(400);
    expect(rmse(model.predict(fresh.matrix), fresh.target)).toBeLessThan(0.6);
  });

  it('refuses what it cannot learn from, and a wrong width', () => {
    expect(() => new GradientBoosting().fit({ data: new Float64Array(0), rows: 0, columns: 4 }, [])).toThrow(
      expect.objectContaining({ code: 'MODEL_NO_DATA' }),
    );
    expect(() => new GradientBoosting().fit(matrix, [1, 2])).toThrow(
      expect.objectContaining({ code: 'MODEL_WRONG_LENGTH' }),
    );
    expect(() =>
      new RandomForest().fit(
        matrix,
        target.map(() => Number.NaN),
      ),
    ).toThrow(expect.objectContaining({ code: 'MODEL_BAD_TARGET' }));
    expect(() => models.forest.predict({ data: new Float64Array(3), rows: 1, columns: 3 })).toThrow(
      expect.objectContaining({ code: 'MODEL_WRONG_WIDTH' }),
    );
    expect(() => new GradientBoosting().predictRow(new Float64Array(4))).toThrow(
      expect.objectContaining({ code: 'NOT_FITTED' }),
    );
    expect(() => new RandomForest({ trees: 0 })).toThrow(
      expect.objectContaining({ code: 'TREES_BAD_OPTION', path: 'trees' }),
    );
  });

  it('can be aborted', async () => {
    const controller = new AbortController();
    const fit = new GradientBoosting({ trees: 5000 }).fitAsync(matrix, target, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(fit).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('IsolationForest', () => {
  it('has the exact normal path length with exact harmonic numbers', () => {
    expect(averagePathLength(4)).toBeCloseTo(13 / 6, 12);
    expect(averagePathLength(256)).toBeCloseTo(2 * (Math.log(255) + 0.5772156649) - 510 / 256, 2);
    expect(averagePathLength(2)).toBe(1);
    expect(averagePathLength(1)).toBe(0);
  });

  it('scores outliers above the crowd, in 0…1', () => {
    const data = Float64Array.from([...matrix.data, 8, 8, 8, 8]);
    const forest = new IsolationForest({ seed: 5 }).fit({ data, rows: 2001, columns: 4 });
    const scores = forest.score({ data, rows: 2001, columns: 4 });
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
    expect(scores[2000]).toBe(Math.max(...scores));
    expect(forest.scoreRow(data, 8000)).toBe(scores[2000]);
  });

  it('repeats by seed, and comes back from JSON to the bit', () => {
    const fitted = () => new IsolationForest({ trees: 50, seed: 9 }).fit(matrix);
    const scores = fitted().score(matrix);
    expect(fitted().score(matrix)).toEqual(scores);
    expect(IsolationForest.fromJSON(JSON.parse(JSON.stringify(fitted()))).score(matrix)).toEqual(scores);
  });

  it('takes anything that is a number or none', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 3, maxLength: 90 }), (values) => {
        const rows = Math.floor(values.length / 3);
        const any = { data: Float64Array.from(values.slice(0, rows * 3)), rows, columns: 3 };
        for (const score of new IsolationForest({ trees: 10 }).fit(any).score(any))
          expect(score > 0 && score <= 1).toBe(true);
      }),
    );
  });

  it('explains by the column that stands out', () => {
    const forest = new IsolationForest({ seed: 5 }).fit(matrix);
    const { contributions } = forest.explain(Float64Array.of(0, 0, 9, 0));
    expect(contributions.indexOf(Math.max(...contributions))).toBe(2);
  });
});
