import type { Notifier } from '../delivery.js';
import { type HttpNotifierOptions, postJson } from './http.js';
import { type MessageFormat, plainMessage } from './message.js';

/** What a notifier for chats needs. */
export interface ChatNotifierOptions extends HttpNotifierOptions {
  /** How messages are written. Default `plainMessage`. */
  readonly format?: MessageFormat | undefined;
}

/** Posts to an incoming webhook of Slack (also Mattermost, Rocket.Chat). */
export function slackNotifier(options: ChatNotifierOptions): Notifier {
  const { format = plainMessage } = options;
  return {
    send(notification) {
      const { subject, body } = format(notification);
      return postJson(options, { text: `*${escaped(subject)}*\n${escaped(body)}` });
    },
  };
}

/** Slack reads these three as markup: a name with `<!channel>` in it must not call everybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Posts an Adaptive Card to a workflow webhook of Microsoft Teams. */
export function teamsNotifier(options: ChatNotifierOptions): Notifier {
  const { format = plainMessage } = options;
  return {
    send(notification) {
      const { subject, body } = format(notification);
      return postJson(options, {
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: {
              type: 'AdaptiveCard',
              version: '1.4',
              body: [
                { type: 'TextBlock', weight: 'Bolder', wrap: true, text: subject },
                { type: 'TextBlock', wrap: true, text: body },
              ],
            },
          },
        ],
      });
    },
  };
}
