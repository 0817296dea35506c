export type { AssetView } from './live-store.js';
export type { MonitorSource } from './source.js';
export { type AlertsFilter, useAlerts } from './use-alerts.js';
export { useMonitor } from './use-monitor.js';
export { type Series, type SeriesOptions, useSeries } from './use-series.js';
export { type LiveTwin, type TwinOptions, type TwinView, useTwin } from './use-twin.js';
