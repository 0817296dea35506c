import { MissingPeerError } from '../../../core/errors.js';
import type { Notifier } from '../delivery.js';
import { type MessageFormat, plainMessage } from './message.js';

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
  /** How messages are written. Default `plainMessage`. */
  readonly format?: MessageFormat | undefined;
}

/** A name that bundlers for the browser do not follow: sending mail is for servers, and the package needs Node. */
const NODEMAILER: string = 'nodemailer';

/** Sends e-mail. The message id is the notification's key, so that a repeated attempt is seen as one mail. */
export function emailNotifier({ from, to, transport, format = plainMessage }: EmailNotifierOptions): Notifier {
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
      const { subject, body } = format(notification);
      try {
        await mail.sendMail({
          from,
          to,
          subject,
          text: body,
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
