import type { WorkOptions } from '../core/index.js';
import type { TenantStorage } from '../storage/index.js';
import type { DigitalTwin } from '../twin/index.js';
import {
  loadPrior,
  type PriorModels,
  type PriorOptions,
  readablePrior,
  savePrior,
  trainPrior,
} from './prior-models.js';

/** Models of the kinds of assets there are: made once, kept in storage, shared by all assets of a kind. */
export class PriorShelf {
  readonly #storage: TenantStorage;
  readonly #options: PriorOptions;
  readonly #made = new Map<string, PriorModels>();

  constructor(storage: TenantStorage, options: PriorOptions) {
    this.#storage = storage;
    this.#options = options;
  }

  /** The models of an asset's kind: those in use, else those that are stored, else new ones. */
  async of(twin: DigitalTwin, now: number, work: WorkOptions): Promise<PriorModels> {
    const key = kindOf(twin);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    let saved = readablePrior((await this.#storage.get('models', `prior:${key}`))?.data);
    if (saved === undefined) {
      saved = savePrior(await trainPrior(twin, this.#options, work));
      await this.#storage.put('models', [
        { id: `prior:${key}`, time: now, name: 'prior', kind: twin.model.type, version: 1, data: saved },
      ]);
    }
    const models = loadPrior(saved);
    this.#made.set(key, models);
    return models;
  }
}

/** The same for assets that are described alike but for their name: they can share models. */
function kindOf({ model, plant }: DigitalTwin): string {
  const { id: _id, name: _name, ...rest } = plant ?? { id: '', name: '', channels: model.channels, type: model.type };
  const text = JSON.stringify(rest);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${model.type}-${(hash >>> 0).toString(36)}-${text.length}`;
}
