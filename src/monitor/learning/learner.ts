import { AbortedError, type Clock, durationMs, type Progress, TwinergyError } from '../../core/index.js';
import type { TenantStorage } from '../../storage/index.js';
import type { AssetMonitor } from '../asset-monitor.js';
import type { JobQueue } from '../jobs/index.js';
import { ModelRegistry } from '../registry/index.js';
import { goodDays, rowsOfDays } from './good-days.js';
import type { LearnPayload } from './learn.js';
import type { LearnedData, LearnedModel, LearningOptions } from './options.js';
import { plainFrame } from './plain-frame.js';

const DAY = 86_400_000;

/** Fewer good days than this tell neither a season of the day nor a plant. */
const LEAST_GOOD = 8;

/** Days that are looked back upon for each good day that is wanted: some are cloudless of data, some not sound. */
const LOOK_BACK = 2;

/** Rows of telemetry that are looked at, at most. */
const MOST_ROWS = 200_000;

/** An asset that has not enough good days yet is looked at again after so long, ms. */
const NOT_YET = DAY;

/** A model of an asset that has been tried. */
export interface TriedModel extends Omit<LearnedModel, 'data'> {
  readonly assetId: string;
  /** Its version in the registry. */
  readonly version: number;
}

/** What a learner works with. */
export interface LearnerParts {
  readonly storage: TenantStorage;
  readonly jobs: JobQueue;
  readonly clock: Clock;
  readonly tenantId: string;
  readonly falseAlarmRate: number;
  readonly seed: number;
  /** Takes a model that did better into use. */
  readonly use: (assetId: string, model: Pick<LearnedModel, 'kind' | 'data'>) => Promise<void>;
  readonly fitForecaster: (assetId: string) => Promise<boolean>;
  readonly onProgress: (assetId: string, progress: Progress) => void;
  readonly onTried: (model: TriedModel) => void;
}

/** Name of an asset's model in the registry. */
const nameOf = (assetId: string, kind: string) => `asset:${assetId}:${kind}`;

/**
 * Tries, when an asset has enough good days, whether its own parameters and a detector of its own do better than those in use,
 * on days that neither has seen; every try is a version in the registry, only a better one is promoted and taken into use.
 */
export class Learner {
  readonly #parts: LearnerParts;
  readonly #registry: ModelRegistry;
  readonly #goodDays: number;
  readonly #every: number;
  readonly #holdOut: number;
  readonly #next = new Map<string, number>();
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;

  /** @throws TwinergyError `MONITOR_BAD_LEARNING`, `BAD_DURATION` */
  constructor({ goodDays = 30, every = '30d', holdOut = 0.25 }: LearningOptions, parts: LearnerParts) {
    if (!(goodDays >= LEAST_GOOD) || !(holdOut > 0 && holdOut < 1)) {
      throw new TwinergyError(
        'MONITOR_BAD_LEARNING',
        `Learning needs goodDays ≥ ${LEAST_GOOD} and 0 < holdOut < 1; got ${goodDays} and ${holdOut}.`,
        { path: 'learning' },
      );
    }
    this.#parts = parts;
    this.#registry = new ModelRegistry(parts.storage, { clock: parts.clock });
    this.#goodDays = goodDays;
    this.#every = durationMs(every, 'learning.every');
    this.#holdOut = holdOut;
  }

  /** The models of an asset that were promoted, in the order in which they are taken into use. */
  async promoted(asset: AssetMonitor): Promise<Pick<LearnedModel, 'kind' | 'data'>[]> {
    const found: Pick<LearnedModel, 'kind' | 'data'>[] = [];
    for (const kind of ['twin', 'detector'] as const) {
      const model = await this.#registry.load(nameOf(asset.id, kind));
      const data = model?.data as LearnedData | undefined;
      if (data?.origin === asset.origin) found.push({ kind, data });
    }
    return found;
  }

