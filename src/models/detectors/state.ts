import { TwinergyError } from '../../core/errors.js';
import type { AdaptiveRateState } from './adaptive-rate.js';
import type { CalibrationState } from './calibration.js';
import type { SpotState } from './extreme-value.js';
import type { FeatureState } from './features.js';
import type { AnomalyDetectorOptions } from './options.js';
import type { RollingState } from './rolling-calibration.js';
import type { ScalerState } from './scaler.js';

/** A fitted `AnomalyDetector` as JSON data. */
export interface DetectorState {
  /** The options, without an engine or a drift detector of the user's own. */
  readonly options: AnomalyDetectorOptions;
  readonly channels: readonly string[];
  readonly drifting: readonly number[];
  readonly units: readonly string[];
  readonly stream: FeatureState;
  readonly smoothing: readonly number[];
  readonly scaler: ScalerState;
  readonly engine: unknown;
  readonly calibration: CalibrationState;
  readonly threshold: string;
  readonly references: { readonly data: string; readonly rows: number; readonly columns: number };
  readonly adaptive: { readonly rolling: RollingState; readonly rate: AdaptiveRateState } | null;
  readonly spot: SpotState | null;
  /** What the drift detector has seen; absent in detectors stored by older releases, and in those of the user's own that keep none. */
  readonly drift?: unknown;
}

/**
 * The state with its engine put back, where the engine is the user's own.
 * @throws TwinergyError `DETECTOR_ENGINE_NEEDED`
 */
export function readState(state: DetectorState, engine: AnomalyDetectorOptions['engine']): DetectorState {
  const chosen = state.options.engine ?? engine;
  if (chosen === undefined) {
    throw new TwinergyError('DETECTOR_ENGINE_NEEDED', 'This detector was stored with an engine of its user.', {
      hint: 'Pass that engine, restored, as the second argument of fromJSON().',
    });
  }
  return { ...state, options: { ...state.options, engine: chosen } };
}
