import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../src/core/random.js';
import { runSync } from '../src/core/work.js';
import type { Matrix } from '../src/models/matrix.js';
import { boost } from '../src/models/trees/boosting.js';
import { GradientBoosting, IsolationForest, RandomForest } from '../src/models/trees/index.js';
import { type Figures, median, type RunInput } from './harness.js';
import { javascriptPeers } from './peers/javascript-trees.js';
import { PythonPeer } from './peers/python.js';

const ROUNDS = 3;

/** The same for all contenders, as far as they have it. */
const params = {
  if_trees: 200,
  if_sample: 256,
  trees: 200,
  leaves: 31,
  rate: 0.1,
  min_leaf: 20,
  lambda: 1,
  rf_trees: 50,
  rf_columns: 1 / 3,
  rf_min_leaf: 5,
};

/** Normal rows in three clusters, and one row in 50 from anywhere. */
function outlierData(rows: number, columns: number): Matrix {
  const random = new Random(1);
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const centre = 4 * random.int(3);
    const odd = random.next() < 0.02;
    for (let column = 0; column < columns; column++)
      data[row * columns + column] = odd ? random.uniform(-10, 20) : random.normal(centre, 1 + column / 4);
  }
  return { data, rows, columns };
}

/** Friedman's first function (1991) with an interaction more, and columns that say nothing. */
function regressionData(rows: number, columns: number, seed: number): { matrix: Matrix; target: Float64Array } {
  const random = new Random(seed);
  const data = Float64Array.from({ length: rows * columns }, () => random.next());
  const target = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = (column: number) => data[row * columns + column] as number;
    target[row] =
      10 * Math.sin(Math.PI * x(0) * x(1)) +
      20 * (x(2) - 0.5) ** 2 +
      10 * x(3) +
      5 * x(4) +
      (x(5) > 0.6 ? 4 * x(6) : 0) +
      random.normal();
  }
  return { matrix: { data, rows, columns }, target };
}

function head({ data, columns }: Matrix, rows: number): Matrix {
  return { data: data.slice(0, rows * columns), rows, columns };
}

function rmse(answers: Float64Array, truth: Float64Array): number {
  return Math.sqrt(answers.reduce((sum, value, i) => sum + (value - (truth[i] as number)) ** 2, 0) / truth.length);
}

