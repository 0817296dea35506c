import type {
  ActionEvent,
  ActionsOptions,
  Alert,
  AlertChange,
  AlertEngineOptions,
  Rule,
  SuppressorOptions,
} from '../alerts/index.js';
import type { Clock, Duration, Frame, Progress } from '../core/index.js';
import type { HealthScore, HealthScoreCalculator, RULPrediction } from '../models/index.js';
import type { Storage } from '../storage/index.js';
import type { AssetModel, PlantDescription } from '../twin/index.js';
import type { NotifyOptions } from './alert-desk.js';
import type { AssetOutcome } from './asset-state.js';
import type { JobQueue } from './jobs/index.js';
import type { TriedModel } from './learning/learner.js';
import type { LearningOptions } from './learning/options.js';
import type { PriorOptions } from './prior-models.js';
import type { Stage } from './stages.js';
import type { ModelShelf } from './training.js';
import type { Rejection } from './validate.js';

/** Options of `Monitor`. */
export interface MonitorOptions {
  /** Plants by their description, and assets of any kind by their model. */
  readonly assets: readonly (PlantDescription | AssetModel)[];
  /** Where everything is kept. Default: in memory. */
  readonly storage?: Storage | Promise<Storage>;
  /** Default `default`. */
  readonly tenantId?: string;
  /** Default: `solarRules()`. */
  readonly rules?: readonly Rule[];
  /** What else the alert engine is given: assets with zone, parent and attributes, further channels, `expressions`. */
  readonly alerts?: Omit<AlertEngineOptions, 'rules' | 'tenantId' | 'clock'>;
  /**
   * Alerts that follow from another (by the parents in `alerts.assets`, and what rules explain) and the lesser ones of a storm
   * are suppressed by design. Default: none is.
   */
  readonly suppress?: Omit<SuppressorOptions, 'assets' | 'rules'>;
  /** Who is told of alerts. Default: nobody but the listeners. */
  readonly notify?: NotifyOptions;
  /** Work that alerts trigger, and who does it: begun by `tick`. Default: none. */
  readonly actions?: Omit<ActionsOptions, 'clock'>;
  readonly health?: HealthScoreCalculator;
  /**
   * How the models are made that an asset begins with, or a shelf of them that several monitors share; `false` does without
   * models.
   */
  readonly models?: PriorOptions | ModelShelf | false;
  /**
   * Learns from what is measured (see `docs/monitor.md`), begun by `tick`. When a learned model is taken into use depends on
   * the time that the work takes: a run with it does not repeat to the bit. Default: nothing is learned.
   */
  readonly learning?: LearningOptions;
  /** Where heavy work is done. Default: in this process, in steps between which the event loop has its turn. */
  readonly jobs?: JobQueue;
  /** Time between forecasts. Default `15m`. */
  readonly forecastEvery?: Duration;
  /** Default `6h`. */
  readonly forecastHorizon?: Duration;
  /** How late a reading may come and still be stored. Default `1d`. */
  readonly watermark?: Duration;
  /** How far a source's clock may be ahead. Default `5m`. */
  readonly clockTolerance?: Duration;
  /** The pipeline, from the stages there are: leave out, replace or add. Default: all of them. */
  readonly stages?: (stages: readonly Stage[]) => readonly Stage[];
  /** Readings that wait from which on stages are left out, and from which on more are refused. Default 20,000 and 500,000. */
  readonly overload?: { readonly shedFrom?: number; readonly refuseFrom?: number };
  readonly clock?: Clock;
  readonly seed?: number;
}

/** What became of the readings of one `ingest`. */
export interface IngestResult {
  /** Stored, and worked on unless they were late. */
  readonly accepted: number;
  /** Older than what had been worked on: stored and judged at their own time; they change history, not the present. */
  readonly late: number;
  /** Already there: nothing changed. */
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
}

/** Events of a `Monitor`, told after what they tell of has been stored. */
export interface MonitorEvents {
  reading: AssetOutcome;
  alert: Alert;
  alertChange: AlertChange;
  /** Something became of an action that an alert triggers. */
  action: ActionEvent;
  anomaly: AssetOutcome;
  health: { readonly assetId: string; readonly time: number; readonly health: HealthScore };
  forecast: { readonly assetId: string; readonly forecast: Frame };
  life: { readonly assetId: string; readonly life: RULPrediction };
  quarantine: Rejection;
  /** Stages are left out from now on, for more comes than can be worked on; empty: all are back. */
  overload: { readonly shed: readonly string[]; readonly waiting: number };
  /** Models are being made, or were taken into use. */
  training: { readonly assetId: string; readonly progress: Progress | 'done' };
  /** A model was learned from an asset's own data, and judged; where it is better it is in use from now on. */
  model: TriedModel;
}
