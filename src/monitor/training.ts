import type { WorkOptions } from '../core/index.js';
import type { TenantStorage } from '../storage/index.js';
import type { DigitalTwin } from '../twin/index.js';
import type { JobQueue } from './jobs/index.js';
import { type TrainPayload, type TrainResult, trainTwin } from './jobs/train.js';
import { loadPrior, type PriorModels, type PriorOptions, readablePrior } from './prior-models.js';
import { ModelRegistry } from './registry/registry.js';
import { textName } from './text-name.js';

/** Where monitors take the models from that an asset begins with. */
export interface ModelShelf {
  /** The models of an asset's kind; `now` (ms since the epoch) dates those that are made. */
  of(twin: DigitalTwin, now: number, work: WorkOptions): Promise<PriorModels>;
}

/**
 * A shelf for several monitors on one store, so that models that they share are in memory once.
 *
 * ```ts
 * const models = modelShelf(storage, { soundDays: 12 });
 * const monitors = parks.map((assets) => new Monitor({ assets, storage, models }));
 * ```
 * @param jobs where the training is done; default: in this process
 */
export function modelShelf(storage: TenantStorage, options: PriorOptions = {}, jobs?: JobQueue): ModelShelf {
  return new PriorShelf(storage, options, jobs);
}

/** Models of the kinds of assets there are: made once, kept in storage, shared by all assets of a kind. */
export class PriorShelf implements ModelShelf {
  readonly #storage: TenantStorage;
  readonly #options: PriorOptions;
  readonly #jobs: JobQueue | undefined;
  readonly #made = new Map<string, Promise<PriorModels>>();

  constructor(storage: TenantStorage, options: PriorOptions, jobs: JobQueue | undefined) {
    this.#storage = storage;
    this.#options = options;
    this.#jobs = jobs;
  }

  /** The models of an asset's kind: those in use, else those that are stored, else new ones. */
  of(twin: DigitalTwin, now: number, work: WorkOptions): Promise<PriorModels> {
    const key = kindOf(twin);
    let models = this.#made.get(key);
    if (models === undefined) {
      models = this.#make(key, twin, now, work);
      this.#made.set(key, models);
      // What failed is tried again by whoever asks next.
      models.catch(() => this.#made.delete(key));
    }
    return models;
  }

  async #make(key: string, twin: DigitalTwin, now: number, work: WorkOptions): Promise<PriorModels> {
    const name = `prior:${key}`;
    const registry = new ModelRegistry(this.#storage, { clock: { now: () => now } });
    let saved = readablePrior((await registry.load(name))?.data);
    if (saved === undefined) {
      const trained = await this.#train(twin, work);
      saved = trained.saved;
      const { version } = await registry.register(name, {
        kind: 'prior',
        data: saved,
        fingerprint: trained.fingerprint,
        card: {
          purpose: `Anomalies and remaining life of a ${twin.model.type}, from its first reading on.`,
          source: `Made up by the twin of ${twin.id}: no measured data.`,
          limits: ['Knows what the twin can play, and no more: fit it again on measured data when there are some.'],
          options: { ...this.#options },
        },
      });
      await registry.promote(name, version, { why: 'first models of the kind' });
    }
    return loadPrior(saved);
  }

  /** Off the beat by the queue; a model of the user's own, which is no data, in this process. */
  #train(twin: DigitalTwin, work: WorkOptions): Promise<TrainResult> {
    const { description } = twin.toJSON();
    if (description === null || this.#jobs === undefined) return trainTwin(twin, this.#options, work);
    const payload: TrainPayload = { description, options: this.#options };
    return this.#jobs.submit<TrainResult>({ kind: 'train', payload, priority: 'interactive', ...given(work) }).result;
  }
}

function given({ signal, onProgress }: WorkOptions) {
  return { ...(signal !== undefined && { signal }), ...(onProgress !== undefined && { onProgress }) };
}

/** The same for assets that are described alike but for their name: they can share models. */
function kindOf({ model, plant }: DigitalTwin): string {
  const { id: _id, name: _name, ...rest } = plant ?? { id: '', name: '', channels: model.channels, type: model.type };
  return `${model.type}-${textName(JSON.stringify(rest))}`;
}
