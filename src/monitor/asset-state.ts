import type { HealthScoreCalculator, RULPrediction } from '../models/index.js';
import type { SavedDaily } from './daily.js';
import type { SavedRatio } from './held-ratio.js';
import type { SavedTrial } from './shadow-trial.js';
import type { Stage, StageOutcome } from './stages.js';

/** Everything that the monitor worked out from one reading. */
export type AssetOutcome = Readonly<StageOutcome>;

/** What is said of a reading that is not taken in. */
export interface ReadingJudgement {
  /** What a sound asset would measure, by stage. */
  readonly expected: Readonly<Record<string, number>>;
  /** Measured over expected output; absent where too little is expected to tell. */
  readonly powerRatio: number | undefined;
  /** Absent while there is no detector, and where the reading is not judged. */
  readonly anomaly:
    | { readonly score: number; readonly pValue: number; readonly anomalous: boolean; readonly why: string }
    | undefined;
}

/** What changes of an asset with every reading, for JSON: as little as can be. */
export interface AssetState {
  /** Time of the newest reading, ms since the epoch. */
  readonly time: number;
  readonly healthLabel: string | null;
  /** The health that was stored last, and when. */
  readonly health?: readonly [time: number, score: number] | undefined;
  /** How measured output stood to expected when it could last be told. */
  readonly ratio?: SavedRatio | undefined;
  readonly forecastAt: number | null;
  /** What stages of the user's own remember. */
  readonly memory?: Readonly<Record<string, Record<string, unknown>>> | undefined;
  /** How the version that runs beside the models in use did. */
  readonly shadow?: SavedTrial | undefined;
}

/** What changes of an asset once a day, for JSON. */
export interface DailyState {
  readonly daily: SavedDaily;
  readonly life: RULPrediction | null;
}

/** Options of the stages of one asset. */
export interface AssetMonitorOptions {
  readonly health: HealthScoreCalculator;
  /** Time between forecasts, ms of the readings' time. */
  readonly forecastEvery: number;
  /** Horizon of forecasts, ms. */
  readonly forecastHorizon: number;
  /** The pipeline. */
  readonly stages: readonly Stage[];
  /** Told how long a model took to answer, ms. */
  readonly onInference?: (model: string, ms: number) => void;
}
