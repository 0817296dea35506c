import { type Clock, systemClock } from '../../core/clock.js';
import { inTime } from '../../core/in-time.js';
import { Random } from '../../core/random.js';
import type { Notification, Outbox, OutboxEntry } from './outbox.js';

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;

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
  /** A notification that could not be delivered for so long is given up, ms. Default 7 days. */
  readonly maxAge?: number | undefined;
  /** First wait after a failure, ms; doubles each time, up to an hour, half of it by chance. Default 1,000. */
  readonly backoff?: number | undefined;
  /** An attempt that takes longer has failed, ms. Default 30,000. */
  readonly timeout?: number | undefined;
  readonly seed?: number | undefined;
}

/** What a round of deliveries came to. */
export interface DeliveryCounts {
  readonly delivered: number;
  readonly failed: number;
}

/**
 * Brings what waits in the outbox to its receivers, each receiver apart, so that a dead one blocks nobody. After a failure
 * that may pass, the receiver is left alone for a time that grows with each attempt (exponential backoff with jitter), and
 * what waits for it waits behind; an entry that failed too often, or is too old, becomes a dead letter with its reason.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Receivers that are sent to now. */
  readonly #lanes = new Map<string, Promise<void>>();
  /** Receivers that failed, and until when they are left alone. */
  readonly #held = new Map<string, number>();
  /** When, counted in ends, the last round to a receiver ended: a list that was asked for before is out of date. */
  readonly #ended = new Map<string, number>();
  #ends = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = new Random(options.seed ?? 1);
  }

  /**
   * One round: sends what is due, and tells how many arrived. Rounds may overlap: a receiver that is still being sent to is
   * left to the round before.
   */
  async run(limit = 1000): Promise<DeliveryCounts> {
    const now = this.#clock.now();
    for (const [receiver, until] of this.#held) if (until <= now) this.#held.delete(receiver);
    const except = new Set([...this.#held.keys(), ...this.#lanes.keys()]);
    const asked = this.#ends;
    const entries = await this.#options.outbox.due(now, limit, except);
    const byReceiver = new Map<string, OutboxEntry[]>();
    for (const entry of entries) {
      const { receiver } = entry.notification;
      if (this.#lanes.has(receiver) || (this.#ended.get(receiver) ?? 0) > asked) continue;
      const list = byReceiver.get(receiver);
      if (list === undefined) byReceiver.set(receiver, [entry]);
      else list.push(entry);
    }
    const counts = { delivered: 0, failed: 0 };
    await Promise.all(
      [...byReceiver].map(([receiver, list]) => {
        const lane = this.#sendAll(receiver, list, counts).finally(() => {
          this.#lanes.delete(receiver);
          this.#ended.set(receiver, ++this.#ends);
        });
        this.#lanes.set(receiver, lane);
        return lane;
      }),
    );
    return counts;
  }

  async #sendAll(receiver: string, list: readonly OutboxEntry[], counts: { delivered: number; failed: number }) {
    for (const entry of list) {
      const ok = await this.#attempt(entry);
      counts[ok ? 'delivered' : 'failed']++;
      if (this.#held.has(receiver)) return;
    }
  }

  async #attempt({ notification, attempts: before }: OutboxEntry): Promise<boolean> {
    const { outbox, receivers, maxAttempts = 12, maxAge = WEEK, backoff = 1000 } = this.#options;
    const { key, receiver, time } = notification;
    const attempts = before + 1;
    const notifier = Object.hasOwn(receivers, receiver) ? receivers[receiver] : undefined;
    const result: SendResult =
      notifier === undefined
        ? { ok: false, retry: false, reason: `There is no receiver ${receiver}.` }
        : await this.#send(notifier, notification);
    const now = this.#clock.now();
    if (result.ok) {
      await outbox.remove(key);
      return true;
    }
    const { retry, reason } = result;
    if (retry) {
      const wait = Math.min(HOUR, backoff * 2 ** (attempts - 1)) * (0.5 + this.#random.next() / 2);
      this.#held.set(receiver, now + wait);
      if (attempts < maxAttempts && now - time < maxAge) {
        await outbox.put({ notification, attempts, notBefore: now + wait, error: reason });
        return false;
      }
    }
    await outbox.bury({ notification, attempts, time: now, reason });
    return false;
  }

  async #send(notifier: Notifier, notification: Notification): Promise<SendResult> {
    const { timeout = 30_000 } = this.#options;
    const failed = (reason: string): SendResult => ({ ok: false, retry: true, reason });
    try {
      return await inTime(notifier.send(notification), timeout, () => failed(`No answer within ${timeout} ms.`));
    } catch (error) {
      return failed(String(error));
    }
  }
}
