import { type ModelShelf, modelShelf } from '../monitor/index.js';
import type { ClusterLink } from './link.js';
import { ClusterModels } from './models.js';
import type { WorkOptions } from './work.js';

/** The models of a worker, by tenant: all its partitions share them. */
export class WorkerModels {
  readonly #options: WorkOptions;
  readonly #models: ClusterModels;
  readonly #shelves = new Map<string, ModelShelf>();

  constructor(link: ClusterLink, options: WorkOptions) {
    this.#models = new ClusterModels(link);
    this.#options = options;
  }

  /** The models of a tenant; false where monitors run without. */
  of(tenantId: string): ModelShelf | false {
    const { storage, monitor } = this.#options;
    const models = monitor?.models;
    if (models === false) return false;
    if (models !== undefined && 'of' in models) return models;
    let shelf = this.#shelves.get(tenantId);
    if (shelf === undefined) {
      shelf = modelShelf(this.#models.in(storage.tenant(tenantId)), { seed: monitor?.seed ?? 0, ...models });
      this.#shelves.set(tenantId, shelf);
    }
    return shelf;
  }

  /** The models of a tenant as the registry names them now. */
  anew(tenantId: string): ModelShelf | false {
    this.#shelves.delete(tenantId);
    return this.of(tenantId);
  }
}
