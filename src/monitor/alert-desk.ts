import {
  type AlertChange,
  AlertDispatcher,
  Delivery,
  type DeliveryCounts,
  type DeliveryOptions,
  type DispatcherOptions,
  type DispatcherState,
  type Notifier,
  type Outbox,
  outboxEntry,
  type Silence,
} from '../alerts/index.js';
import type { Clock } from '../core/index.js';
import type { StorageRecord, TenantStorage } from '../storage/index.js';
import { outboxRecord, storageOutbox } from './storage-outbox.js';

/** Who is told of a monitor's alerts, and how: the routing tree, and a notifier for each receiver. */
export interface NotifyOptions
  extends Omit<DispatcherOptions, 'receivers' | 'clock'>,
    Pick<DeliveryOptions, 'maxAttempts' | 'maxAge' | 'backoff' | 'timeout'> {
  readonly receivers: Readonly<Record<string, Notifier>>;
}

/**
 * What stands between a monitor's alerts and the people: decides who is told, writes it into storage together with the
 * step that it came from, and delivers from there. A crash between the two loses nothing and repeats nothing.
 */
export class AlertDesk {
  readonly #dispatcher: AlertDispatcher;
  readonly #delivery: Delivery;
  readonly outbox: Outbox;

  /** @throws TwinergyError `ALERT_UNKNOWN_RECEIVER`, `ALERT_BAD_MATCHER`, `ALERT_BAD_ROTATION` */
  constructor(options: NotifyOptions, clock: Clock, storage: TenantStorage) {
    this.outbox = storageOutbox(storage);
    this.#dispatcher = new AlertDispatcher({ ...options, receivers: Object.keys(options.receivers), clock });
    this.#delivery = new Delivery({ ...options, outbox: this.outbox, clock });
  }

  /** Takes changes in, and gives the records of what is due now, for the commit. */
  take(changes: readonly AlertChange[]): StorageRecord<'outbox'>[] {
    for (const change of changes) this.#dispatcher.accept(change);
    return this.#dispatcher.flush().map((notification) => outboxRecord(outboxEntry(notification)));
  }

  /** Adds or replaces a silence, or ends one. */
  silence(silence: Silence | string): void {
    if (typeof silence === 'string') this.#dispatcher.unsilence(silence);
    else this.#dispatcher.silence(silence);
  }

  /** One round of deliveries. */
  deliver(): Promise<DeliveryCounts> {
    return this.#delivery.run();
  }

  save(): DispatcherState {
    return this.#dispatcher.toJSON();
  }

  restore(state: DispatcherState): void {
    this.#dispatcher.restore(state);
  }
}