function seconds(work: () => unknown): number {
  globalThis.gc?.();
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** Speed of the tree models against scikit-learn, XGBoost (one thread) and what npm has; ratio = peer's time / ours. */
export default async function trees({ say }: RunInput): Promise<Figures> {
  const outliers = outlierData(20_000, 8);
  const train = regressionData(16_000, 24, 2);
  const test = regressionData(8_000, 24, 3);
  const forestRows = 4000;
  const small = { matrix: head(train.matrix, forestRows), target: train.target.slice(0, forestRows) };

  const boosting = () =>
    new GradientBoosting({
      trees: params.trees,
      maxLeaves: params.leaves,
      learningRate: params.rate,
      minLeaf: params.min_leaf,
      lambda: params.lambda,
    });
  const forest = (count: number) =>
    new RandomForest({ trees: count, columnSample: params.rf_columns, minLeaf: params.rf_min_leaf });
  const isolation = () => new IsolationForest({ trees: params.if_trees, sampleSize: params.if_sample });

  const taken = new Map<string, number[]>();
  const note = (name: string, value: number) => taken.set(name, [...(taken.get(name) ?? []), value]);
  const errors = { ours: rmse(boosting().fit(train.matrix, train.target).predict(test.matrix), test.target) };
  const peerErrors: Record<string, number> = {};
  const fitted = isolation().fit(outliers);
  forest(2).fit(small.matrix, small.target);
  const row = outliers.data.slice(0, 8);

  const folder = mkdtempSync(join(tmpdir(), 'twinergy-trees-'));
  const script = fileURLToPath(new URL('peers/trees.py', import.meta.url));
  let python: PythonPeer | undefined;
  try {
    const arrays = {
      outliers: outliers.data,
      train: train.matrix.data,
      train_y: train.target,
      test: test.matrix.data,
      test_y: test.target,
    };
    for (const [name, values] of Object.entries(arrays)) writeFileSync(join(folder, `${name}.bin`), values);
    const shape = { outliers: [20_000, 8], train: [16_000, 24], test: [8_000, 24], forest: forestRows, params };
    writeFileSync(join(folder, 'shape.json'), JSON.stringify(shape));
    python = PythonPeer.start(script, [folder], ['sklearn', 'xgboost']);
    const has = (await python?.read<{ sklearn: boolean; xgboost: boolean }>()) ?? { sklearn: false, xgboost: false };
    const commands = [
      ...(has.sklearn ? ['if_fit', 'if_score', 'if_row', 'sklearn_fit', 'rf_fit'] : []),
      ...(has.xgboost ? ['xgboost_fit'] : []),
    ];
    const javascript = await javascriptPeers(outliers, train);
    for (let round = 0; round < ROUNDS; round++) {
      note(
        'ours.if_fit',
        seconds(() => isolation().fit(outliers)),
      );
      note(
        'ours.if_score',
        seconds(() => fitted.score(outliers)),
      );
      const rows = 2000;
      note(
        'ours.if_row',
        seconds(() => {
          for (let i = 0; i < rows; i++) fitted.scoreRow(row);
        }) / rows,
      );
      note(
        'ours.gbdt',
        seconds(() => boosting().fit(train.matrix, train.target)),
      );
      note(
        'ours.gbdt without WebAssembly',
        seconds(() => runSync(boost(boosting().options, train.matrix, train.target, {}, 'js'))),
      );
      note(
        'ours.rf',
        seconds(() => forest(params.rf_trees).fit(small.matrix, small.target)),
      );
      for (const command of commands) {
        const result = await python?.ask<{ seconds: number; rmse?: number }>(command);
        if (result === undefined) continue;
        note(command, result.seconds);
        if (result.rmse !== undefined) peerErrors[command] = result.rmse;
      }
      for (const { name, ours, peer } of javascript) {
        note(`ours.${name}`, secondsEach(ours));
        note(name, secondsEach(peer));
      }
    }
    const time = (name: string) => median(taken.get(name) ?? []);
    for (const [name] of taken) say(`${name.padEnd(36)} ${(1000 * time(name)).toFixed(3)} ms`);
    say(`test RMSE: ours ${errors.ours.toFixed(4)}, ${JSON.stringify(peerErrors)}`);
    const figures: Record<string, number> = {};
    const ratio = (key: string, peer: string, ours: string) => {
      if (taken.has(peer)) figures[key] = round3(time(peer) / time(ours));
    };
    ratio('if_fit_ratio_sklearn', 'if_fit', 'ours.if_fit');
    ratio('if_score_ratio_sklearn', 'if_score', 'ours.if_score');
    ratio('if_row_ratio_sklearn', 'if_row', 'ours.if_row');
    ratio('gbdt_fit_ratio_sklearn', 'sklearn_fit', 'ours.gbdt');
    ratio('gbdt_fit_ratio_xgboost', 'xgboost_fit', 'ours.gbdt');
    ratio('rf_fit_ratio_sklearn', 'rf_fit', 'ours.rf');
    for (const { name } of javascript) ratio(name, name, `ours.${name}`);
    const best = Math.min(
      peerErrors.sklearn_fit ?? Number.POSITIVE_INFINITY,
      peerErrors.xgboost_fit ?? Number.POSITIVE_INFINITY,
    );
    if (Number.isFinite(best)) figures.gbdt_rmse_ratio = Math.round((errors.ours / best) * 1e4) / 1e4;
    return figures;
  } finally {
    python?.close();
    rmSync(folder, { recursive: true });
  }
}

/** Seconds of one run of work that may be short: the mean over as many runs as fill a quarter of a second, for both sides. */
function secondsEach(work: () => unknown): number {
  let runs = 0;
  let total = 0;
  while (total < 0.25) {
    total += seconds(work);
    runs++;
  }
  return total / runs;
}

function round3(value: number): number {
  return Number(value.toPrecision(3));
}
