import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import type { Matrix } from '../matrix.js';
import { boost } from './boosting.js';
import { resolveBoosting } from './boosting-options.js';
import { GradientBoosting, IsolationForest, RandomForest } from './index.js';

/** The answers of each model, fitted on these rows. */
const models: Record<string, (matrix: Matrix, target: Float64Array) => (asked: Matrix) => Float64Array> = {
  boosting: (matrix, target) => {
    const model = new GradientBoosting({ trees: 12, minLeaf: 2 }).fit(matrix, target);
    return (asked) => model.predict(asked);
  },
  regularised: (matrix, target) => {
    const model = new GradientBoosting({ trees: 12, minLeaf: 2, alpha: 0.1, lambda: 1, rowSample: 0.7 });
    model.fit(matrix, target);
    return (asked) => model.predict(asked);
  },
  forest: (matrix, target) => {
    const model = new RandomForest({ trees: 8, minLeaf: 1 }).fit(matrix, target);
    return (asked) => model.predict(asked);
  },
  isolation: (matrix) => {
    const model = new IsolationForest({ trees: 12 }).fit(matrix);
    return (asked) => model.score(asked);
  },
  extended: (matrix) => {
    const model = new IsolationForest({ trees: 12, extension: 1 }).fit(matrix);
    return (asked) => model.score(asked);
  },
};

function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0]?.length ?? 0 };
}

describe.each(Object.entries(models))('%s', (name, fitted) => {
  const finite = (answers: Float64Array) => expect(answers.every(Number.isFinite)).toBe(true);

  it('gives a finite answer to anything, after being fitted on anything', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(0, 1, Number.NaN, Infinity, -Infinity, 1e308, -1e308));
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 40 }),
        (rows) => {
          const matrix = matrixOf(rows);
          finite(
            fitted(
              matrix,
              Float64Array.from(rows, (_, i) => i % 5),
            )(matrix),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('learns from one row, from equal rows, from constant columns and from nothing but missing values', () => {
    finite(fitted(matrixOf([[1, 2]]), Float64Array.of(3))(matrixOf([[5, 5]])));
    const equal = Array.from({ length: 50 }, () => [1, 2]);
    const target = Float64Array.from(equal, (_, i) => i % 2);
    finite(fitted(matrixOf(equal), target)(matrixOf([[5, 5]])));
    const missing = matrixOf(equal.map(() => [Number.NaN, Number.NaN]));
    finite(fitted(missing, target)(matrixOf([[5, Number.NaN]])));
  });

  it('takes 10,000 columns', () => {
    const random = new Random(1);
    const columns = 10_000;
    const matrix = { data: Float64Array.from({ length: 60 * columns }, () => random.next()), rows: 60, columns };
    const target = Float64Array.from({ length: 60 }, (_, row) => matrix.data[row * columns + 77] as number);
    finite(fitted(matrix, target)(matrix));
  });

  it('refuses a matrix of another width', () => {
    const ask = fitted(matrixOf([[1, 2]]), Float64Array.of(3));
    expect(() => ask(matrixOf([[1, 2, 3]]))).toThrow(expect.objectContaining({ code: 'MODEL_WRONG_WIDTH' }));
    expect(name).not.toBe('');
  });
});

