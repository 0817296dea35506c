import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import type { WorkerPort } from '../../core/worker-port.js';
import { CompleteTrees } from './complete-trees.js';
import { addPredictions, loadTrees } from './ensemble.js';
import { GradientBoosting, IsolationForest, RandomForest, serveTreeFits } from './index.js';

const random = new Random(8);
const rows = 1500;
const columns = 3;
const data = Float64Array.from({ length: rows * columns }, () => random.normal());
const matrix = { data, rows, columns };
const at = (row: number, column: number) => data[row * columns + column] as number;

describe('GradientBoosting', () => {
  it('learns sets of categories that no order of their numbers would give', () => {
    const codes = Float64Array.from({ length: rows }, () => random.int(40));
    const target = codes.map((code) => ((code * 7) % 5 === 1 ? 10 : 0));
    const table = { data: codes, rows, columns: 1 };
    const model = new GradientBoosting({ trees: 1, learningRate: 1, maxLeaves: 2, categorical: [0] });
    const answers = model.fit(table, target).predict(table);
    answers.forEach((value, row) => {
      expect(value).toBeCloseTo(target[row] as number, 9);
    });
    const copy = GradientBoosting.fromJSON(JSON.parse(JSON.stringify(model)));
    expect(copy.predict(table)).toEqual(answers);
    const { base, contributions } = model.explain(codes, 3);
    expect(base + (contributions[0] as number)).toBeCloseTo(answers[3] as number, 9);
  });

  it.each(['quantile', 'absolute', 'huber', 'logistic'] as const)(
    'holds a monotone constraint with loss %s',
    (loss) => {
      const target = Float64Array.from({ length: rows }, (_, row) =>
        loss === 'logistic' ? (at(row, 0) + random.normal() > 0 ? 1 : 0) : Math.sin(2 * at(row, 0)) + at(row, 1),
      );
      const model = new GradientBoosting({ loss, trees: 25, monotone: [1, 0, -1] }).fit(matrix, target);
      fc.assert(
        fc.property(
          fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
          (numbers) => {
            const [a, b, c, step] = numbers as [number, number, number, number];
            const answer = model.predictRow(Float64Array.of(a, b, c));
            const more = model.predictRow(Float64Array.of(a + Math.abs(step), b, c - Math.abs(step)));
            expect(more).toBeGreaterThanOrEqual(answer - 1e-9);
          },
        ),
      );
    },
  );

  it('holds whole groups back for early stopping', () => {
    const groups = Array.from({ length: rows }, (_, row) => row % 7);
    const noise = Float64Array.from({ length: 7 }, () => 5 * random.normal());
    const table = {
      data: Float64Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? (i >> 1) % 7 : at(i >> 1, 0))),
      rows,
      columns: 2,
    };
    const target = groups.map((group) => noise[group] as number);
    const missed = (own?: number[]) => {
      const model = new GradientBoosting({ trees: 100, earlyStopping: 50 });
      model.fit(table, target, own === undefined ? {} : { groups: own });
      const far = model.predict(table).map((value, row) => Math.abs(value - (target[row] as number)));
      return new Set(groups.filter((_, row) => (far[row] as number) > 0.5)).size;
    };
    expect(missed()).toBe(0);
    expect(missed(groups)).toBe(1);
  });

  it('finds hazards, medians and survival under censoring', () => {
    const shape = 2;
    const scale = (row: number) => Math.exp(1 + 0.8 * at(row, 0));
    const time = Float64Array.from(
      { length: rows },
      (_, row) => scale(row) * (-Math.log(1 - random.next())) ** (1 / shape),
    );
    const censor = time.map(() => 8 * random.next());
    const events = time.map((t, row) => (t <= (censor[row] as number) ? 1 : 0));
    const seen = time.map((t, row) => Math.min(t, censor[row] as number));
    const options = { trees: 80, learningRate: 0.1, maxLeaves: 4, minLeaf: 60 };
    const weibull = new GradientBoosting({ ...options, loss: 'weibull' }).fit(matrix, seen, { events });
    const cox = new GradientBoosting({ ...options, loss: 'cox' }).fit(matrix, seen, { events });
    for (const x of [-1, 0, 1]) {
      const row = Float64Array.of(x, 0, 0);
      const median = Math.exp(1 + 0.8 * x) * Math.LN2 ** (1 / shape);
      expect(weibull.predictRow(row) / median).toBeGreaterThan(0.75);
      expect(weibull.predictRow(row) / median).toBeLessThan(1.3);
      expect(weibull.predictSurvival(row, weibull.predictRow(row))).toBeCloseTo(0.5, 9);
      expect(Math.abs(cox.predictSurvival(row, median) - 0.5)).toBeLessThan(0.15);
    }
    const hazard = (x: number) => cox.predictRow(Float64Array.of(x, 0, 0));
    expect(Math.log(hazard(-1) / hazard(1))).toBeGreaterThan(0.7 * 2 * 0.8 * shape);
    const copy = GradientBoosting.fromJSON(JSON.parse(JSON.stringify(cox)));
    expect(copy.predictSurvival(data, 2)).toBe(cox.predictSurvival(data, 2));
    expect(() => new GradientBoosting({ trees: 1 }).fit(matrix, seen).predictSurvival(data, 2)).toThrow(
      expect.objectContaining({ code: 'TREES_NO_SURVIVAL' }),
    );
  });
});

