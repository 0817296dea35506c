import { TwinergyError } from '../core/index.js';
import type { TenantStorage } from '../storage/index.js';
import { type AssetModel, DigitalTwin, type PlantDescription } from '../twin/index.js';
import { AssetMonitor } from './asset-monitor.js';
import type { AssetMonitorOptions } from './asset-state.js';
import { assetRecord } from './records.js';

/** The monitored assets. */
export class Fleet {
  readonly #assets = new Map<string, AssetMonitor>();
  readonly #options: AssetMonitorOptions;
  readonly #seed: number | undefined;

  constructor(options: AssetMonitorOptions, seed: number | undefined) {
    this.#options = options;
    this.#seed = seed;
  }

  get size(): number {
    return this.#assets.size;
  }

  get ids(): string[] {
    return [...this.#assets.keys()];
  }

  [Symbol.iterator](): IterableIterator<AssetMonitor> {
    return this.#assets.values();
  }

  /** An asset, where it is monitored. */
  find(assetId: string): AssetMonitor | undefined {
    return this.#assets.get(assetId);
  }

  /** @throws TwinergyError `MONITOR_UNKNOWN_ASSET` */
  get(assetId: string): AssetMonitor {
    const asset = this.#assets.get(assetId);
    if (asset === undefined) {
      throw new TwinergyError('MONITOR_UNKNOWN_ASSET', `There is no asset "${assetId}".`, {
        value: assetId,
        hint: `Assets are: ${this.ids.join(', ')}.`,
      });
    }
    return asset;
  }

  /**
   * An asset as described, not among the monitored; `origin` names the user's description where this is a learned one.
   * @throws TwinergyError `TWIN_BAD_DESCRIPTION`
   */
  make(asset: PlantDescription | AssetModel, origin?: string): AssetMonitor {
    return new AssetMonitor(new DigitalTwin(asset, { seed: this.#seed }), this.#options, origin);
  }

  /** @throws TwinergyError `TWIN_BAD_DESCRIPTION`, `MONITOR_DUPLICATE_ASSET` */
  add(asset: PlantDescription | AssetModel): AssetMonitor {
    const added = this.make(asset);
    if (this.#assets.has(added.id)) {
      throw new TwinergyError('MONITOR_DUPLICATE_ASSET', `There are two assets "${added.id}".`, {
        path: 'assets',
        value: added.id,
      });
    }
    this.#assets.set(added.id, added);
    return added;
  }

  /** Puts an asset in the place of the one of its id. */
  replace(asset: AssetMonitor): void {
    this.#assets.set(asset.id, asset);
  }

  remove(assetId: string): void {
    this.#assets.delete(assetId);
  }
}

/** Makes assets and their channels known to storage. */
export async function registerAssets(
  storage: TenantStorage,
  assets: readonly AssetMonitor[],
  now: number,
): Promise<void> {
  const channels = new Map(
    assets.flatMap(({ twin }) =>
      twin.model.channels.map(({ name, unit, title }) => [name, { name, unit, title }] as const),
    ),
  );
  await storage.registerChannels([...channels.values()]);
  const { rows } = await storage.list('assets', { limit: 100_000 });
  const known = new Map(rows.map((row) => [row.id, row]));
  // What others keep with an asset (its tags) stays.
  await storage.put(
    'assets',
    assets.map(({ twin }) => ({ ...known.get(twin.id), ...assetRecord(twin, known.get(twin.id)?.time ?? now) })),
  );
}
