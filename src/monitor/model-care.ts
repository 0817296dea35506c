import type { Clock, Progress, TypedEvents, WorkOptions } from '../core/index.js';
import { AnomalyDetector } from '../models/index.js';
import type { PlantDescription } from '../twin/index.js';
import type { MonitorEvents, MonitorOptions } from './contract.js';
import type { Fleet } from './fleet.js';
import { type JobQueue, localJobs, monitorJobs } from './jobs/index.js';
import { Learner } from './learning/learner.js';
import type { LearnedModel } from './learning/options.js';
import type { Loop } from './loop.js';
import { falseAlarmRateOf, type PriorOptions, type SavedPrior } from './prior-models.js';
import { type ModelShelf, PriorShelf } from './training.js';

const DAY = 86_400_000;

/** What a `ModelCare` works with. */
export interface ModelCareParts {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly loop: Loop;
  readonly events: TypedEvents<MonitorEvents>;
}

/** The models that assets work with: makes them, loads them, and lets them be learned; the heavy part of it by the job queue. */
export class ModelCare {
  readonly #options: MonitorOptions;
  readonly #parts: ModelCareParts;
  readonly jobs: JobQueue;
  #shelf: ModelShelf | undefined;
  #learner: Learner | undefined;

  constructor(options: MonitorOptions, parts: ModelCareParts) {
    this.#options = options;
    this.#parts = parts;
    this.jobs = options.jobs ?? localJobs({ handlers: monitorJobs });
  }

  /** The models that each asset, or each of `assetIds`, begins with, one after the other; then those that it has learned. */
  async train({
    signal,
    onProgress,
    assetIds = this.#parts.fleet.ids,
  }: WorkOptions & { readonly assetIds?: readonly string[] }): Promise<void> {
    const { models, learning } = this.#options;
    const { events } = this.#parts;
    if (models === false && learning === undefined) return;
    for (const assetId of assetIds) {
      const progressed = (progress: Progress) => {
        onProgress?.(progress);
        events.emit('training', { assetId, progress });
      };
      if (models !== false) await this.#usePrior(assetId, models ?? {}, { signal, onProgress: progressed });
      await this.fitForecaster(assetId);
      await this.#useLearned(assetId);
      events.emit('training', { assetId, progress: 'done' });
    }
  }

  async #usePrior(assetId: string, models: PriorOptions | ModelShelf, work: WorkOptions): Promise<void> {
    const { seed = 0 } = this.#options;
    const { fleet, clock, loop } = this.#parts;
    this.#shelf ??= 'of' in models ? models : new PriorShelf(loop.storage, { seed, ...models }, this.jobs);
    const prior = await this.#shelf.of(fleet.get(assetId).twin, clock.now(), work);
    fleet.find(assetId)?.models.usePrior(prior);
  }

  /** Takes the models of another shelf into use; what an asset has learned of its own stays. */
  async use(shelf: ModelShelf): Promise<void> {
    const { fleet, clock } = this.#parts;
    this.#shelf = shelf;
    for (const { id, twin } of [...fleet]) {
      const prior = await shelf.of(twin, clock.now(), {});
      fleet.find(id)?.models.usePrior(prior);
      await this.#useLearned(id);
    }
  }

  async #useLearned(assetId: string): Promise<void> {
    const asset = this.#parts.fleet.find(assetId);
    if (asset === undefined) return;
    for (const model of (await this.#learning?.promoted(asset)) ?? []) await this.#use(assetId, model);
  }

  /** Fits an asset's forecaster on its stored history; false where there is less than three days of it. */
  async fitForecaster(assetId: string): Promise<boolean> {
    const { fleet, clock, loop } = this.#parts;
    const asset = fleet.get(assetId);
    const to = Number.isFinite(asset.time) ? asset.time + 1 : clock.now();
    const channels = [asset.twin.model.output.name];
    const history = await loop.storage.read({ assetId, from: to - 60 * DAY, to, channels, last: 100_000 });
    const forecaster = await asset.fitForecaster(history);
    if (forecaster !== undefined) asset.models.forecaster = forecaster;
    return forecaster !== undefined;
  }

  /** Begins with an asset that has enough good days to learn from, where learning is wanted. */
  learn(): void {
    this.#learning?.check(this.#parts.fleet);
  }

  /** Ends what is under way; a queue that was given goes on, for it belongs to whoever gave it. */
  async close(): Promise<void> {
    await this.#learner?.close();
    if (this.#options.jobs === undefined) await this.jobs.close();
  }

  get #learning(): Learner | undefined {
    const { learning, models, seed = 0, tenantId = 'default' } = this.#options;
    if (learning === undefined) return undefined;
    const { clock, loop, events } = this.#parts;
    this.#learner ??= new Learner(learning, {
      storage: loop.storage,
      jobs: this.jobs,
      clock,
      tenantId,
      falseAlarmRate: falseAlarmRateOf(models !== undefined && models !== false && !('of' in models) ? models : {}),
      seed,
      use: (assetId, model) => this.#use(assetId, model),
      fitForecaster: (assetId) => this.fitForecaster(assetId),
      onProgress: (assetId, progress) => events.emit('training', { assetId, progress }),
      onTried: (model) => events.emit('model', model),
    });
    return this.#learner;
  }

  /** Takes a learned model into use, between two steps. */
  #use(assetId: string, { kind, data }: Pick<LearnedModel, 'kind' | 'data'>): Promise<void> {
    const { fleet, loop } = this.#parts;
    return loop.inTurn(async () => {
      const asset = fleet.find(assetId);
      // It may have been removed or described anew meanwhile.
      if (asset === undefined || asset.origin !== data.origin) return;
      if (kind === 'detector') asset.models.useDetector(AnomalyDetector.fromJSON(data.model as SavedPrior['detector']));
      else {
        const changed = fleet.make(data.model as PlantDescription, asset.origin);
        changed.succeed(asset);
        fleet.replace(changed);
      }
    });
  }
}
