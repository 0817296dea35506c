import { type Duration, durationMs } from '../core/duration.js';
import { NotFittedError, TwinergyError } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../core/work.js';
import type { Matrix } from './matrix.js';
import { featureNames, type RulFeatureOptions, rulFeatures } from './rul/features.js';
import { checkHistories, type LifeHistory } from './rul/history.js';
import { outerQuantile, ResidualQuantiles, type SavedResiduals } from './rul/residual-quantiles.js';
import { type SealedModel, seal, unseal } from './serial.js';
import { GradientBoosting } from './trees/index.js';

/** Options of `RULPredictor`; all have defaults. */
export interface RULPredictorOptions {
  /** Intervals that an answer carries, in %. Default 50, 80, 95. */
  readonly levels?: readonly number[];
  /** What remaining life is counted in. Default `1d`; with cycles for time, 1. */
  readonly unit?: Duration;
  /** Channels that are looked at. Default: all that the histories have in common. */
  readonly channels?: readonly string[];
  /** Rows that are looked back on. Default 30. */
  readonly window?: number;
  /** Rows at the beginning that tell what is usual for an asset. Default 15. */
  readonly baseline?: number;
  /** Whether the time since an asset's first row tells something. Default false: histories seldom begin at birth. */
  readonly age?: boolean;
  /** Longest remaining life that is told apart, in `unit`: far from failure nothing shows yet. Default: none. */
  readonly cap?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** An interval that holds the truth with probability `level` %. */
export interface LifeInterval {
  readonly level: number;
  readonly lower: number;
  readonly upper: number;
}

/** What is said about an asset's remaining life. All lengths are in the predictor's `unit` (days by default). */
export interface RULPrediction {
  /** Time of the last row that was looked at. */
  readonly time: number;
  /** As likely too long as too short; null where nothing can be said, for `reason`. */
  readonly median: number | null;
  readonly intervals: readonly LifeInterval[];
  /** Probability that it fails within 7, 14 and 30 units. */
  readonly failureWithin: Readonly<Record<7 | 14 | 30, number>> | null;
  /** Why there is no answer. */
  readonly reason?: string;
}

/** How much a channel's course shortens or lengthens the answer. */
export interface LifeContribution {
  readonly feature: string;
  /** In `unit`: negative shortens the remaining life. */
  readonly contribution: number;
}

interface Resolved extends RulFeatureOptions {
  readonly levels: readonly number[];
  readonly unit: number;
  readonly channels: readonly string[] | undefined;
  readonly cap: number;
  readonly seed: number;
}

interface Fitted {
  readonly channels: readonly string[];
  readonly model: GradientBoosting;
  readonly residuals: ResidualQuantiles;
}

interface SavedPredictor {
  readonly options: Omit<Resolved, 'channels' | 'cap'> & { readonly cap: number | null };
  readonly channels: readonly string[];
  readonly model: ReturnType<GradientBoosting['toJSON']>;
  readonly residuals: SavedResiduals;
}

/** Rows that must have been seen before anything is said. */
const LEAST_ROWS = 5;
const FOLDS = 5;

/**
 * Predicts remaining useful life from run-to-failure histories: gradient boosting on the course of each channel over a
 * window, with intervals from assets that were held out, local in the stage of life. Histories come from the field or from
 * a twin (`twin.runToFailure`), whose truth is physical.
 *
 * ```ts
 * const predictor = new RULPredictor({ seed: 1 }).fit(twin.runToFailure({ fleet: 60, seed: 1 }));
 * const { median, intervals, failureWithin } = predictor.predict(lastMonthByDay);
 * ```
 */
export class RULPredictor {
  readonly #options: Resolved;
  #fitted: Fitted | undefined;

  /** @throws TwinergyError `RUL_BAD_OPTION`, `BAD_DURATION` */
  constructor({
    levels = [50, 80, 95],
    unit = '1d',
    channels,
    window = 30,
    baseline = 15,
    age = false,
    cap = Number.POSITIVE_INFINITY,
    seed = 0,
  }: RULPredictorOptions = {}) {
    const wrong = (path: string, value: unknown, hint: string) =>
      new TwinergyError('RUL_BAD_OPTION', `${String(value)} will not do for the option ${path}.`, {
        path,
        value,
        hint,
      });
    if (!(window >= 3)) throw wrong('window', window, 'It takes at least 3 rows to see a slope.');
    if (!(baseline >= 1)) throw wrong('baseline', baseline, 'At least 1 row.');
    if (!(cap > 0)) throw wrong('cap', cap, 'It must be greater than 0.');
    for (const level of levels)
      if (!(level > 0 && level < 100)) throw wrong('levels', level, 'Levels are in %, between 0 and 100.');
    this.#options = {
      levels: [...levels].sort((a, b) => a - b),
      unit: durationMs(unit, 'unit'),
      channels,
      window,
      baseline,
      age,
      cap,
      seed,
    };
  }

  /**
   * Learns from assets that ran to failure.
   * @throws TwinergyError `RUL_NO_HISTORIES`, `RUL_BAD_HISTORY`, `RUL_NO_CHANNELS`, `FRAME_UNKNOWN_COLUMN`, `ABORTED`
   */
  fit(histories: readonly LifeHistory[], options: WorkOptions = {}): this {
    this.#fitted = runSync(this.#learn(histories), options);
    return this;
  }

  /** The same without blocking. */
  async fitAsync(histories: readonly LifeHistory[], options: WorkOptions = {}): Promise<this> {
    this.#fitted = await runAsync(this.#learn(histories), options);
    return this;
  }

