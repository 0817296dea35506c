import type { Alert } from '../../alert.js';
import type { Notifier } from '../delivery.js';
import { type HttpNotifierOptions, postJson } from './http.js';

/** Options of `alertmanagerNotifier`; `url` is the Alertmanager's root. */
export interface AlertmanagerOptions extends HttpNotifierOptions {
  /**
   * How long an alert stands there without being told again, ms: longer than the route's `repeatInterval`, else it seems
   * resolved in between. Default 5 h (for the default of 4 h).
   */
  readonly holdFor?: number | undefined;
}

/** Hands alerts to a Prometheus Alertmanager (API v2, `POST /api/v2/alerts`), which then decides who is told. */
export function alertmanagerNotifier(options: AlertmanagerOptions): Notifier {
  const { holdFor = 5 * 3_600_000 } = options;
  const url = `${options.url.replace(/\/$/, '')}/api/v2/alerts`;
  const entry = (alert: Alert, end: number) => ({
    labels: {
      ...alert.labels,
      alertname: alert.rule,
      asset: alert.assetId,
      tenant: alert.tenantId,
      severity: alert.severity,
    },
    annotations: {
      summary: alert.title,
      description: alert.why,
      ...(alert.playbook !== null && { runbook: alert.playbook }),
    },
    startsAt: new Date(alert.raisedAt).toISOString(),
    endsAt: new Date(end).toISOString(),
  });
  return {
    send: ({ firing, resolved, time }) =>
      postJson({ ...options, url }, [
        ...firing.map((alert) => entry(alert, time + holdFor)),
        // What has left its state without an end of its own (a latch that waits) is over for the Alertmanager.
        ...resolved.map((alert) => entry(alert, alert.resolvedAt ?? time)),
      ]),
  };
}
