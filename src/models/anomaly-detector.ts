import { NotFittedError, TwinergyError } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import type { Reading } from '../core/reading.js';
import { runSync, throwIfAborted, type Work, type WorkOptions } from '../core/work.js';
import { AdaptiveRate } from './detectors/adaptive-rate.js';
import { Calibration } from './detectors/calibration.js';
import { CustomEngine } from './detectors/custom.js';
import { type DriftDetector, driftDetector } from './detectors/drift.js';
import { type DetectorEngine, rowOf, sampleRows, takeRows } from './detectors/engine.js';
import { explainRow } from './detectors/explain-row.js';
import { type Contribution, Explanation } from './detectors/explanation.js';
import { Spot } from './detectors/extreme-value.js';
import { FeatureBuilder } from './detectors/features.js';
import { type AnomalyInterval, type IntervalOptions, toIntervals, typicalStep } from './detectors/intervals.js';
import { fitEngine, tagsOf, thresholdOf, type Waiting } from './detectors/judge.js';
import { type AnomalyDetectorOptions, type ResolvedOptions, resolveOptions } from './detectors/options.js';
import { builderFor, channelsOf, isJudged, prepare, Smoother } from './detectors/preparation.js';
import { engineKind } from './detectors/registry.js';
import { RollingCalibration } from './detectors/rolling-calibration.js';
import { Scaler } from './detectors/scaler.js';
import { type DetectorState, readState } from './detectors/state.js';
import type { Matrix } from './matrix.js';
import { packFloats, type SealedModel, seal, unpackFloats, unseal } from './serial.js';

/** The judgement of one row. */
export interface AnomalyScore {
  /** 0…1: 0 is ordinary, 0.5 is exactly at `falseAlarmRate`, 1 is beyond everything. */
  readonly score: number;
  /** How likely a normal row is at least as unusual. */
  readonly pValue: number;
  /** Whether the row is beyond the threshold. */
  readonly anomalous: boolean;
  /** The engine's own number; comparable within one fitted detector. NaN where the row was not judged. */
  readonly raw: number;
}

/** The judgement of a reading in a stream. */
export interface AnomalyUpdate extends AnomalyScore {
  readonly time: number;
  /** Shares of the channels, most telling first; empty unless the reading is anomalous (explaining costs time). */
  readonly contributions: readonly Contribution[];
  /** The stream has changed since the detector was fitted: time to `refit`. */
  readonly drift: boolean;
}

/** The judgements of a frame's rows. */
export interface AnomalyScores {
  readonly time: Float64Array;
  readonly score: Float64Array;
  readonly pValue: Float64Array;
  readonly raw: Float64Array;
  /** 1 where the row is beyond the threshold. */
  readonly anomalous: Uint8Array;
}

/** What `adapt` keeps of the stream. */
interface Adaptive {
  readonly rolling: RollingCalibration;
  readonly rate: AdaptiveRate;
}

/** Everything that a fit gives. */
interface Fitted {
  readonly builder: FeatureBuilder;
  readonly units: readonly string[];
  readonly scaler: Scaler;
  readonly engine: DetectorEngine;
  readonly calibration: Calibration;
  /** Raw score beyond which a row is anomalous. */
  readonly threshold: number;
  /** Normal rows, scaled and filled, for explanations. */
  readonly references: Matrix;
  readonly adaptive: Adaptive | undefined;
  readonly spot: Spot | undefined;
}

/** Normal rows kept for explanations. */
const referenceRows = 512;

/**
 * Finds unusual rows in telemetry or in a twin's residuals. Learns from a frame of mostly normal operation; gives each
 * row a calibrated p-value, so that `falseAlarmRate` means what it says; explains; goes on in a stream, one reading at
 * a time.
 *
 * ```ts
 * const detector = new AnomalyDetector({ falseAlarmRate: 0.001, seed: 1 }).fit(residuals);
 * const { score, pValue } = detector.update(reading);
 * ```
 */
