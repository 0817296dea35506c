import { TwinergyError } from '../../core/errors.js';
import type { Work } from '../../core/work.js';
import type { SealedModel } from '../serial.js';
import { GradientBoosting, RandomForest } from '../trees/index.js';
import type { EngineSpec, FittedEngine, ForecastEngine } from './engine.js';
import { collectExamples, type Examples } from './examples.js';
import { FeatureMap, type FeatureShape, forgetSums, isActive, levelAt, shapeOf } from './features.js';
import type { Series } from './series.js';

/** A fitted tree model, as the engines need it. */
export interface RowModel {
  predictRow(row: Float64Array): number;
  explain?(row: Float64Array): { readonly contributions: Float64Array };
  toJSON(): unknown;
}

/** What makes one tree engine differ from another. */
interface Kind {
  readonly name: string;
  /** One step after the other, each forecast an input of the next; else each lead directly. */
  readonly recursive: boolean;
  /** Whether the learner takes no weights. */
  readonly drawn: boolean;
  /** Most examples. */
  readonly most: number;
  learn(examples: Examples, seed: number): Work<RowModel>;
  load(state: unknown): RowModel;
}

const boosting = {
  drawn: false,
  most: 60_000,
  *learn({ matrix, target, weights }: Examples, seed: number): Work<RowModel> {
    const model = new GradientBoosting({
      trees: 120,
      learningRate: 0.05,
      maxLeaves: 12,
      minLeaf: Math.max(5, Math.min(60, Math.floor(matrix.rows / 100))),
      rowSample: 0.7,
      columnSample: 0.5,
      lambda: 5,
      maxBins: 128,
      seed,
    });
    return yield* model.fitting(matrix, target, { weights });
  },
  load: (state: unknown) => GradientBoosting.fromJSON(state as ReturnType<GradientBoosting['toJSON']>),
};

/** Gradient boosting with the lead as an input: one model for all leads (Ke et al. 2017 over lags, as in M5). */
export const gradientBoosting = treeEngine({ name: 'gradient-boosting', recursive: false, ...boosting });

/** Gradient boosting one step ahead, each forecast being an input of the next. */
export const gradientBoostingRecursive = treeEngine({
  name: 'gradient-boosting-recursive',
  recursive: true,
  ...boosting,
});

/** A random forest with the lead as an input (Breiman 2001): the original design's fallback. */
export const randomForest = treeEngine({
  name: 'random-forest',
  recursive: false,
  drawn: true,
  most: 20_000,
  *learn({ matrix, target }, seed): Work<RowModel> {
    const minLeaf = Math.max(3, Math.min(25, Math.floor(matrix.rows / 200)));
    return yield* new RandomForest({ trees: 80, minLeaf, columnSample: 0.4, seed }).fitting(matrix, target);
  },
  load: (state) => RandomForest.fromJSON(state as ReturnType<RandomForest['toJSON']>),
});

interface Saved {
  readonly shape: FeatureShape;
  readonly model: SealedModel<unknown>;
}

function treeEngine(kind: Kind): ForecastEngine {
  function* learn(all: readonly Series[], spec: EngineSpec, ends: readonly number[]): Work<FittedEngine> {
    const pool = kind.recursive ? all.map(withoutPast) : all;
    const map = new FeatureMap(shapeOf(pool[0] as Series), spec.season);
    yield { phase: 'collecting examples', done: 0, total: 1 };
    const examples = collectExamples(map, pool, {
      horizon: kind.recursive ? 1 : spec.horizon,
      range: (i) => [spec.season, ends[i] as number],
      most: kind.most,
      seed: spec.seed,
      drawn: kind.drawn,
    });
    if (examples.matrix.rows < 20) {
      throw new TwinergyError('FORECAST_HISTORY_TOO_SHORT', `Only ${examples.matrix.rows} values can be learned from.`);
    }
    const model = yield* kind.learn(examples, spec.seed);
    return fittedTrees(kind, map, model, spec, examples, learn);
  }
  return {
    name: kind.name,
    minimumHistory: ({ season, horizon }) => 4 * season + horizon,
    fit: (pool, spec) => learn(pool, spec, spec.holdout),
    fromJSON(state, spec) {
      const { shape, model } = state as Saved;
      return fittedTrees(kind, new FeatureMap(shape, spec.season), kind.load(model), spec, null, learn);
    },
  };
}

/** A fitted engine that asks a model of rows for each lead. */
export function fittedTrees(
  kind: Pick<Kind, 'recursive'>,
  map: FeatureMap,
  model: RowModel,
  spec: EngineSpec,
  examples: Examples | null,
  learn: ((pool: readonly Series[], spec: EngineSpec, ends: readonly number[]) => Work<FittedEngine>) | null,
): FittedEngine {
  const row = new Float64Array(map.names.length);
  const answer = (series: Series, origin: number, lead: number) => {
    if (!isActive(series, origin + lead)) return 0;
    map.write(series, origin, lead, row, 0);
    return model.predictRow(row) * levelAt(series, origin + lead);
  };
  const engine: FittedEngine = {
    lookback: map.lookback,
    predictInto(series, origin, out) {
      if (kind.recursive) recurse(series, origin, out, answer);
      else for (let h = 0; h < out.length; h++) out[h] = answer(series, origin, h + 1);
    },
    explain: () => importance(map, model, examples),
    toJSON: () => ({ shape: map.shape, model: model.toJSON() }),
  };
  if (learn !== null)
    engine.refit = (pool) =>
      learn(
        pool,
        spec,
        pool.map(({ length }) => length),
      );
  return engine;
}

/** What is measured beside the target is not known for the steps between: a recursive engine cannot use it. */
function withoutPast(series: Series): Series {
  return { ...series, past: [] };
}

/** Forecasts one step after the other on a copy of the end of the series. */
function recurse(
  series: Series,
  origin: number,
  out: Float64Array,
  answer: (series: Series, origin: number, lead: number) => number,
): void {
  const from = Math.max(0, origin + 1 - 9 * Math.round(864e5 / series.step));
  const length = origin + 1 - from;
  const filled = new Float64Array(length + out.length);
  filled.set(series.filled.subarray(from, origin + 1));
  const path: Series = {
    ...series,
    start: series.start + from * series.step,
    length: length + out.length,
    extent: series.extent - from,
    target: filled,
    filled,
    past: [],
    known: series.known.map((column) => column.subarray(from)),
    clearSky: series.clearSky?.subarray(from) ?? null,
  };
  for (let h = 0; h < out.length; h++) {
    forgetSums(path);
    const value = answer(path, length - 1 + h, 1);
    filled[length + h] = value;
    out[h] = value;
  }
}

/** Mean size of each input's contribution (TreeSHAP) over some of the examples. */
function importance(map: FeatureMap, model: RowModel, examples: Examples | null): Map<string, number> {
  const shares = new Map<string, number>();
  if (examples === null || model.explain === undefined) return shares;
  const { data, rows, columns } = examples.matrix;
  const sums = new Float64Array(columns);
  const every = Math.max(1, Math.floor(rows / 60));
  for (let row = 0; row < rows; row += every) {
    const { contributions } = model.explain(data.subarray(row * columns, (row + 1) * columns));
    for (let k = 0; k < columns; k++) sums[k] = (sums[k] as number) + Math.abs(contributions[k] as number);
  }
  const total = sums.reduce((a, b) => a + b, 0) || 1;
  map.names.forEach((name, k) => {
    shares.set(name, (sums[k] as number) / total);
  });
  return shares;
}
