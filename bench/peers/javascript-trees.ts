import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Matrix } from '../../src/models/matrix.js';
import { GradientBoosting, IsolationForest, RandomForest } from '../../src/models/trees/index.js';

/** A pair of contenders on the same input. */
export interface Pair {
  /** The figure's key. */
  readonly name: string;
  readonly ours: () => unknown;
  readonly peer: () => unknown;
}

interface Regression {
  readonly matrix: Matrix;
  readonly target: Float64Array;
}

function rowsOf({ data, columns }: Matrix, count: number): number[][] {
  return Array.from({ length: count }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
}

/** The first rows of a regression, as arrays for the peer and as a matrix for us. */
function part({ matrix, target }: Regression, rows: number) {
  const { columns } = matrix;
  return {
    matrix: { data: matrix.data.slice(0, rows * columns), rows, columns },
    target: target.slice(0, rows),
    rows: rowsOf(matrix, rows),
    targets: Array.from(target.slice(0, rows)),
  };
}

const load = createRequire(import.meta.url);

/**
 * Each npm peer that can be loaded, on as much of the input as it can do in seconds; our side gets just the same input and
 * size of model.
 */
export async function javascriptPeers(outliers: Matrix, train: Regression): Promise<Pair[]> {
  const makers: (() => Promise<Pair> | Pair)[] = [
    () => mlIsolationForest(outliers),
    () => isolationForest(outliers),
    () => mlRandomForest(train),
    () => mlXgboost(train),
    () => decisionTree(train),
  ];
  const pairs: Pair[] = [];
  for (const make of makers) {
    try {
      pairs.push(await make());
    } catch (error) {
      console.error(`A peer does not run here: ${String(error)}`);
    }
  }
  return pairs;
}

/** ml-isolation-forest gives each tree all rows. */
async function mlIsolationForest(matrix: Matrix): Promise<Pair> {
  const { IsolationForest: Peer } = load('ml-isolation-forest') as {
    IsolationForest: new (options: { nEstimators: number }) => { train(rows: number[][]): void };
  };
  const rows = rowsOf(matrix, matrix.rows);
  return {
    name: 'if_fit_ratio_ml',
    ours: () => new IsolationForest({ trees: 200 }).fit(matrix),
    peer: () => new Peer({ nEstimators: 200 }).train(rows),
  };
}

/** isolation-forest takes objects; its trees get all rows too. */
function isolationForest(matrix: Matrix): Pair {
  const { IsolationForest: Peer } = load('isolation-forest') as {
    IsolationForest: new (trees: number, sample: number) => { fit(rows: Record<string, number>[]): void };
  };
  const rows = rowsOf(matrix, matrix.rows).map((row) => Object.fromEntries(row.map((value, i) => [`c${i}`, value])));
  return {
    name: 'if_fit_ratio_isolation_forest',
    ours: () => new IsolationForest({ trees: 200 }).fit(matrix),
    peer: () => new Peer(200, 256).fit(rows),
  };
}

function mlRandomForest(train: Regression): Pair {
  const { RandomForestRegression: Peer } = load('ml-random-forest') as {
    RandomForestRegression: new (
      options: Record<string, unknown>,
    ) => { train(rows: number[][], targets: number[]): void };
  };
  const { matrix, target, rows, targets } = part(train, 1000);
  return {
    name: 'rf_fit_ratio_ml',
    ours: () => new RandomForest({ trees: 5, columnSample: 1 / 3, minLeaf: 5 }).fit(matrix, target),
    peer: () =>
      new Peer({ nEstimators: 5, maxFeatures: 1 / 3, replacement: true, seed: 1, noOOB: true }).train(rows, targets),
  };
}

async function mlXgboost(train: Regression): Promise<Pair> {
  const Peer = (await load('ml-xgboost')) as new (
    options: Record<string, unknown>,
  ) => { train(rows: number[][], targets: number[]): void; free(): void };
  const { matrix, target, rows, targets } = part(train, 16_000);
  return {
    name: 'gbdt_fit_ratio_ml_xgboost',
    ours: () => new GradientBoosting({ trees: 20, maxDepth: 5, maxLeaves: 32, lambda: 1 }).fit(matrix, target),
    peer: () => {
      const model = new Peer({ objective: 'reg:linear', max_depth: 5, eta: 0.1, silent: 1, iterations: 20 });
      model.train(rows, targets);
      model.free();
    },
  };
}

/** decision-tree exports only its single tree; its boosting lies beside it. */
async function decisionTree(train: Regression): Promise<Pair> {
  const file = join(dirname(load.resolve('decision-tree')), 'xgboost.js');
  type Row = Record<string, number>;
  const { default: Peer } = (await import(pathToFileURL(file).href)) as {
    default: new (target: string, features: string[], options: Record<string, unknown>) => { train(rows: Row[]): void };
  };
  const { matrix, target, rows, targets } = part(train, 500);
  const names = Array.from({ length: matrix.columns }, (_, i) => `c${i}`);
  const objects = rows.map(
    (row, i): Row => ({
      ...Object.fromEntries(row.map((value, column) => [`c${column}`, value])),
      y: targets[i] as number,
    }),
  );
  return {
    name: 'gbdt_fit_ratio_decision_tree',
    ours: () => new GradientBoosting({ trees: 5, maxDepth: 5, maxLeaves: 32, lambda: 1 }).fit(matrix, target),
    peer: () =>
      new Peer('y', names, { nEstimators: 5, maxDepth: 5, learningRate: 0.1, objective: 'regression' }).train(objects),
  };
}
