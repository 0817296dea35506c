import { NotFittedError } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import type { WorkOptions } from '../core/work.js';
import { Calibration } from './rul/calibration.js';
import { Preparation } from './rul/course.js';
import { fitLifeEngine, type LifeEngine } from './rul/engine.js';
import { explainLife, type LifeExplanation } from './rul/explanation.js';
import { commonChannels, type Life, type LifeHistory, livesOf } from './rul/history.js';
import { type Learned, type LifeCandidate, learnAsync, learnSync } from './rul/learn.js';
import { type ResolvedRul, type RULPredictorOptions, resolveRul } from './rul/options.js';
import { type PredictLifeOptions, predictLife, type RULPrediction } from './rul/prediction.js';
import { type LifeEngineName, lifeEngines } from './rul/registry.js';
import { loadLearned, type SavedPredictor, saveLearned } from './rul/saved.js';
import { type SealedModel, seal, unseal } from './serial.js';

/**
 * Predicts remaining useful life from histories of assets: those that ran to failure, those that have not failed, those that
 * were made as new by maintenance. The engine says where the remaining life lies; assets that were held out say what that is
 * worth, by the stage of life. Histories come from the field or from a twin (`twin.runToFailure`), whose truth is physical.
 *
 * ```ts
 * const predictor = new RULPredictor({ seed: 1 }).fit(twin.runToFailure({ fleet: 60, seed: 1 }));
 * const { median, intervals, failureWithin } = predictor.predict(lastMonthByDay);
 * ```
 */
export class RULPredictor {
  readonly #options: ResolvedRul;
  #learned: Learned | undefined;

  /** @throws TwinergyError `RUL_BAD_OPTION`, `RUL_UNKNOWN_ENGINE`, `BAD_DURATION` */
  constructor(options: RULPredictorOptions = {}) {
    this.#options = resolveRul(options);
    lifeEngines(this.#options.engine);
  }

  /**
   * Learns from histories. Some must end with a failure, unless the engine relies on itself (`prognosisEngine`).
   * @throws TwinergyError `RUL_NO_HISTORIES`, `RUL_NO_FAILURES`, `RUL_BAD_HISTORY`, `RUL_NO_CHANNELS`, `RUL_NEEDS_ASYNC`,
   *   `FRAME_UNKNOWN_COLUMN`, `ABORTED`
   */
  fit(histories: readonly LifeHistory[], options: WorkOptions = {}): this {
    const { lives, channels, engines } = this.#begin(histories);
    this.#learned =
      lives === undefined ? this.#unlearned() : learnSync(lives, channels, engines, this.#options, options);
    return this;
  }

  /** The same without blocking; networks can only be fitted so. */
  async fitAsync(histories: readonly LifeHistory[], options: WorkOptions = {}): Promise<this> {
    const { lives, channels, engines } = this.#begin(histories);
    this.#learned =
      lives === undefined ? this.#unlearned() : await learnAsync(lives, channels, engines, this.#options, options);
    return this;
  }

  /**
   * The remaining life at the last row of `frame`, an asset's history so far. Too little history is an answer with a reason, not
   * a guess.
   * @throws NotFittedError, TwinergyError `FRAME_UNKNOWN_COLUMN`
   */
  predict(frame: Frame, options: PredictLifeOptions = {}): RULPrediction {
    return predictLife(this.#get(), this.#options, frame, options);
  }

  /** What in the asset's history makes the answer what it is, as numbers and as a sentence. @throws NotFittedError */
  explain(frame: Frame): LifeExplanation {
    return explainLife(this.#get(), this.#options, frame);
  }

  /** What was tried in the fit, best first. */
  get candidates(): readonly LifeCandidate[] {
    return this.#get().candidates;
  }

  /** The channels that are looked at. */
  get channels(): readonly string[] {
    return this.#get().preparation.channels;
  }

  /** How many operating regimes were found. */
  get regimes(): number {
    return Math.max(1, this.#get().preparation.state.regimes.centres.length);
  }

  toJSON(): SealedModel<SavedPredictor> {
    return seal('RULPredictor', 3, saveLearned(this.#get(), this.#options));
  }

  /**
   * @param own the engine, where it is one of your own
   * @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT`, `RUL_UNKNOWN_ENGINE`, `RUL_NOT_LOADABLE`
   */
  static fromJSON(saved: SealedModel<SavedPredictor>, own?: LifeEngine): RULPredictor {
    const state = unseal('RULPredictor', 3, saved);
    const { engine, cap, ...rest } = state.options;
    const predictor = new RULPredictor({
      ...rest,
      engine: own?.name === engine ? own : (engine as LifeEngineName),
      cap: cap ?? Number.POSITIVE_INFINITY,
    });
    predictor.#learned = loadLearned(state, predictor.#options, own);
    return predictor;
  }

  #begin(histories: readonly LifeHistory[]): {
    lives: readonly Life[] | undefined;
    channels: readonly string[];
    engines: LifeEngine[];
  } {
    const engines = lifeEngines(this.#options.engine);
    if (histories.length === 0 && engines.every(({ selfReliant }) => selfReliant === true))
      return { lives: undefined, channels: [], engines };
    const lives = livesOf(histories);
    const frames = lives.map(({ frame }) => frame);
    return { lives, channels: commonChannels(frames, this.#options.wanted), engines };
  }

  /** The state of an engine that is taken at its word, since there are no histories. */
  #unlearned(): Learned {
    const options = this.#options;
    const [engine] = lifeEngines(options.engine) as [LifeEngine];
    const preparation = Preparation.blank(options.wanted ?? [], options);
    const work = fitLifeEngine(engine, [], { ...options, channels: preparation.channels });
    let step = work.next();
    while (!step.done) step = work.next();
    return {
      preparation,
      members: [{ engine, weight: 1, fitted: step.value }],
      calibration: Calibration.none(),
      candidates: [],
      ignorance: 0,
      risks: undefined,
    };
  }

  #get(): Learned {
    if (this.#learned === undefined) throw new NotFittedError('RULPredictor');
    return this.#learned;
  }
}