export class AnomalyDetector {
  /** The options with their defaults. */
  readonly options: ResolvedOptions;
  #fitted: Fitted | undefined;
  #smoother: Smoother;
  #drift: DriftDetector | undefined;
  #scratch = new Float64Array(0);
  #last:
    | {
        readonly assetId: string;
        readonly time: number;
        readonly row: Float64Array;
        readonly judgement: AnomalyScore;
      }
    | undefined;

  /** @throws TwinergyError `DETECTOR_BAD_OPTION`, `DETECTOR_UNKNOWN_ENGINE` */
  constructor(options: AnomalyDetectorOptions = {}) {
    this.options = resolveOptions(options);
    tagsOf(this.options);
    this.#smoother = new Smoother(this.options.smoothing);
    this.#drift = driftDetector(this.options.drift, this.options.seed);
  }

  /**
   * Learns from `frame`. Masked rows, night rows and rows with nothing measured are left out; infinite values count as
   * missing.
   * @throws TwinergyError `DETECTOR_NO_ROWS`, `DETECTOR_NO_CHANNELS`, `FRAME_UNKNOWN_COLUMN`, `DETECTOR_ASYNC_ENGINE`
   */
  fit(frame: Frame, options: WorkOptions = {}): this {
    this.#take(runSync(this.#fitWork(frame, undefined), options));
    return this;
  }