describe('GradientBoosting', () => {
  const random = new Random(4);
  const rows = 700;
  const columns = 6;
  const data = Float64Array.from({ length: rows * columns }, (_, i) =>
    i % 11 === 0 ? Number.NaN : Math.round(random.normal() * 20) / 20,
  );
  const matrix = { data, rows, columns };
  const target = Float64Array.from(
    { length: rows },
    (_, row) => (data[row * columns] || 0) * 2 + Math.abs(data[row * columns + 1] || 0) + 0.1 * random.normal(),
  );

  it.each([
    {},
    { loss: 'logistic' as const },
    { columnSample: 0.5, rowSample: 0.6, lambda: 2 },
    { maxBins: 9, maxDepth: 3 },
  ])('grows the same trees to the bit in WebAssembly and in JavaScript: %o', (options) => {
    const y = 'loss' in options ? target.map((value) => (value > 0.5 ? 1 : 0)) : target;
    const grown = (['wasm', 'js'] as const).map((kind) => {
      const work = boost(resolveBoosting({ trees: 25, ...options }), matrix, y, {}, kind);
      for (;;) {
        const step = work.next();
        if (step.done) return step.value.trees;
      }
    });
    expect(grown[0]).toEqual(grown[1]);
  });

  it('does not mind in which order columns stand', () => {
    const order = [3, 0, 5, 1, 4, 2];
    const mixed = Float64Array.from(data, (_, i) => {
      const row = Math.floor(i / columns);
      return data[row * columns + (order[i % columns] as number)] as number;
    });
    const plain = new GradientBoosting({ trees: 20 }).fit(matrix, target).predict(matrix);
    const other = new GradientBoosting({ trees: 20 }).fit({ ...matrix, data: mixed }, target);
    // Equally good splits are taken in the order of the columns, so that single rows may differ.
    const differing = other.predict({ ...matrix, data: mixed }).filter((value, i) => value !== plain[i]);
    expect(differing.length).toBeLessThan(rows / 10);
  });

  it('takes a weight of 2 for two rows', () => {
    const twice = { data: Float64Array.from([...data, ...data]), rows: 2 * rows, columns };
    const doubled = new GradientBoosting({ trees: 15, minLeaf: 40 }).fit(twice, [...target, ...target]);
    const weighted = new GradientBoosting({ trees: 15, minLeaf: 20 }).fit(matrix, target, {
      weights: target.map(() => 2),
    });
    const answers = weighted.predict(matrix);
    doubled.predict(matrix).forEach((value, i) => {
      expect(answers[i]).toBeCloseTo(value, 9);
    });
  });

  it('leaves rows of weight 0 out', () => {
    const half = Float64Array.from(target, (_, i) => (i < 350 ? 1 : 0));
    const spoilt = target.map((value, i) => (i < 350 ? value : 1e6));
    const part = { data: data.slice(0, 350 * columns), rows: 350, columns };
    const model = new GradientBoosting({ trees: 15 }).fit(matrix, spoilt, { weights: half });
    expect(Math.max(...model.predict(part))).toBeLessThan(20);
  });

  it.each(['squared', 'quantile', 'logistic'] as const)('has no leaf of fewer rows than asked for: %s', (loss) => {
    const y = loss === 'logistic' ? target.map((value) => (value > 2 ? 1 : 0)) : target;
    const work = boost(resolveBoosting({ trees: 20, minLeaf: 30, loss }), matrix, y, {});
    for (;;) {
      const step = work.next();
      if (!step.done) continue;
      const { feature, cover } = step.value.trees;
      feature.forEach((f, node) => {
        if (f < 0) expect(cover[node]).toBeGreaterThanOrEqual(30);
      });
      break;
    }
  });

  it('refuses weights, groups, constraints and categories that do not fit', () => {
    const refused = (code: string, work: () => unknown) => expect(work).toThrow(expect.objectContaining({ code }));
    const train = (options: object, fitOptions = {}) => new GradientBoosting(options).fit(matrix, target, fitOptions);
    refused('MODEL_WRONG_LENGTH', () => train({}, { weights: [1] }));
    refused('MODEL_BAD_WEIGHT', () => train({}, { weights: target.map(() => -1) }));
    refused('MODEL_NO_DATA', () => train({}, { weights: target.map(() => 0) }));
    refused('MODEL_WRONG_LENGTH', () => train({ earlyStopping: 3 }, { groups: [1] }));
    refused('MODEL_WRONG_LENGTH', () => train({ monotone: [1] }));
    refused('TREES_BAD_CATEGORY', () => train({ categorical: [0] }));
    refused('TREES_BAD_OPTION', () => train({ categorical: [99] }));
    refused('TREES_BAD_OPTION', () => train({ loss: 'none' }));
    refused('MODEL_BAD_TARGET', () => train({ loss: 'weibull' }));
  });
});
