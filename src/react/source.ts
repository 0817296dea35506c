import type { Unsubscribe } from '../core/index.js';
import type { MonitorEvents } from '../monitor/index.js';

/**
 * What the hooks go along with: a `Monitor` in this page, or a client that tells the same events of one elsewhere.
 */
export interface MonitorSource {
  on<Name extends keyof MonitorEvents & string>(
    event: Name,
    listener: (payload: MonitorEvents[Name]) => void,
  ): Unsubscribe;
  /** Alerts that stood before anybody listened. */
  openAlerts?(): readonly MonitorEvents['alert'][];
}
