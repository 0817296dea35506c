import { type Clock, systemClock } from '../../core/clock.js';
import { Random } from '../../core/random.js';
import type { Notification, Outbox } from './outbox.js';

/** What came of an attempt. A failure says whether another attempt may help. */
export type SendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly retry: boolean; readonly reason: string };

/** A way to tell somebody. */
export interface Notifier {
  send(notification: Notification): Promise<SendResult>;
}

/** Options of `Delivery`. */
export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly receivers: Readonly<Record<string, Notifier>>;
  readonly clock?: Clock | undefined;
  /** Attempts before a notification is given up. Default 12. */
  readonly maxAttempts?: number | undefined;
  /** First wait after a failure, ms; doubles each time, up to an hour, half of it by chance. Default 1,000. */
  readonly backoff?: number | undefined;
  /** An attempt that takes longer has failed, ms. Default 30,000. */
  readonly timeout?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * Brings what waits in the outbox to its receivers, each receiver apart, so that a dead one blocks nobody: after a failure
 * it waits longer each time (exponential backoff with jitter), and gives up with the reason as a dead letter.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #busy = new Set<string>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = new Random(options.seed ?? 1);
  }

  /** One round: sends what is due, and tells how many arrived. */
  async run(limit = 1000): Promise<{ delivered: number; failed: number }> {
    const due = await this.#options.outbox.due(this.#clock.now(), limit);
    const lanes = new Map<string, Promise<void>>();
    const counts = { delivered: 0, failed: 0 };
    for (const entry of due) {
      const { key, receiver } = entry.notification;
      if (this.#busy.has(key)) continue;
      this.#busy.add(key);
      const turn = (lanes.get(receiver) ?? Promise.resolve()).then(async () => {
        try {
          const ok = await this.#attempt(entry.notification, entry.attempts + 1);
          counts[ok ? 'delivered' : 'failed']++;
        } finally {
          this.#busy.delete(key);
        }
      });
      lanes.set(receiver, turn);
    }
    await Promise.all(lanes.values());
    return counts;
  }

  async #attempt(notification: Notification, attempts: number): Promise<boolean> {
    const { outbox, receivers, maxAttempts = 12, backoff = 1000 } = this.#options;
    const notifier = Object.hasOwn(receivers, notification.receiver) ? receivers[notification.receiver] : undefined;
    const result: SendResult =
      notifier === undefined
        ? { ok: false, retry: false, reason: `There is no receiver ${notification.receiver}.` }
        : await this.#send(notifier, notification);
    const now = this.#clock.now();
    if (result.ok) {
      await outbox.remove(notification.key);
      return true;
    }
    if (!result.retry || attempts >= maxAttempts) {
      await outbox.bury({ notification, attempts, time: now, reason: result.reason });
      return false;
    }
    const wait = Math.min(3_600_000, backoff * 2 ** (attempts - 1)) * (0.5 + this.#random.next() / 2);
    await outbox.put({ notification, attempts, notBefore: now + wait, error: result.reason });
    return false;
  }

  async #send(notifier: Notifier, notification: Notification): Promise<SendResult> {
    const { timeout = 30_000 } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<SendResult>((resolve) => {
      timer = setTimeout(() => resolve({ ok: false, retry: true, reason: `No answer within ${timeout} ms.` }), timeout);
    });
    try {
      return await Promise.race([notifier.send(notification), late]);
    } catch (error) {
      return { ok: false, retry: true, reason: String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
