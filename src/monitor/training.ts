import type { WorkOptions } from '../core/index.js';
import { AnomalyDetector } from '../models/index.js';
import type { TenantStorage } from '../storage/index.js';
import type { DigitalTwin } from '../twin/index.js';
import type { JobQueue } from './jobs/index.js';
import { priorEntry, priorName, trainBy } from './kinds.js';
import { loadPrior, type PriorModels, type PriorOptions, readablePrior, type SavedPrior } from './prior-models.js';
import { type ModelLine, ModelRegistry } from './registry/registry.js';
import type { ShadowModel } from './shadow-trial.js';

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
    const name = priorName(twin);
    let models = this.#made.get(name);
    if (models === undefined) {
      models = this.#make(name, twin, now, work);
      this.#made.set(name, models);
      // What failed is tried again by whoever asks next.
      models.catch(() => this.#made.delete(name));
    }
    return models;
  }

  async #make(name: string, twin: DigitalTwin, now: number, work: WorkOptions): Promise<PriorModels> {
    const registry = new ModelRegistry(this.#storage, { clock: { now: () => now } });
    const line = await registry.line(name);
    const saved = await stored(registry, name, line?.current, twin);
    if (saved !== undefined) return { ...loadPrior(saved), shadow: await shadowOf(registry, line, saved, twin) };
    const training = { options: this.#options, judge: false, request: { priority: 'interactive' } } as const;
    const trained = await trainBy(this.#jobs, twin, training, work);
    const entry = priorEntry(twin, { ...this.#options }, trained);
    await registry.register(name, { ...entry, place: 'current', why: 'first models of the kind' });
    return loadPrior(trained.saved);
  }
}

/** A version, where it is there and this release can read it. */
async function stored(registry: ModelRegistry, name: string, version: number | null | undefined, twin: DigitalTwin) {
  return version == null ? undefined : readablePrior((await registry.load(name, version))?.data, twin);
}

/** The version that runs beside the one in use. */
async function shadowOf(
  registry: ModelRegistry,
  line: ModelLine | undefined,
  inUse: SavedPrior,
  twin: DigitalTwin,
): Promise<ShadowModel | undefined> {
  if (line?.current == null || line.shadow === null) return undefined;
  const { name, current, shadow: version } = line;
  const shadow = await stored(registry, name, version, twin);
  if (shadow === undefined) return undefined;
  const detector = AnomalyDetector.fromJSON(shadow.detector);
  return { name, current, version, detector, inUse: AnomalyDetector.fromJSON(inUse.detector) };
}