  /**
   * The remaining life at the last row of `frame`, an asset's history so far. Too short a history is an answer with a
   * reason, not a guess.
   * @throws NotFittedError, TwinergyError `FRAME_UNKNOWN_COLUMN`
   */
  predict(frame: Frame): RULPrediction {
    const { channels, model, residuals } = this.#get();
    const time = frame.time[frame.length - 1] ?? Number.NaN;
    if (frame.length < LEAST_ROWS) {
      return {
        time,
        median: null,
        intervals: [],
        failureWithin: null,
        reason: `There are ${frame.length} rows of history; at least ${LEAST_ROWS} are needed.`,
      };
    }
    const { data } = rulFeatures(frame, channels, this.#options, frame.length - 1);
    if (data.every((value) => Number.isNaN(value))) {
      return {
        time,
        median: null,
        intervals: [],
        failureWithin: null,
        reason: 'No channel of the history has a value.',
      };
    }
    const point = model.predictRow(data);
    const errors = residuals.near(point);
    const at = (p: number) => Math.min(this.#options.cap, Math.max(0, point + outerQuantile(errors, p)));
    const intervals = this.#options.levels.map((level) => ({
      level,
      lower: at(0.5 - level / 200),
      upper: at(0.5 + level / 200),
    }));
    const within = (limit: number) =>
      errors.reduce((count, error) => count + (point + error <= limit ? 1 : 0), 0) / errors.length;
    return { time, median: at(0.5), intervals, failureWithin: { 7: within(7), 14: within(14), 30: within(30) } };
  }

  /** What in the asset's history makes the answer what it is, greatest first (TreeSHAP). */
  explain(frame: Frame): LifeContribution[] {
    const { channels, model } = this.#get();
    const { data } = rulFeatures(frame, channels, this.#options, frame.length - 1);
    const { contributions } = model.explain(data);
    return featureNames(channels, this.#options)
      .map((feature, i) => ({ feature, contribution: contributions[i] as number }))
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  }

  toJSON(): SealedModel<SavedPredictor> {
    const { channels, model, residuals } = this.#get();
    const { channels: _wanted, cap, ...options } = this.#options;
    return seal('RULPredictor', 1, {
      options: { ...options, cap: Number.isFinite(cap) ? cap : null },
      channels,
      model: model.toJSON(),
      residuals: residuals.toJSON(),
    });
  }

  /** @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT` */
  static fromJSON(saved: SealedModel<SavedPredictor>): RULPredictor {
    const { options, channels, model, residuals } = unseal('RULPredictor', 1, saved);
    const predictor = new RULPredictor({ ...options, cap: options.cap ?? Number.POSITIVE_INFINITY, channels });
    predictor.#fitted = {
      channels,
      model: GradientBoosting.fromJSON(model),
      residuals: new ResidualQuantiles(residuals.predicted, residuals.residual),
    };
    return predictor;
  }

  #get(): Fitted {
    if (this.#fitted === undefined) throw new NotFittedError('RULPredictor');
    return this.#fitted;
  }

  *#learn(histories: readonly LifeHistory[]): Work<Fitted> {
    const options = this.#options;
    const channels = checkHistories(histories, options.channels);
    const sets = histories.map((history) => trainingSet(history, channels, options));
    // Whole assets are held out: rows of one asset know each other too well.
    const order = Uint32Array.from(sets, (_, i) => i);
    new Random(options.seed).split('folds').shuffle(order);
    const folds = Math.min(FOLDS, sets.length);
    const predicted: number[] = [];
    const residual: number[] = [];
    for (let fold = 0; fold < folds; fold++) {
      const held = new Set(order.filter((_, place) => place % folds === fold));
      const model = yield* fitModel(
        sets.filter((_, i) => !held.has(i)),
        options.seed,
      );
      for (const i of held) {
        const { matrix, target } = sets[i] as TrainingSet;
        model.predict(matrix).forEach((value, row) => {
          predicted.push(value);
          residual.push((target[row] as number) - value);
        });
      }
      yield { phase: 'holding assets out', done: fold + 1, total: folds + 1 };
    }
    const model = yield* fitModel(sets, options.seed);
    yield { phase: 'learning from all', done: folds + 1, total: folds + 1 };
    return { channels, model, residuals: new ResidualQuantiles(predicted, residual) };
  }
}

interface TrainingSet {
  readonly matrix: Matrix;
  readonly target: Float64Array;
}

function trainingSet({ frame, failureTime }: LifeHistory, channels: readonly string[], options: Resolved): TrainingSet {
  const from = Math.min(frame.length - 1, LEAST_ROWS - 1);
  const matrix = rulFeatures(frame, channels, options, from);
  const target = Float64Array.from({ length: matrix.rows }, (_, i) =>
    Math.min(options.cap, (failureTime - (frame.time[from + i] as number)) / options.unit),
  );
  return { matrix, target };
}

/** Small steps on parts of rows and columns: neighbouring rows of one asset say nearly the same. */
function* fitModel(sets: readonly TrainingSet[], seed: number): Work<GradientBoosting> {
  const columns = (sets[0] as TrainingSet).matrix.columns;
  const rows = sets.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const data = new Float64Array(rows * columns);
  const target = new Float64Array(rows);
  let row = 0;
  for (const set of sets) {
    data.set(set.matrix.data, row * columns);
    target.set(set.target, row);
    row += set.matrix.rows;
  }
  const model = new GradientBoosting({
    trees: 200,
    learningRate: 0.05,
    maxLeaves: 15,
    minLeaf: 20,
    columnSample: 0.5,
    rowSample: 0.7,
    lambda: 1,
    seed,
  });
  return yield* model.fitting({ data, rows, columns }, target);
}
