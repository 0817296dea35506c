import type { AnomalyDetector } from '../models/index.js';
import { detectorCost, rowWithTestFaults } from './learning/judge.js';
import { type ShadowReport, ShadowRun, type ShadowSums } from './registry/shadow.js';
import type { StageOutcome } from './stages.js';

/** Time between cases of one asset at the least, ms of the readings' time: nearer ones say hardly anything new. */
const EVERY = 300_000;

/** An asset of a health below this may be faulty: what is raised of it is not taken for a false alarm. */
const LEAST_HEALTH = 75;

/** Cases before anything is decided: a version that raises one sound reading in 300 has shown it by then. */
const LEAST_CASES = 1_000;

/** Which version of which model runs beside which. */
export interface TriedVersions {
  /** The model's name in the registry: `prior:…`. */
  readonly name: string;
  /** The version in use, and the one that runs beside it. */
  readonly current: number;
  readonly version: number;
}

/** A version that runs beside the one in use: its answers are compared, and nothing else is done with them. */
export interface ShadowModel extends TriedVersions {
  readonly detector: AnomalyDetector;
  /** A copy of the detector in use, so that what is tried with it leaves no trace in it. */
  readonly inUse: AnomalyDetector;
}

/** How a version does beside the one in use, over some assets. */
export interface ShadowTrials extends TriedVersions {
  /** Assets that have brought cases. */
  readonly assets: number;
  readonly sums: ShadowSums;
}

/** What an asset remembers of the comparison, for JSON. */
export interface SavedTrial extends TriedVersions {
  /** Time of its last case, ms since the epoch. */
  readonly at: number;
  readonly sums: ShadowSums;
}

/**
 * Sets the detector that runs as a shadow beside the one in use, on one asset: on readings that are sound as far as is known,
 * what each costs by what it raises and by what it would notice if a stage were moved. What is stored of a comparison waits
 * for its models, and ends when other versions come.
 */
export class ShadowTrial {
  readonly #model: ShadowModel | undefined;
  readonly #stored: SavedTrial | undefined;
  readonly #run: ShadowRun;
  #at: number;

  constructor(model: ShadowModel | undefined, stored: SavedTrial | undefined) {
    this.#model = model;
    this.#stored = stored;
    const goesOn = model !== undefined && stored !== undefined && keyOf(model) === keyOf(stored);
    this.#run = goesOn ? ShadowRun.fromJSON(stored.sums) : new ShadowRun();
    this.#at = goesOn ? stored.at : Number.NEGATIVE_INFINITY;
  }

  /** Whether a reading is a case: judged, not too near to the last one, and of an asset that is not known to be unwell. */
  due({ reading, anomaly, health }: StageOutcome): boolean {
    return (
      this.#model !== undefined &&
      anomaly !== undefined &&
      reading.time - this.#at >= EVERY &&
      (health.score === null || health.score >= LEAST_HEALTH)
    );
  }

  /** @param row what the detectors look at; undefined where there is nothing to judge */
  add(time: number, row: Readonly<Record<string, number>> | undefined, stages: readonly string[]): void {
    if (this.#model === undefined || row === undefined) return;
    const { detector, inUse } = this.#model;
    const rows = rowWithTestFaults(row, stages);
    const { falseAlarmRate } = inUse.options;
    this.#at = time;
    this.#run.add(detectorCost(inUse, rows, falseAlarmRate), detectorCost(detector, rows, falseAlarmRate));
  }

  /** What the asset brings to the comparison; undefined before its first case. */
  get trials(): ShadowTrials | undefined {
    if (this.#model === undefined) return undefined;
    const sums = this.#run.toJSON();
    const { name, current, version } = this.#model;
    return sums.cases === 0 ? undefined : { name, current, version, assets: 1, sums };
  }

  save(): SavedTrial | undefined {
    if (this.#model === undefined) return this.#stored;
    const { trials } = this;
    if (trials === undefined) return undefined;
    const { name, current, version, sums } = trials;
    return { name, current, version, at: this.#at, sums };
  }
}

/** Comparisons of the same versions put together, by name. */
export function mergeTrials(parts: Iterable<ShadowTrials>): ShadowTrials[] {
  const merged = new Map<string, { readonly versions: TriedVersions; assets: number; readonly run: ShadowRun }>();
  for (const part of parts) {
    const key = keyOf(part);
    const { name, current, version } = part;
    const known = merged.get(key) ?? { versions: { name, current, version }, assets: 0, run: new ShadowRun() };
    known.assets += part.assets;
    known.run.merge(part.sums);
    merged.set(key, known);
  }
  return [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { versions, assets, run }]) => ({ ...versions, assets, sums: run.toJSON() }));
}

/** What is to be done with the shadow, from 1,000 cases on. */
export function trialReport({ sums }: Pick<ShadowTrials, 'sums'>): ShadowReport {
  return ShadowRun.fromJSON(sums, { leastCases: LEAST_CASES }).report;
}

function keyOf({ name, current, version }: TriedVersions): string {
  return `${name}@${current}/${version}`;
}