  /** `fit`, giving the event loop its turn; also for engines whose own fit is asynchronous. */
  async fitAsync(frame: Frame, { signal, onProgress }: WorkOptions = {}): Promise<this> {
    throwIfAborted(signal);
    const waiting: Waiting = { promise: undefined };
    const work = this.#fitWork(frame, waiting);
    let turnEnds = performance.now() + 12;
    for (;;) {
      const step = work.next();
      if (step.done) {
        this.#take(step.value);
        return this;
      }
      onProgress?.(step.value);
      await waiting.promise;
      waiting.promise = undefined;
      if (performance.now() >= turnEnds) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        turnEnds = performance.now() + 12;
      }
      throwIfAborted(signal);
    }
  }

  /**
   * Learns anew from `frame`, the old normal rows that are kept for explanations among it, so that what was normal once
   * stays known. Scale and channels stay. Call it when `update` reports `drift`.
   */
  refit(frame: Frame, options: WorkOptions = {}): this {
    const { builder, scaler, references, units } = this.#require();
    const { rows, judged } = this.#scaled(frame);
    const fresh = takeRows(rows, indicesOf(judged));
    const data = new Float64Array(references.data.length + fresh.data.length);
    data.set(references.data);
    data.set(fresh.data, references.data.length);
    const all = { data, rows: references.rows + fresh.rows, columns: rows.columns };
    const step = typicalStep(frame.time);
    this.#take(runSync(this.#fitScaled(all, { builder, units, scaler, step }, undefined), options));
    return this;
  }

  *#fitWork(frame: Frame, waiting: Waiting | undefined): Work<Fitted> {
    const channels = channelsOf(frame, this.options);
    const builder = builderFor(frame, channels, this.options);
    const { rows, judged } = prepare(frame, builder, this.options);
    // Rows before the first full window would teach gaps.
    if (rows.rows > 2 * builder.warmup) judged.fill(0, 0, builder.warmup);
    const usable = takeRows(rows, indicesOf(judged));
    for (let i = 0; i < usable.data.length; i++) {
      if (!Number.isFinite(usable.data[i] as number)) usable.data[i] = Number.NaN;
    }
    if (usable.rows === 0) {
      throw new TwinergyError('DETECTOR_NO_ROWS', 'No row of the frame can be learnt from.', {
        hint: 'All are empty, masked, or at night.',
      });
    }
    const scaler = Scaler.fit(usable, this.options.scaler);
    this.#scale(usable, scaler);
    const units = channels.map((channel) => frame.unit(channel));
    return yield* this.#fitScaled(usable, { builder, units, scaler, step: typicalStep(frame.time) }, waiting);
  }

  *#fitScaled(
    rows: Matrix,
    { builder, units, scaler, step }: Pick<Fitted, 'builder' | 'units' | 'scaler'> & { readonly step: number },
    waiting: Waiting | undefined,
  ): Work<Fitted> {
    const { options } = this;
    const random = new Random(options.seed);
    const result = yield* fitEngine(rows, options, random, { step }, waiting);
    const calibration = Calibration.fit(result.normalScores);
    const references = takeRows(rows, sampleRows(rows.rows, referenceRows, random.split('references')));
    for (let i = 0; i < references.data.length; i++) {
      if (Number.isNaN(references.data[i])) references.data[i] = 0;
    }
    const { threshold: rule, adapt, falseAlarmRate } = options;
    return {
      builder,
      units,
      scaler,
      engine: result.engine,
      calibration,
      threshold: thresholdOf(rows, result, calibration, options),
      references,
      adaptive:
        adapt > 0
          ? {
              rolling: new RollingCalibration(adapt, result.normalScores),
              rate: new AdaptiveRate(falseAlarmRate),
            }
          : undefined,
      spot:
        typeof rule === 'object' && 'spot' in rule
          ? new Spot({ rate: falseAlarmRate, ...rule.spot }).fit(result.normalScores)
          : undefined,
    };
  }

  #take(fitted: Fitted): void {
    this.#fitted = fitted;
    this.#smoother.reset();
    this.#drift = driftDetector(this.options.drift, this.options.seed);
    this.#last = undefined;
  }

  #require(): Fitted {
    if (this.#fitted === undefined) throw new NotFittedError('AnomalyDetector');
    return this.#fitted;
  }

  #scale(rows: Matrix, scaler: Scaler): void {
    const fill = !tagsOf(this.options).missing;
    for (let i = 0; i < rows.rows; i++) scaler.apply(rowOf(rows, i), fill);
  }

  #scaled(frame: Frame): { rows: Matrix; judged: Uint8Array } {
    const { builder, scaler } = this.#require();
    // A builder of its own: the stream's last rows are not the frame's.
    const prepared = prepare(frame, builder.fresh(), this.options);
    this.#scale(prepared.rows, scaler);
    return prepared;
  }

  /**
   * Judges each row of `frame` on its own, whatever the stream has seen. Rows that are masked, at night or empty get
   * score 0 and p-value 1.
   * @throws NotFittedError; TwinergyError `DETECTOR_WIDTH_MISMATCH` when a channel is absent
   */
  score(frame: Frame): AnomalyScores {
    const { engine, calibration, threshold } = this.#require();
    const { rows, judged } = this.#scaled(frame);
    const raw = new Float64Array(rows.rows);
    engine.scoreInto(rows, raw);
    const scores: AnomalyScores = {
      time: frame.time,
      score: new Float64Array(rows.rows),
      pValue: new Float64Array(rows.rows).fill(1),
      raw,
      anomalous: new Uint8Array(rows.rows),
    };
    const smoother = new Smoother(this.options.smoothing);
    for (let i = 0; i < rows.rows; i++) {
      if (judged[i] === 0) {
        raw[i] = Number.NaN;
        continue;
      }
      raw[i] = smoother.push(raw[i] as number);
      const judgement = this.#judge(raw[i] as number, calibration, threshold);
      scores.score[i] = judgement.score;
      scores.pValue[i] = judgement.pValue;
      scores.anomalous[i] = judgement.anomalous ? 1 : 0;
    }
    return scores;
  }

  #judge(raw: number, calibration: Calibration, threshold: number): AnomalyScore {
    const pValue = calibration.pValue(raw);
    return { raw, pValue, score: toScore(pValue, this.options.falseAlarmRate), anomalous: raw >= threshold };
  }

  /** Anomalous stretches of `frame`: start, end, peak and the channels that tell most. */
  intervals(frame: Frame, options: IntervalOptions = {}): AnomalyInterval[] {
    const scores = this.score(frame);
    const { rows } = this.#scaled(frame);
    const channelsAt = (i: number) =>
      explainRow(this.#require(), rowOf(rows, i), this.options)
        .filter(({ share }) => share >= 0.2)
        .map(({ channel }) => channel);
    return toIntervals(scores, channelsAt, options);
  }

  /**
   * Judges the next reading of a stream, and lets what learns online learn from it. The cost does not depend on how much
   * has passed. A channel that is absent, or has a quality flag, counts as missing.
   */
  update(reading: Reading): AnomalyUpdate {
    const fitted = this.#require();
    const { builder, scaler, engine, calibration, threshold, adaptive, spot } = fitted;
    const { assetId, time } = reading;
    const values = this.#values(reading, fitted);
    const row = new Float64Array(builder.names.length);
    builder.push(time, values, row);
    const { mask, night } = this.options;
    const maskValue = mask === undefined ? undefined : reading.values[mask];
    const nightValue = night === undefined ? undefined : reading.values[night.channel];
    scaler.apply(row, !tagsOf(this.options).missing);
    if (!isJudged(values, maskValue, nightValue, this.options)) {
      const judgement = { score: 0, pValue: 1, anomalous: false, raw: Number.NaN };
      this.#last = { assetId, time, row, judgement };
      return updateOf(judgement, time, [], false);
    }
    const raw = this.#smoother.push(engine.step(row));
    const judged = this.#judge(raw, calibration, threshold);
    const judgement =
      adaptive !== undefined
        ? this.#adapted(raw, adaptive, calibration)
        : spot !== undefined
          ? { ...judged, anomalous: spot.step(raw) }
          : judged;
    // By the p-value against training data: adapted ones stay even whatever happens.
    const drift = this.#drift?.step(1 - judged.pValue) ?? false;
    this.#last = { assetId, time, row, judgement };
    return updateOf(judgement, time, judgement.anomalous ? explainRow(fitted, row, this.options) : [], drift);
  }

  #adapted(raw: number, { rolling, rate }: Adaptive, calibration: Calibration): AnomalyScore {
    const pValue = rate.step((rolling.current ?? calibration).pValue(raw));
    rolling.push(raw);
    const { falseAlarmRate } = this.options;
    return { raw, pValue, score: toScore(pValue, falseAlarmRate), anomalous: pValue <= falseAlarmRate };
  }

  /** The values of the detector's channels; they stand until the next call. */
  #values({ values, quality }: Reading, { builder: { channels } }: Fitted): Float64Array {
    if (this.#scratch.length !== channels.length) this.#scratch = new Float64Array(channels.length);
    const row = this.#scratch;
    for (let c = 0; c < channels.length; c++) {
      const channel = channels[c] as string;
      row[c] = (quality?.[channel] ?? 0) !== 0 ? Number.NaN : (values[channel] ?? Number.NaN);
    }
    return row;
  }

  /**
   * Why a reading is as unusual as it is: each channel's share, what it reads in the most similar normal rows, and a
   * sentence. The stream is left as it is; a reading that was the last one of `update` keeps its judgement.
   */
  explain(reading: Reading): Explanation {
    const fitted = this.#require();
    const last = this.#last;
    let row: Float64Array;
    let judgement: AnomalyScore;
    // A detector may be shared by several assets: the time alone does not say that it is the same reading.
    if (last !== undefined && last.time === reading.time && last.assetId === reading.assetId) {
      row = last.row;
      judgement = last.judgement;
    } else {
      row = new Float64Array(fitted.builder.names.length);
      fitted.builder.peek(reading.time, this.#values(reading, fitted), row);
      fitted.scaler.apply(row, !tagsOf(this.options).missing);
      const raw = this.#probe(fitted.engine, row);
      judgement = this.#judge(raw, fitted.adaptive?.rolling.current ?? fitted.calibration, fitted.threshold);
    }
    const { score, pValue, anomalous } = judgement;
    return new Explanation(score, pValue, anomalous, explainRow(fitted, row, this.options));
  }

  /** The score that the stream's next row would get, by a copy where scoring changes the engine. */
  #probe(engine: DetectorEngine, row: Float64Array): number {
    const { sequential, online } = tagsOf(this.options);
    if (!(sequential || online) || typeof this.options.engine !== 'string') return engine.step(row);
    return engineKind(this.options.engine)
      .restore(engine.toJSON() as never)
      .step(row);
  }

  /** The fitted detector with the state of its stream as JSON data. */
  toJSON(): SealedModel<DetectorState> {
    const fitted = this.#require();
    const { engine: _engine, drift, ...plain } = this.options;
    return seal('AnomalyDetector', 1, {
      options: {
        ...plain,
        ...(typeof drift === 'string' ? { drift } : {}),
        ...(typeof this.options.engine === 'string' ? { engine: this.options.engine } : {}),
      },
      channels: fitted.builder.channels,
      drifting: Array.from(fitted.builder.drifting),
      units: fitted.units,
      stream: fitted.builder.toJSON(),
      smoothing: this.#smoother.toJSON(),
      scaler: fitted.scaler.toJSON(),
      engine: fitted.engine.toJSON(),
      calibration: fitted.calibration.toJSON(),
      threshold: packFloats(Float64Array.of(fitted.threshold)),
      references: { ...fitted.references, data: packFloats(fitted.references.data) },
      adaptive:
        fitted.adaptive === undefined
          ? null
          : { rolling: fitted.adaptive.rolling.toJSON(), rate: fitted.adaptive.rate.toJSON() },
      spot: fitted.spot?.toJSON() ?? null,
      ...(this.#drift?.toJSON !== undefined && { drift: this.#drift.toJSON() }),
    });
  }

  /**
   * The detector that `toJSON` gave, to the bit.
   * @param engine for a detector with an engine of your own: that engine, restored by you
   * @throws TwinergyError `MODEL_WRONG_KIND`, `MODEL_WRONG_VERSION`, `MODEL_CORRUPT`
   */
  static fromJSON(sealed: SealedModel<DetectorState>, engine?: AnomalyDetectorOptions['engine']): AnomalyDetector {
    const state = readState(unseal('AnomalyDetector', 1, sealed), engine);
    const detector = new AnomalyDetector(state.options);
    const { options } = detector;
    const builder = new FeatureBuilder(state.channels, options.features, Uint8Array.from(state.drifting));
    builder.restore(state.stream);
    detector.#fitted = {
      builder,
      units: state.units,
      scaler: Scaler.fromJSON(state.scaler),
      engine:
        typeof options.engine === 'string'
          ? engineKind(options.engine).restore(state.engine as never)
          : new CustomEngine(options.engine),
      calibration: Calibration.fromJSON(state.calibration),
      threshold: unpackFloats(state.threshold)[0] as number,
      references: { ...state.references, data: unpackFloats(state.references.data) },
      adaptive:
        state.adaptive === null
          ? undefined
          : {
              rolling: RollingCalibration.fromJSON(state.adaptive.rolling),
              rate: new AdaptiveRate(options.falseAlarmRate, state.adaptive.rate.threshold),
            },
      spot: state.spot === null ? undefined : Spot.fromJSON(state.spot),
    };
    detector.#smoother.restore(state.smoothing);
    if (state.drift !== undefined) detector.#drift?.restore?.(state.drift);
    return detector;
  }
}

/** p-value → 0…1 with 0.5 at `rate`: 1 − 2^(−ln p / ln rate), so that equal factors in p are equal steps. */
function updateOf(
  { score, pValue, anomalous, raw }: AnomalyScore,
  time: number,
  contributions: readonly Contribution[],
  drift: boolean,
): AnomalyUpdate {
  return { score, pValue, anomalous, raw, time, contributions, drift };
}

function toScore(pValue: number, rate: number): number {
  return 1 - 2 ** -(Math.log(pValue) / Math.log(rate));
}

function indicesOf(flags: Uint8Array): number[] {
  const indices: number[] = [];
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1) indices.push(i);
  return indices;
}
