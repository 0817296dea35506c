import { MissingPeerError } from '../../core/errors.js';
import type { Alert } from '../alert.js';
import { compareSeverity } from '../severity.js';
import type { Notifier, SendResult } from './delivery.js';
import type { Notification } from './outbox.js';

/** The first line of a message. */
export function subject({ firing, resolved }: Notification): string {
  const [worst] = [...firing].sort((a, b) => compareSeverity(a.severity, b.severity));
  if (worst === undefined)
    return `Resolved: ${resolved.map(({ title, assetId }) => `${title} (${assetId})`).join(', ')}`;
  return `${worst.severity}: ${worst.title} (${worst.assetId})${firing.length > 1 ? ` and ${firing.length - 1} more` : ''}`;
}

/** The message as plain text. */
export function body({ firing, resolved }: Notification): string {
  const line = (alert: Alert) =>
    `${alert.severity} ${alert.assetId}: ${alert.title}. ${alert.why}${alert.playbook === null ? '' : `\n  What to do: ${alert.playbook}`}`;
  return [...firing.map(line), ...resolved.map((alert) => `RESOLVED ${alert.assetId}: ${alert.title}.`)].join('\n');
}

/** Writes messages through a function: `console.log` by default. */
export function consoleNotifier(write: (text: string) => void = (text) => console.log(text)): Notifier {
  return {
    async send(notification) {
      write(`${subject(notification)}\n${body(notification)}`);
      return { ok: true };
    },
  };
}

function judged(status: number): SendResult {
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

async function post(
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
  return judged(response.status);
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
      const payload =
        cloudEvents === undefined
          ? notification
          : {
              specversion: '1.0',
              id: notification.key,
              source: cloudEvents.source,
              type: 'twinergy.alert.notification',
              time: new Date(notification.time).toISOString(),
              datacontenttype: 'application/json',
              data: notification,
            };
      return post(options, payload, async (text) => ({
        'idempotency-key': notification.key,
        ...(secret === undefined ? {} : { 'x-twinergy-signature': `sha256=${await hmacHex(secret, text)}` }),
      }));
    },
  };
}

/** Posts to an incoming webhook of Slack (also Mattermost, Rocket.Chat). */
export function slackNotifier(options: HttpNotifierOptions): Notifier {
  return { send: (notification) => post(options, { text: `*${subject(notification)}*\n${body(notification)}` }) };
}

/** Posts an Adaptive Card to a workflow webhook of Microsoft Teams. */
export function teamsNotifier(options: HttpNotifierOptions): Notifier {
  return {
    send: (notification) =>
      post(options, {
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: {
              type: 'AdaptiveCard',
              version: '1.4',
              body: [
                { type: 'TextBlock', weight: 'Bolder', wrap: true, text: subject(notification) },
                { type: 'TextBlock', wrap: true, text: body(notification) },
              ],
            },
          },
        ],
      }),
  };
}

/** Hands alerts to a Prometheus Alertmanager (API v2, `POST /api/v2/alerts`); `url` is its root. */
export function alertmanagerNotifier(options: HttpNotifierOptions): Notifier {
  const entry = (alert: Alert) => ({
    labels: {
      ...alert.labels,
      alertname: alert.rule,
      asset: alert.assetId,
      tenant: alert.tenantId,
      severity: alert.severity,
    },
    annotations: { summary: alert.title, description: alert.why },
    startsAt: new Date(alert.raisedAt).toISOString(),
    ...(alert.resolvedAt === null ? {} : { endsAt: new Date(alert.resolvedAt).toISOString() }),
  });
  const url = `${options.url.replace(/\/$/, '')}/api/v2/alerts`;
  return { send: ({ firing, resolved }) => post({ ...options, url }, [...firing, ...resolved].map(entry)) };
}

/** What we call of an MQTT client (`mqtt` 5: `await connectAsync(url)`). */
export interface MqttPublisher {
  publishAsync(topic: string, payload: string, options: { qos: 1; retain: boolean }): Promise<unknown>;
}

/** Publishes notifications as JSON at QoS 1. */
export function mqttNotifier(client: MqttPublisher, topic: string): Notifier {
  return {
    async send(notification) {
      await client.publishAsync(topic, JSON.stringify(notification), { qos: 1, retain: false });
      return { ok: true };
    },
  };
}

/** What we call of a mail transport (nodemailer's `createTransport(…)`). */
export interface MailTransport {
  sendMail(message: { from: string; to: string; subject: string; text: string; messageId: string }): Promise<unknown>;
}

/** Options of `emailNotifier`. */
export interface EmailNotifierOptions {
  readonly from: string;
  readonly to: string;
  /** SMTP URL for the optional peer nodemailer, or a transport of one's own. */
  readonly transport: string | MailTransport;
}

/** A name that bundlers for the browser do not follow: sending mail is for servers, and the package needs Node. */
const NODEMAILER: string = 'nodemailer';

/** Sends e-mail. The message id is the notification's key, so that a repeated attempt is seen as one mail. */
export function emailNotifier({ from, to, transport }: EmailNotifierOptions): Notifier {
  let opened: Promise<MailTransport> | undefined;
  const open = async (): Promise<MailTransport> => {
    if (typeof transport !== 'string') return transport;
    const nodemailer = await import(/* @vite-ignore */ /* webpackIgnore: true */ NODEMAILER).then(
      (module: { createTransport(url: string): MailTransport }) => module,
      (cause: unknown) => {
        throw new MissingPeerError(NODEMAILER, 'E-mail', cause);
      },
    );
    return nodemailer.createTransport(transport);
  };
  return {
    async send(notification) {
      opened ??= open();
      const mail = await opened;
      try {
        await mail.sendMail({
          from,
          to,
          subject: subject(notification),
          text: body(notification),
          messageId: `<${notification.key}@twinergy>`,
        });
        return { ok: true };
      } catch (error) {
        // SMTP: 5xx is for good, all else may pass.
        const code = (error as { responseCode?: unknown }).responseCode;
        return { ok: false, retry: !(typeof code === 'number' && code >= 500), reason: String(error) };
      }
    },
  };
}
