import type { Notifier, SendResult } from '../delivery.js';
import { cloudEvent } from './cloud-event.js';

/** What an HTTP status means for the delivery. */
export function judgedStatus(status: number): SendResult {
  if (status >= 200 && status < 300) return { ok: true };
  // Too many requests, timeouts and the server's own faults pass; what is refused stays refused.
  const retry = status === 429 || status === 408 || status >= 500;
  return { ok: false, retry, reason: `HTTP ${status}` };
}

/** What an HTTP notifier needs. */
export interface HttpNotifierOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the runtime's. */
  readonly fetch?: typeof fetch | undefined;
}

/** Posts a payload as JSON, and judges the answer. */
export async function postJson(
  { url, headers, fetch: call = fetch }: HttpNotifierOptions,
  payload: unknown,
  extra: (text: string) => Promise<Record<string, string>> | Record<string, string> = () => ({}),
): Promise<SendResult> {
  const text = JSON.stringify(payload);
  const response = await call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, ...(await extra(text)) },
    body: text,
  });
  await response.body?.cancel();
  return judgedStatus(response.status);
}

/** The HMAC-SHA-256 of a text, hexadecimal, by Web Crypto. */
export async function hmacHex(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Posts notifications as JSON, on demand in a CloudEvents 1.0 envelope. Headers: `Idempotency-Key` (the same at every
 * attempt), and with a secret `X-Twinergy-Signature: sha256=…`, the HMAC of the body.
 */
export function webhookNotifier(
  options: HttpNotifierOptions & {
    readonly secret?: string | undefined;
    readonly cloudEvents?: { readonly source: string } | undefined;
  },
): Notifier {
  const { secret, cloudEvents } = options;
  return {
    send(notification) {
      const payload = cloudEvents === undefined ? notification : cloudEvent(notification, cloudEvents.source);
      return postJson(options, payload, async (text) => ({
        'idempotency-key': notification.key,
        ...(secret === undefined ? {} : { 'x-twinergy-signature': `sha256=${await hmacHex(secret, text)}` }),
      }));
    },
  };
}
