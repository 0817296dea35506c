import type { Frame, Reading } from '../core/index.js';
import type { AnomalyUpdate, HealthScore, RULPrediction } from '../models/index.js';
import type { DigitalTwin } from '../twin/index.js';

/** What is worked out from a reading, as the stages fill it in one after the other. */
export interface StageOutcome {
  readonly reading: Reading;
  /** What a sound asset would measure, by stage of the physics. */
  expected: Readonly<Record<string, number>>;
  /** Measured over expected output. */
  powerRatio: number | undefined;
  anomaly: (AnomalyUpdate & { readonly why: string | undefined }) | undefined;
  health: HealthScore;
  /** The newest word on remaining life. */
  life: RULPrediction | undefined;
  /** Whether `life` was worked out anew. */
  lifeIsNew: boolean;
  /** A forecast that was made after this reading. */
  forecast: Frame | undefined;
  /** Figures of stages of your own: alert rules see them as channels of these names. */
  signals: Record<string, number> | undefined;
}

/** The asset that a stage works for. */
export interface StageAsset {
  readonly id: string;
  readonly twin: DigitalTwin;
  /** What a stage of your own remembers of this asset, JSON data: change it in place, and it outlives a restart. */
  memory(stage: string): Record<string, unknown>;
}

/** Names of the stages there are, in their order. */
export const stageNames = ['expectation', 'anomaly', 'health', 'life', 'forecast'] as const;
export type StageName = (typeof stageNames)[number];

/**
 * A step of the pipeline. It reads what those before it left in `outcome` and adds its own; it must depend on the reading
 * and on its memory alone, so that a run repeats to the bit.
 */
export interface Stage {
  /** One of `stageNames`, or a name of your own. */
  readonly name: string;
  process(outcome: StageOutcome, asset: StageAsset): void;
}

/** What is left out first when more comes than can be worked on. Alerts are never left out. */
export const sheddingOrder: readonly StageName[] = ['forecast', 'life', 'anomaly'];

/** A health of which nothing is known. */
export const noHealth: HealthScore = {
  score: null,
  label: 'unknown',
  components: [],
  degradation: 0,
  missing: [],
  confidence: 0,
  reason: 'Not worked out.',
};

/** Nothing expected. */
const NOTHING: StageOutcome['expected'] = Object.freeze({});

/** An outcome before the first stage. A class, not a literal, for the reason that scores are: see `HealthScoreCalculator`. */
export class NewOutcome implements StageOutcome {
  expected: StageOutcome['expected'] = NOTHING;
  powerRatio: StageOutcome['powerRatio'];
  anomaly: StageOutcome['anomaly'];
  health = noHealth;
  lifeIsNew = false;
  forecast: StageOutcome['forecast'];
  signals: StageOutcome['signals'];

  constructor(
    readonly reading: Reading,
    public life: RULPrediction | undefined,
  ) {}
}
