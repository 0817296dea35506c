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
  quantiles(): { readonly p50: number | null; readonly p99: number | null } {
    const n = Math.min(this.#count, KEPT);
    if (n === 0) return { p50: null, p99: null };
    const sorted = this.#kept.slice(0, n).sort();
    return { p50: sorted[Math.floor(0.5 * (n - 1))] as number, p99: sorted[Math.floor(0.99 * (n - 1))] as number };
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
  readonly ingest: { readonly p50: number | null; readonly p99: number | null };
  /** Of the store's commit. */
  readonly commit: { readonly p50: number | null; readonly p99: number | null };
  /** Of each stage, sampled: of one reading in 64. */
  readonly stages: Readonly<Record<string, { readonly p50: number | null; readonly p99: number | null }>>;
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
  readonly #stages = new Map<string, Durations>();
  readonly #health = new Map<string, number>();
  #raisedAt: number[] = [];
  #error = Number.NaN;

  /** A stage took so long. */
  stage(name: string, ms: number): void {
    let durations = this.#stages.get(name);
    if (durations === undefined) {
      durations = new Durations();
      this.#stages.set(name, durations);
    }
    durations.add(ms);
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
      stages: Object.fromEntries([...this.#stages].map(([name, durations]) => [name, durations.quantiles()])),
    };
  }
}
