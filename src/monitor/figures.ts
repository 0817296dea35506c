import type { Frame } from '../core/index.js';
import { type ForecastAccuracy, ForecastScore } from './forecast-score.js';
import type { JobCounts } from './jobs/index.js';

/** Durations kept for quantiles. */
const KEPT = 1024;

/** The last durations of something, ms. */
class Durations {
  readonly #kept = new Float64Array(KEPT);
  #count = 0;

  add(ms: number): void {
    this.#kept[this.#count++ % KEPT] = ms;
  }

  /** Median and 99th percentile; null before the first. */
  quantiles(): Quantiles {
    const n = Math.min(this.#count, KEPT);
    if (n === 0) return { p50: null, p99: null };
    const sorted = this.#kept.slice(0, n).sort();
    return { p50: sorted[Math.floor(0.5 * (n - 1))] as number, p99: sorted[Math.floor(0.99 * (n - 1))] as number };
  }
}

/** Median and 99th percentile of the last 1,024 durations, ms; null before the first. */
export interface Quantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Durations by name. */
class NamedDurations {
  readonly #named = new Map<string, Durations>();

  add(name: string, ms: number): void {
    let durations = this.#named.get(name);
    if (durations === undefined) {
      durations = new Durations();
      this.#named.set(name, durations);
    }
    durations.add(ms);
  }

  quantiles(): Record<string, Quantiles> {
    return Object.fromEntries(Array.from(this.#named, ([name, durations]) => [name, durations.quantiles()]));
  }
}

/** What a monitor says of itself: counts since it began, and times of late. Times in ms. */
export interface MonitorMetrics {
  readonly assets: number;
  readonly openAlerts: number;
  /** Readings since the monitor began. */
  readonly accepted: number;
  readonly late: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Alerts raised, and in the last hour of the monitor's clock. */
  readonly alertsRaised: number;
  readonly alertsLastHour: number;
  /** Anomalous readings. */
  readonly anomalies: number;
  /** Readings that wait. */
  readonly queueDepth: number;
  /** Age of the newest reading of the asset that has been silent longest, ms; null before the first. */
  readonly lag: number | null;
  /** Mean health of the assets that have one. */
  readonly health: number | null;
  /** Mean of |measured − expected| output over mean expected output, over all readings of late; null before any. */
  readonly predictionError: number | null;
  /** Stages that are shed now. */
  readonly shed: readonly string[];
  /** Readings that were worked on without the stages that were shed. */
  readonly shedReadings: number;
  /** From `ingest` to its answer. */
  readonly ingest: Quantiles;
  /** Of the store's commit. */
  readonly commit: Quantiles;
  /** Of each stage, sampled: of one reading in 64. */
  readonly stages: Readonly<Record<string, Quantiles>>;
  /** Of an answer of each model: `detector` (sampled), `predictor` and `forecaster` (each). */
  readonly inference: Readonly<Record<string, Quantiles>>;
  /** Of the monitor's calls of its store, by statement: `commit`, `read`, `list alerts`. */
  readonly queries: Readonly<Record<string, Quantiles>>;
  /** How forecasts of an hour ahead came true. */
  readonly forecasts: ForecastAccuracy;
  /** Jobs in the monitor's queue. */
  readonly jobs: JobCounts;
}

const HOUR = 3_600_000;

/** Counts what a monitor does. */
export class MonitorFigures {
  accepted = 0;
  late = 0;
  duplicates = 0;
  rejected = 0;
  anomalies = 0;
  alertsRaised = 0;
  shedReadings = 0;
  readonly ingest = new Durations();
  readonly commit = new Durations();
  readonly #stages = new NamedDurations();
  readonly #inference = new NamedDurations();
  readonly #queries = new NamedDurations();
  readonly #forecasts = new ForecastScore();
  readonly #health = new Map<string, number>();
  #raisedAt: number[] = [];
  #error = Number.NaN;

  /** A stage took so long, ms. */
  stage(name: string, ms: number): void {
    this.#stages.add(name, ms);
    if (name === 'anomaly') this.#inference.add('detector', ms);
  }

  /** A model's answer took so long, ms. */
  inference(model: string, ms: number): void {
    this.#inference.add(model, ms);
  }

  /** A call of the store took so long, ms. */
  query(statement: string, ms: number): void {
    this.#queries.add(statement, ms);
  }

  /** The measured output of an asset, and the forecast that was made then. */
  output(assetId: string, time: number, output: number | undefined, forecast: Frame | undefined): void {
    this.#forecasts.measured(assetId, time, output);
    if (forecast !== undefined) this.#forecasts.made(assetId, time, forecast);
  }

  raised(time: number): void {
    this.alertsRaised++;
    this.#raisedAt.push(time);
    if (this.#raisedAt.length > 10_000) this.#raisedAt = this.#raisedAt.slice(-5000);
  }

  /** The health of an asset as it is now. */
  health(assetId: string, score: number | null): void {
    if (score !== null) this.#health.set(assetId, score);
  }

  /** Measured over expected output of a reading; forgets with a memory of about 1,000 readings. */
  ratio(powerRatio: number | undefined): void {
    if (powerRatio === undefined) return;
    const error = Math.abs(powerRatio - 1);
    this.#error = Number.isNaN(this.#error) ? error : this.#error + (error - this.#error) / 1000;
  }

  snapshot(
    now: number,
  ): Pick<
    MonitorMetrics,
    | 'accepted'
    | 'late'
    | 'duplicates'
    | 'rejected'
    | 'anomalies'
    | 'alertsRaised'
    | 'alertsLastHour'
    | 'shedReadings'
    | 'health'
    | 'predictionError'
    | 'ingest'
    | 'commit'
    | 'stages'
    | 'inference'
    | 'queries'
    | 'forecasts'
  > {
    const scores = [...this.#health.values()];
    return {
      accepted: this.accepted,
      late: this.late,
      duplicates: this.duplicates,
      rejected: this.rejected,
      anomalies: this.anomalies,
      alertsRaised: this.alertsRaised,
      alertsLastHour: this.#raisedAt.filter((time) => time > now - HOUR).length,
      shedReadings: this.shedReadings,
      health: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
      predictionError: Number.isNaN(this.#error) ? null : this.#error,
      ingest: this.ingest.quantiles(),
      commit: this.commit.quantiles(),
      stages: this.#stages.quantiles(),
      inference: this.#inference.quantiles(),
      queries: this.#queries.quantiles(),
      forecasts: this.#forecasts.accuracy(),
    };
  }
}
