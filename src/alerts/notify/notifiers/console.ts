import type { Notifier } from '../delivery.js';
import { type MessageFormat, plainMessage } from './message.js';

/** Writes messages through a function: `console.log` by default. */
export function consoleNotifier(
  write: (text: string) => void = (text) => console.log(text),
  format: MessageFormat = plainMessage,
): Notifier {
  return {
    async send(notification) {
      const { subject, body } = format(notification);
      write(`${subject}\n${body}`);
      return { ok: true };
    },
  };
}
