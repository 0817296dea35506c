import { type Frame, TwinergyError, throwIfAborted, type WorkOptions } from '../core/index.js';
import { AnomalyDetector, RULPredictor } from '../models/index.js';
import { type DigitalTwin, wearMeterOf } from '../twin/index.js';
import { residualFrame } from './residual-features.js';
import type { ShadowModel } from './shadow-trial.js';

/** How the models that an asset begins with are made. */
export interface PriorOptions {
  /** Share of sound readings that are called anomalous. Default 0.0005. */
  readonly falseAlarmRate?: number;
  /** Days of sound operation that the twin makes up for the detector. Default 30. */
  readonly soundDays?: number;
  /**
   * Assets that the twin runs to failure for a predictor of remaining life of their own; 0 does without a predictor. Default: for
   * solar plants the ready model (`twinergy/models/ready`), which takes no time; for others 24.
   */
  readonly fleet?: number;
  readonly seed?: number;
}

/** Models from the twin alone, with which an asset gives useful output from its first reading. */
export interface PriorModels {
  readonly detector: AnomalyDetector;
  readonly predictor: RULPredictor | undefined;
  /** The version that runs beside them, where there is one. */
  readonly shadow?: ShadowModel | undefined;
}

/** Models fresh from training, with the sound operation that the detector learned from. */
export interface TrainedPrior extends PriorModels {
  readonly sound: Frame;
}

/** Models as they are kept in storage. */
export interface SavedPrior {
  readonly detector: ReturnType<AnomalyDetector['toJSON']>;
  readonly predictor: ReturnType<RULPredictor['toJSON']> | null;
}

/** Share of sound readings that detectors call anomalous. */
export function falseAlarmRateOf({ falseAlarmRate = 5e-4 }: PriorOptions): number {
  return falseAlarmRate;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;

/**
 * Trains the models of a kind of asset on what its twin makes up: a month of sound operation in each season for the
 * anomaly detector, a fleet that runs to failure for the predictor of remaining life.
 */
export async function trainPrior(
  twin: DigitalTwin,
  options: PriorOptions,
  work: WorkOptions = {},
): Promise<TrainedPrior> {
  const { soundDays = 30, fleet, seed = 0 } = options;
  const { signal, onProgress } = work;
  const parts = [];
  for (let season = 0; season < 4; season++) {
    throwIfAborted(signal);
    onProgress?.({ phase: 'making up sound operation', done: season, total: 4 });
    const from = Date.UTC(2025, season * 3, 10);
    const { telemetry } = await twin.simulateAsync({
      from,
      to: from + (soundDays / 4) * DAY,
      step: '10m',
      seed: seed + season,
      ...(signal && { signal }),
    });
    parts.push(residualFrame(twin, telemetry));
  }
  const sound = parts.reduce((all, part) => all.join(part, { conflict: 'left' }));
  const detector = await new AnomalyDetector({
    falseAlarmRate: falseAlarmRateOf(options),
    seed,
    drift: 'none',
  }).fitAsync(sound, work);
  if (fleet === 0 || twin.model.endOfLife.length === 0) return { detector, predictor: undefined, sound };
  if (fleet === undefined && twin.plant !== undefined) {
    const { readySolarLife } = await import('../models/ready/index.js');
    return { detector, predictor: readySolarLife(), sound };
  }
  const histories = await twin.runToFailureAsync({ fleet: fleet ?? 24, seed, ...work });
  const channels = wearMeterOf(twin.model).channels.map(({ name }) => name);
  // A history of the field may begin at any time of a life: nothing is compared with its first rows.
  const predictor = await new RULPredictor({ seed, cap: 365, baseline: 0, channels }).fitAsync(histories, work);
  return { detector, predictor, sound };
}

/** Models → what storage keeps. */
export function savePrior({ detector, predictor }: PriorModels): SavedPrior {
  return { detector: detector.toJSON(), predictor: predictor?.toJSON() ?? null };
}

/** What storage keeps → models. They remember nothing of a stream, so that all assets of a kind share them. */
export function loadPrior(saved: SavedPrior): PriorModels {
  return {
    detector: AnomalyDetector.fromJSON(saved.detector),
    predictor: saved.predictor === null ? undefined : RULPredictor.fromJSON(saved.predictor),
  };
}

/** A record of storage, where it holds models that this release can read and that look at figures which it still makes. */
export function readablePrior(data: unknown, twin: DigitalTwin): SavedPrior | undefined {
  if (typeof data !== 'object' || data === null || !('detector' in data)) return undefined;
  try {
    const saved = data as SavedPrior;
    const { predictor } = loadPrior(saved);
    const figures = new Set(wearMeterOf(twin.model).channels.map(({ name }) => name));
    return predictor?.channels.every((name) => figures.has(name)) === false ? undefined : saved;
  } catch (error) {
    if (error instanceof TwinergyError) return undefined;
    throw error;
  }
}

/** Hours of telemetry that a forecaster is fitted on at the least. */
export const LEAST_FORECAST_HISTORY = 72 * HOUR;
