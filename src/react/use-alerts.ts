import { useMemo, useSyncExternalStore } from 'react';
import type { MonitorEvents } from '../monitor/index.js';
import { liveStore, nothing } from './live-store.js';
import type { MonitorSource } from './source.js';

/** What `useAlerts` shows. */
export interface AlertsFilter {
  /** Alerts of this asset alone. */
  readonly assetId?: string;
}

const RANK = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'];

/** The open alerts, the worst first and of equals the newest first. */
export function useAlerts(source: MonitorSource, { assetId }: AlertsFilter = {}): readonly MonitorEvents['alert'][] {
  const { subscribe, snapshot } = liveStore(source);
  const alerts = useSyncExternalStore(
    subscribe,
    () => snapshot().alerts,
    () => nothing().alerts,
  );
  return useMemo(
    () =>
      [...alerts.values()]
        .filter((alert) => assetId === undefined || alert.assetId === assetId)
        .sort((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity) || b.raisedAt - a.raisedAt),
    [alerts, assetId],
  );
}
