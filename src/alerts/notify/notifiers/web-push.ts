import { MissingPeerError } from '../../../core/errors.js';
import { severityLevel } from '../../severity.js';
import type { Notifier } from '../delivery.js';
import { judgedStatus } from './http.js';
import { type MessageFormat, plainMessage } from './message.js';

/** A browser's subscription, as `PushSubscription.toJSON()` gives it. */
export interface PushTarget {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** What we call of the package `web-push`. */
export interface WebPushLibrary {
  generateRequestDetails(
    target: PushTarget,
    payload: string,
    options: {
      vapidDetails: { subject: string; publicKey: string; privateKey: string };
      TTL: number;
      topic: string;
      urgency: 'normal' | 'high';
    },
  ): { endpoint: string; method: string; headers: object; body: Uint8Array | null };
}

/** Options of `webPushNotifier`. */
export interface WebPushNotifierOptions {
  /** The browsers that are told, or a function that looks them up. */
  readonly targets: readonly PushTarget[] | (() => Promise<readonly PushTarget[]> | readonly PushTarget[]);
  /** The application's key pair (VAPID, RFC 8292): `web-push generate-vapid-keys`; `subject` is a `mailto:` or `https:` address. */
  readonly vapid: { readonly subject: string; readonly publicKey: string; readonly privateKey: string };
  /** How long the push service keeps the message for a browser that is away, s. Default 4 h. */
  readonly timeToLive?: number | undefined;
  /** A browser no longer wants to be told (404 or 410): take it off the list. */
  readonly onGone?: ((target: PushTarget) => void) | undefined;
  readonly format?: MessageFormat | undefined;
  /** Default: the runtime's. */
  readonly fetch?: typeof fetch | undefined;
  /** Default: the optional peer `web-push`. */
  readonly library?: WebPushLibrary | undefined;
}

/** A name that bundlers for the browser do not follow: pushes are sent by servers, and the package needs Node. */
const WEB_PUSH: string = 'web-push';

async function load(): Promise<WebPushLibrary> {
  try {
    const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ WEB_PUSH)) as { default: WebPushLibrary };
    return module.default;
  } catch (cause) {
    throw new MissingPeerError(WEB_PUSH, 'Web Push', cause);
  }
}

/**
 * Tells browsers, also when the page is closed (Web Push: RFC 8030, encrypted by RFC 8291). The service worker gets JSON:
 * `{ title, body, key, severity, alerts }`. It has arrived when no browser failed in a way that may pass; a later attempt
 * goes to all again, under the same topic, so that the push service replaces what still waits there.
 */
export function webPushNotifier(options: WebPushNotifierOptions): Notifier {
  const { targets, vapid, timeToLive = 4 * 3600, onGone, format = plainMessage, fetch: call = fetch } = options;
  let library: Promise<WebPushLibrary> | undefined;
  return {
    async send(notification) {
      library ??= options.library === undefined ? load() : Promise.resolve(options.library);
      const push = await library;
      const { subject, body } = format(notification);
      const level = Math.max(0, ...notification.firing.map(({ severity }) => severityLevel(severity)));
      const payload = JSON.stringify({
        title: subject,
        // A push message holds 4,096 bytes with its encryption.
        body: body.slice(0, 1500),
        key: notification.key,
        severity: notification.firing.find((alert) => severityLevel(alert.severity) === level)?.severity ?? null,
        alerts: notification.firing.slice(0, 10).map(({ id }) => id),
      });
      const failures: string[] = [];
      const refusals: string[] = [];
      for (const target of typeof targets === 'function' ? await targets() : targets) {
        const {
          endpoint,
          method,
          headers,
          body: bytes,
        } = push.generateRequestDetails(target, payload, {
          vapidDetails: vapid,
          TTL: timeToLive,
          topic: notification.key,
          urgency: level >= 3 ? 'high' : 'normal',
        });
        const response = await call(endpoint, {
          method,
          headers: headers as Record<string, string>,
          body: bytes === null ? null : new Uint8Array(bytes),
        });
        await response.body?.cancel();
        if (response.status === 404 || response.status === 410) onGone?.(target);
        else {
          const result = judgedStatus(response.status);
          if (!result.ok) (result.retry ? failures : refusals).push(result.reason);
        }
      }
      if (failures.length > 0) return { ok: false, retry: true, reason: failures.join(', ') };
      return refusals.length === 0 ? { ok: true } : { ok: false, retry: false, reason: refusals.join(', ') };
    },
  };
}
