import { useCallback, useSyncExternalStore } from 'react';
import { type AssetView, liveStore, nothing } from './live-store.js';
import type { MonitorSource } from './source.js';

/**
 * The newest word of a monitor on all assets that it has told of since the hook was mounted, by id. Renders again at most
 * once per picture, however many readings come.
 *
 * ```tsx
 * const assets = useMonitor(monitor);
 * const power = assets.get('home')?.outcome?.reading.values.acPower;
 * ```
 */
export function useMonitor(source: MonitorSource): ReadonlyMap<string, AssetView>;
/** The newest word on one asset; renders again only when there is one. Undefined before the first. */
export function useMonitor(source: MonitorSource, assetId: string): AssetView | undefined;
export function useMonitor(
  source: MonitorSource,
  assetId?: string,
): ReadonlyMap<string, AssetView> | AssetView | undefined {
  const { subscribe, snapshot } = liveStore(source);
  const pick = useCallback(
    (state: ReturnType<typeof snapshot>) => (assetId === undefined ? state.assets : state.assets.get(assetId)),
    [assetId],
  );
  return useSyncExternalStore(
    subscribe,
    () => pick(snapshot()),
    () => pick(nothing()),
  );
}
