import type { Clock, Progress, WorkOptions } from '../core/index.js';
import type { TenantStorage } from '../storage/index.js';
import type { AssetMonitor } from './asset-monitor.js';
import type { MonitorOptions } from './contract.js';
import type { Fleet } from './fleet.js';
import { type ModelShelf, PriorShelf } from './training.js';

const DAY = 86_400_000;

/** Makes the models that assets work with, or loads them. */
export class ModelCare {
  readonly #options: MonitorOptions;
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  #shelf: ModelShelf | undefined;

  constructor(options: MonitorOptions, fleet: Fleet, clock: Clock) {
    this.#options = options;
    this.#fleet = fleet;
    this.#clock = clock;
  }

  /** The models that each asset begins with, one asset after the other; `onProgress` is told of each. */
  async train(
    storage: TenantStorage,
    { signal, onProgress }: WorkOptions,
    tell: (assetId: string, progress: Progress | 'done') => void,
  ): Promise<void> {
    const { models, seed = 0 } = this.#options;
    if (models === false) return;
    this.#shelf ??= models !== undefined && 'of' in models ? models : new PriorShelf(storage, { seed, ...models });
    for (const asset of this.#fleet) {
      const progressed = (progress: Progress) => {
        onProgress?.(progress);
        tell(asset.id, progress);
      };
      asset.usePrior(await this.#shelf.of(asset.twin, this.#clock.now(), { signal, onProgress: progressed }));
      await this.fitForecaster(storage, asset);
      tell(asset.id, 'done');
    }
  }

  /** Takes the models of another shelf into use. */
  async use(shelf: ModelShelf): Promise<void> {
    for (const asset of this.#fleet) asset.usePrior(await shelf.of(asset.twin, this.#clock.now(), {}));
    this.#shelf = shelf;
  }

  /** Fits an asset's forecaster on its stored history; false where there is less than three days of it. */
  async fitForecaster(storage: TenantStorage, asset: AssetMonitor): Promise<boolean> {
    const to = Number.isFinite(asset.time) ? asset.time + 1 : this.#clock.now();
    const channels = [asset.twin.model.output.name];
    const history = await storage.read({ assetId: asset.id, from: to - 60 * DAY, to, channels, last: 100_000 });
    const forecaster = await asset.fitForecaster(history);
    if (forecaster !== undefined) asset.useForecaster(forecaster);
    return forecaster !== undefined;
  }
}