  /** Begins with one asset that is due, where none is being tried. It never throws: what goes wrong is tried again. */
  check(assets: Iterable<AssetMonitor>): void {
    if (this.#working !== undefined || this.#stop.signal.aborted) return;
    const now = this.#parts.clock.now();
    for (const asset of assets) {
      if (!Number.isFinite(asset.time) || asset.twin.plant === undefined || (this.#next.get(asset.id) ?? 0) > now)
        continue;
      this.#next.set(asset.id, now + NOT_YET);
      this.#working = this.#try(asset, now)
        .catch((error: unknown) => this.#failed(asset.id, error))
        .finally(() => {
          this.#working = undefined;
        });
      return;
    }
  }

  /** Tries no more; what is under way is cancelled. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  #failed(assetId: string, error: unknown): void {
    if (this.#stop.signal.aborted || error instanceof AbortedError) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.onProgress(assetId, { phase: `learning failed: ${reason}`, done: 0, total: 1 });
  }

  async #try(asset: AssetMonitor, now: number): Promise<void> {
    const { clock, jobs, tenantId, onProgress } = this.#parts;
    const tried = (await this.#registry.line(nameOf(asset.id, 'detector')))?.versions.at(-1)?.time;
    if (tried !== undefined && now - tried < this.#every) {
      this.#next.set(asset.id, tried + this.#every);
      return;
    }
    // Its first forecaster has nothing to be better than.
    if (asset.models.forecaster === undefined) await this.#parts.fitForecaster(asset.id);
    const payload = await this.#payload(asset);
    if (payload === undefined) return;
    const { result } = jobs.submit<LearnedModel[]>({
      kind: 'learn',
      payload,
      id: `learn:${tenantId}:${asset.id}:${now}`,
      priority: 'background',
      tenantId,
      signal: this.#stop.signal,
      onProgress: (progress) => onProgress(asset.id, progress),
    });
    for (const model of await result) await this.#keep(asset, model, payload);
    this.#next.set(asset.id, clock.now() + this.#every);
  }

  /** What is learned from; undefined where there are too few good days. */
  async #payload(asset: AssetMonitor): Promise<LearnPayload | undefined> {
    const { storage, falseAlarmRate, seed } = this.#parts;
    const { description } = asset.twin.toJSON();
    if (description === null) return undefined;
    const to = asset.time + 1;
    const range = { assetId: asset.id, from: to - LOOK_BACK * this.#goodDays * DAY, to };
    const telemetry = await storage.read({ ...range, last: MOST_ROWS });
    const anomalies = await storage.list('anomalies', { ...range, limit: 100_000 });
    const alerts = await storage.list('alerts', { assetId: asset.id, to, limit: 100_000 });
    const days = goodDays(telemetry.time, anomalies.rows, alerts.rows).slice(-this.#goodDays);
    if (days.length < this.#goodDays) return undefined;
    const held = Math.max(1, Math.round(this.#holdOut * days.length));
    return {
      origin: asset.origin,
      description,
      detector: asset.models.detector?.toJSON() ?? null,
      telemetry: plainFrame(rowsOfDays(telemetry, days)),
      train: days.slice(0, -held),
      judge: days.slice(-held),
      falseAlarmRate,
      seed,
    };
  }

  async #keep(asset: AssetMonitor, model: LearnedModel, { train, judge }: LearnPayload): Promise<void> {
    const { kind, data, better, metrics, why } = model;
    const name = nameOf(asset.id, kind);
    const { version } = await this.#registry.register(name, {
      kind: kind === 'twin' ? 'PlantDescription' : 'AnomalyDetector',
      data,
      metrics,
      card: {
        purpose: kind === 'twin' ? `Parameters of ${asset.id}.` : `Anomalies of ${asset.id}.`,
        source: `Measured on ${train.length} good days; judged by ${judge.length} later ones.`,
        limits: ['Knows the season of the days that it learned from.'],
      },
    });
    if (better) {
      await this.#registry.promote(name, version, { by: 'monitor', why });
      await this.#parts.use(asset.id, model);
    }
    this.#parts.onTried({ assetId: asset.id, kind, version, better, metrics, why });
  }
}
