import { quote, TwinergyError } from '../../core/errors.js';
import type { CustomDetector } from './custom.js';
import type { DriftDetector } from './drift.js';
import type { FeatureOptions } from './features.js';
import type { DetectorEngineName, DetectorEngineOptions } from './registry.js';
import type { ScalerName } from './scaler.js';

/** How the alarm threshold is set. */
export type ThresholdRule =
  /** At the calibrated `falseAlarmRate` (default). */
  | 'rate'
  /** So that this share of the training rows is beyond it: for training data that holds anomalies. */
  | { readonly contamination: number }
  /** Streaming extreme-value threshold at `falseAlarmRate`; `depth` > 0 follows a drift over so many rows (DSPOT). */
  | { readonly spot: { readonly depth?: number } };

/** Options of `AnomalyDetector`. */
export interface AnomalyDetectorOptions {
  /** A built-in engine by name, or an object of your own. Default `isolation-forest`. */
  readonly engine?: DetectorEngineName | CustomDetector;
  /** Options of the built-in engine. */
  readonly engineOptions?: DetectorEngineOptions[DetectorEngineName];
  /** Columns to look at. Default: all of the training frame but `mask`. */
  readonly channels?: readonly string[];
  /** Default `standard`. */
  readonly scaler?: ScalerName;
  /** Features beside the channels themselves. */
  readonly features?: FeatureOptions;
  /** Rows over which raw scores are averaged before they are judged (a trailing mean). Default 1: not at all. */
  readonly smoothing?: number;
  /** Share of normal rows that may raise an alarm. Default 0.001. */
  readonly falseAlarmRate?: number;
  /** Default `rate`. */
  readonly threshold?: ThresholdRule;
  /**
   * Where normal scores come from that the engine has not been fitted on: `split` holds every third block of rows back,
   * `cross` scores each of five blocks by an engine fitted on the rest, `none` takes the training rows themselves
   * (optimistic). Default: `split` from 1000 rows on, `cross` below, `none` below
   * 20; for engines that read rows in order `split` from 60 rows on.
   */
  readonly calibration?: 'split' | 'cross' | 'none';
  /**
   * In a stream, p-values are taken against the last so many scores and no longer against training data, and the
   * threshold follows so that the share of alarms stays at `falseAlarmRate` while the plant changes; a fault that lasts
   * becomes ordinary after some alarms. Default 0: training data for ever.
   */
  readonly adapt?: number;
  /** Watches the stream's p-values for a change that calls for a refit. Default `adwin`. */
  readonly drift?: 'adwin' | 'kswin' | 'page-hinkley' | 'none' | (() => DriftDetector);
  /** A column or channel that is not 0 where a row must not be judged: quality checks, maintenance, curtailment. */
  readonly mask?: string;
  /** Night: rows where this channel is below the limit are not judged. */
  readonly night?: { readonly channel: string; readonly below: number };
  /** Default 0. */
  readonly seed?: number;
}

/** The options with their defaults. */
export interface ResolvedOptions extends AnomalyDetectorOptions {
  readonly engine: DetectorEngineName | CustomDetector;
  readonly scaler: ScalerName;
  readonly features: FeatureOptions;
  readonly smoothing: number;
  readonly falseAlarmRate: number;
  readonly threshold: ThresholdRule;
  readonly adapt: number;
  readonly drift: NonNullable<AnomalyDetectorOptions['drift']>;
  readonly seed: number;
}

/**
 * Fills in the defaults and checks the numbers.
 * @throws TwinergyError `DETECTOR_BAD_OPTION`
 */
export function resolveOptions(options: AnomalyDetectorOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    ...options,
    engine: options.engine ?? 'isolation-forest',
    scaler: options.scaler ?? 'standard',
    features: options.features ?? {},
    smoothing: options.smoothing ?? 1,
    falseAlarmRate: options.falseAlarmRate ?? 0.001,
    threshold: options.threshold ?? 'rate',
    adapt: options.adapt ?? 0,
    drift: options.drift ?? 'adwin',
    seed: options.seed ?? 0,
  };
  check('falseAlarmRate', resolved.falseAlarmRate, (x) => x > 0 && x < 1, 'between 0 and 1');
  check(
    'smoothing',
    resolved.smoothing,
    (x) => Number.isInteger(x) && x >= 1 && x <= 10_000,
    'a whole number from 1 to 10000',
  );
  check(
    'adapt',
    resolved.adapt,
    (x) => x === 0 || (Number.isInteger(x) && x >= 50 && x <= 1e6),
    '0 or a whole number of rows from 50 on',
  );
  const rule = resolved.threshold;
  if (typeof rule === 'object' && 'contamination' in rule) {
    check('threshold.contamination', rule.contamination, (x) => x > 0 && x < 0.5, 'between 0 and 0.5');
  }
  return resolved;
}

function check(path: string, value: number, holds: (value: number) => boolean, wanted: string): void {
  if (typeof value !== 'number' || !holds(value)) {
    throw new TwinergyError('DETECTOR_BAD_OPTION', `${path} must be ${wanted}, got ${quote(value)}.`, { path, value });
  }
}