describe('RandomForest', () => {
  const kind = Float64Array.from({ length: rows }, (_, row) => (at(row, 0) > 0.5 ? 7 : at(row, 1) > 0 ? 3 : -1));

  it('learns classes, with probabilities, an out-of-bag error and explanations', () => {
    const forest = new RandomForest({ task: 'classification', trees: 30, columnSample: 0.7 }).fit(matrix, kind);
    expect(forest.classes).toEqual(Float64Array.of(-1, 3, 7));
    const right = forest.predict(matrix).filter((value, row) => value === kind[row]).length;
    expect(right / rows).toBeGreaterThan(0.98);
    expect(forest.outOfBagError).toBeLessThan(0.04);
    const shares = forest.predictProbabilities(matrix);
    for (let row = 0; row < 20; row++) {
      const own = shares.slice(3 * row, 3 * row + 3);
      expect(own.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      const { base, contributions } = forest.explain(data, row * columns, 2);
      expect(base + contributions.reduce((a, b) => a + b)).toBeCloseTo(own[2] as number, 9);
    }
    const copy = RandomForest.fromJSON(JSON.parse(JSON.stringify(forest)));
    expect(copy.predictProbabilities(matrix)).toEqual(shares);
  });

  it('gives a row the same answer alone and among others', () => {
    const forest = new RandomForest({ trees: 20 }).fit(matrix, kind);
    const answers = forest.predict(matrix);
    for (let row = 0; row < 50; row++) expect(forest.predictRow(data, row * columns)).toBe(answers[row]);
  });

  it('has no leaf of fewer rows than asked for, and heeds weights', () => {
    const weights = kind.map((value) => (value === 7 ? 1 : 0));
    const forest = new RandomForest({ trees: 5 }).fit(matrix, kind, { weights });
    expect(forest.predict(matrix).every((value) => Math.abs(value - 7) < 1e-12)).toBe(true);
    const plain = loadTrees(new RandomForest({ trees: 5, minLeaf: 11 }).fit(matrix, kind).toJSON().state.trees);
    plain.feature.forEach((feature, node) => {
      if (feature < 0) expect(plain.cover[node]).toBeGreaterThanOrEqual(11);
    });
  });
});

describe('IsolationForest', () => {
  it('scores the same to the bit by complete trees, one by one, and with missing values beside', () => {
    const forest = new IsolationForest({ trees: 63, seed: 3 }).fit(matrix);
    const scores = forest.score(matrix);
    const trees = loadTrees(forest.toJSON().state.trees);
    const [fast, plain] = [new Float64Array(rows), new Float64Array(rows)];
    expect(CompleteTrees.of(trees, columns)?.addTo(matrix, fast)).toBe(true);
    addPredictions(trees, matrix, plain);
    expect(fast).toEqual(plain);
    // The later ones by complete trees, of which there need not be a multiple of four.
    for (let row = 0; row < 600; row++) expect(forest.scoreRow(data, (row % rows) * columns)).toBe(scores[row % rows]);
    const holed = data.slice();
    holed[0] = Number.NaN;
    expect(forest.score({ ...matrix, data: holed }).slice(1)).toEqual(scores.slice(1));
    // With missing values anywhere, each of which goes the way of most rows.
    const gappy = data.map((x, i) => (i % 7 < 2 ? Number.NaN : i % 31 === 3 ? Number.POSITIVE_INFINITY : x));
    const expected = new IsolationForest({ trees: 63, seed: 3 }).fit(matrix).score({ ...matrix, data: gappy });
    for (let row = 0; row < 300; row++)
      expect(forest.scoreRow(gappy, (row % rows) * columns)).toBe(expected[row % rows]);
  });

  it('with extension knows no ghost regions', () => {
    // Two clusters on a diagonal: cuts along columns make the empty corners look like normal.
    const blobs = Float64Array.from({ length: 2000 }, (_, i) => ((i >> 1) % 2 === 0 ? 10 : 0) + random.normal());
    const table = { data: blobs, rows: 1000, columns: 2 };
    const corner = Float64Array.of(10, 0);
    const margin = (extension: number) => {
      const forest = new IsolationForest({ extension, seed: 2 }).fit(table);
      const sorted = forest.score(table).sort();
      return forest.scoreRow(corner) - (sorted[500] as number);
    };
    expect(margin(1)).toBeGreaterThan(margin(0));
    const forest = new IsolationForest({ extension: 1 }).fit(table);
    const copy = IsolationForest.fromJSON(JSON.parse(JSON.stringify(forest)));
    expect(copy.score(table)).toEqual(forest.score(table));
    expect(() => forest.explain(corner)).toThrow(expect.objectContaining({ code: 'TREES_NO_EXPLANATION' }));
  });
});

describe('a worker', () => {
  const target = Float64Array.from({ length: rows }, (_, row) => at(row, 0));

  async function withWorker(use: (worker: WorkerPort) => Promise<void>) {
    const { port1, port2 } = new MessageChannel();
    const stop = serveTreeFits(port2);
    try {
      await use(port1);
    } finally {
      stop();
      port1.close();
    }
  }

  it('fits the same models, and reports progress', () =>
    withWorker(async (worker) => {
      const phases = new Set<string>();
      const onProgress = ({ phase }: { phase: string }) => phases.add(phase);
      const boosting = await new GradientBoosting({ trees: 20 }).fitAsync(matrix, target, { worker, onProgress });
      expect(boosting.predict(matrix)).toEqual(new GradientBoosting({ trees: 20 }).fit(matrix, target).predict(matrix));
      expect(phases).toContain('boosting');
      const forest = await new RandomForest({ trees: 5 }).fitAsync(matrix, target, { worker });
      expect(forest.predict(matrix)).toEqual(new RandomForest({ trees: 5 }).fit(matrix, target).predict(matrix));
      const isolation = await new IsolationForest({ trees: 20 }).fitAsync(matrix, { worker });
      expect(isolation.score(matrix)).toEqual(new IsolationForest({ trees: 20 }).fit(matrix).score(matrix));
    }));

  it('can be aborted, and passes errors on', () =>
    withWorker(async (worker) => {
      const controller = new AbortController();
      const fit = new GradientBoosting({ trees: 1e5 }).fitAsync(matrix, target, {
        worker,
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await expect(fit).rejects.toMatchObject({ code: 'ABORTED' });
      await expect(new GradientBoosting().fitAsync(matrix, [1], { worker })).rejects.toMatchObject({
        code: 'MODEL_WRONG_LENGTH',
      });
    }));
});
