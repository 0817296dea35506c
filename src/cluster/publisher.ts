import { randomUUID } from 'node:crypto';
import { type Reading, TwinergyError } from '../core/index.js';
import { Lane, type Waiting } from './lane.js';
import type { ClusterLink } from './link.js';
import { encodeMessage } from './message.js';
import { PartitionMap } from './partition.js';
import { Spool, type SpooledMessage } from './spool.js';

/** Options of `ClusterPublisher.open`. */
export interface PublisherOptions {
  /** Readings of one message at most. Default 500. */
  readonly batch?: number | undefined;
  /** How long readings wait for others to go with, ms. Default 5. */
  readonly linger?: number | undefined;
  /** Readings that may be under way; more wait in `publish`. Default 20,000. */
  readonly inFlight?: number | undefined;
  /** How long an acknowledgement may take before the message is sent again, ms. Default 3000. */
  readonly timeout?: number | undefined;
  /** A SQLite file in which readings wait while the link is cut: `publish` then resolves when they are on disk. */
  readonly spool?: string | undefined;
  /** Messages that the spool holds at most. Default 1,000,000. */
  readonly spoolLimit?: number | undefined;
}

/** What a publisher says of itself. */
export interface PublisherFigures {
  /** Readings that the stream has acknowledged. */
  readonly acknowledged: number;
  /** Messages that were sent again. */
  readonly retries: number;
  /** Readings that `publish` was given and that are not yet acknowledged (with a spool: not yet on disk). */
  readonly inFlight: number;
  /** Messages that wait on disk. */
  readonly spooled: number;
}

/** A message of the client is refused by servers beyond 1 MiB, unless they are told otherwise. */
const LARGEST = 900_000;

/**
 * Sends readings to their partitions. The messages of a partition go one after another, each when the one before is
 * acknowledged, so that an asset's readings arrive in the order in which they were given; partitions go side by side. A message
 * that is not acknowledged is sent again under the same id, until it is.
 *
 * ```ts
 * const publisher = await ClusterPublisher.open(link, { spool: 'edge-spool.db' });
 * await publisher.publish(readings);
 * ```
 */
export class ClusterPublisher {
  readonly #link: ClusterLink;
  readonly #options: {
    readonly batch: number;
    readonly linger: number;
    readonly inFlight: number;
    readonly timeout: number;
    readonly spoolLimit: number;
  };
  readonly #spool: Spool | undefined;
  readonly #map: PartitionMap;
  readonly #publisher: string;
  readonly #lanes = new Map<number, Lane>();
  readonly #numbers = new Map<number, number>();
  #inFlight = 0;
  #acknowledged = 0;
  #retries = 0;
  #gate: (() => void)[] = [];
  #closed = false;
  #draining: Promise<void> | undefined;

  private constructor(link: ClusterLink, options: PublisherOptions, spool: Spool | undefined) {
    this.#link = link;
    this.#options = {
      batch: options.batch ?? 500,
      linger: options.linger ?? 5,
      inFlight: options.inFlight ?? 20_000,
      timeout: options.timeout ?? 3_000,
      spoolLimit: options.spoolLimit ?? 1_000_000,
    };
    this.#spool = spool;
    this.#map = new PartitionMap(link.partitions);
    this.#publisher = spool?.publisher ?? randomUUID();
    if (spool !== undefined && spool.waiting > 0) this.#drain(spool);
  }

  /** Makes a publisher, and opens its spool where it has one; what waits there goes first. */
  static async open(link: ClusterLink, options: PublisherOptions = {}): Promise<ClusterPublisher> {
    return new ClusterPublisher(
      link,
      options,
      options.spool === undefined ? undefined : await Spool.open(options.spool),
    );
  }

  /** What was sent and what waits. */
  get figures(): PublisherFigures {
    return {
      acknowledged: this.#acknowledged,
      retries: this.#retries,
      inFlight: this.#inFlight,
      spooled: this.#spool?.waiting ?? 0,
    };
  }

  /**
   * Sends readings; resolves when the stream (or with a spool, the disk) has them. While more than `inFlight` are under way it
   * waits first: that is the back-pressure.
   * @throws TwinergyError `CLUSTER_CLOSED`; `CLUSTER_SPOOL_FULL`
   */
  async publish(readings: Reading | readonly Reading[], tenantId = 'default'): Promise<void> {
    const list: readonly Reading[] = 'assetId' in readings ? [readings] : readings;
    if (this.#closed) throw closed();
    if (list.length === 0) return;
    while (this.#inFlight > 0 && this.#inFlight + list.length > this.#options.inFlight) {
      await new Promise<void>((enter) => this.#gate.push(enter));
      if (this.#closed) throw closed();
    }
    this.#inFlight += list.length;
    try {
      await (this.#spool === undefined ? this.#send(list, tenantId) : this.#keep(list, tenantId, this.#spool));
    } finally {
      this.#inFlight -= list.length;
      const waiting = this.#gate;
      this.#gate = [];
      for (const enter of waiting) enter();
    }
  }

  /** Resolves when nothing waits any more, neither in memory nor on disk. */
  async flush(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
    await this.#draining;
  }

  /** Sends no more. What is on disk stays there for the next publisher; what is only in memory is not acknowledged. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const enter of this.#gate) enter();
    await this.#draining;
    await this.#spool?.close();
  }

  // --- without a spool

  async #send(list: readonly Reading[], tenantId: string): Promise<void> {
    let left = list.length;
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        if (--left === 0) resolve();
      };
      for (const reading of list) {
        const partition = this.#map.of(tenantId, reading.assetId);
        let lane = this.#lanes.get(partition);
        if (lane === undefined) {
          lane = new Lane(this.#options, (waiting) => this.#sendGroup(partition, waiting));
          this.#lanes.set(partition, lane);
        }
        lane.push({ tenantId, reading, done, fail: reject });
      }
    });
  }

  async #sendGroup(partition: number, waiting: readonly Waiting[]): Promise<void> {
    const [first] = waiting;
    if (first === undefined) return;
    const number = (this.#numbers.get(partition) ?? 0) + 1;
    const { tenantId } = first;
    const readings = waiting.map(({ reading }) => reading);
    const body = encodeMessage({ tenantId, publisher: this.#publisher, number, readings });
    if (body.length > LARGEST && waiting.length > 1) {
      const half = waiting.length >> 1;
      await this.#sendGroup(partition, waiting.slice(0, half));
      await this.#sendGroup(partition, waiting.slice(half));
      return;
    }
    this.#numbers.set(partition, number);
    await this.#deliver(partition, `${this.#publisher}:${partition}:${number}`, body);
    this.#acknowledged += waiting.length;
    for (const { done } of waiting) done();
  }

  /** Sends a message until the stream has acknowledged it. @throws TwinergyError `CLUSTER_CLOSED` */
  async #deliver(partition: number, msgID: string, body: Uint8Array): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      // Without a link the client would keep a copy of every attempt in memory.
      await this.#link.connected();
      if (this.#closed) throw closed();
      try {
        await this.#link.js.publish(this.#link.names.readings(partition), body, {
          msgID,
          timeout: this.#options.timeout,
        });
        return;
      } catch {
        // Away, without a leader, or full: all of these end some day, and the id keeps the message from being there twice.
        this.#retries++;
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 50 * 2 ** attempt)));
      }
    }
  }

  // --- with a spool

  async #keep(list: readonly Reading[], tenantId: string, spool: Spool): Promise<void> {
    const { batch, spoolLimit } = this.#options;
    if (spool.waiting > spoolLimit) {
      throw new TwinergyError('CLUSTER_SPOOL_FULL', `${spool.waiting} messages wait on disk already.`, {
        hint: 'Raise spoolLimit, or send fewer readings until the link is back.',
      });
    }
    const groups = new Map<number, Reading[]>();
    for (const reading of list) {
      const partition = this.#map.of(tenantId, reading.assetId);
      const group = groups.get(partition);
      if (group === undefined) groups.set(partition, [reading]);
      else group.push(reading);
    }
    const messages: Omit<SpooledMessage, 'place'>[] = [];
    for (const [partition, readings] of groups) {
      for (let i = 0; i < readings.length; i += batch) {
        const number = spool.nextNumber(partition);
        const part = readings.slice(i, i + batch);
        const body = encodeMessage({ tenantId, publisher: spool.publisher, number, readings: part });
        messages.push({
          partition,
          id: `${spool.publisher}:${partition}:${number}`,
          body: new TextDecoder().decode(body),
        });
      }
    }
    await spool.add(messages);
    this.#drain(spool);
  }

  /** Sends what is on disk, the oldest first, until nothing is left. */
  #drain(spool: Spool): void {
    this.#draining ??= this.#drainAll(spool).finally(() => {
      this.#draining = undefined;
      // What came in while the last look found nothing.
      if (!this.#closed && spool.waiting > 0) this.#drain(spool);
    });
    this.#draining.catch(() => undefined);
  }

  async #drainAll(spool: Spool): Promise<void> {
    const encoder = new TextEncoder();
    while (!this.#closed) {
      const messages = await spool.oldest(256);
      if (messages.length === 0) return;
      const lanes = new Map<number, SpooledMessage[]>();
      for (const message of messages) {
        const lane = lanes.get(message.partition);
        if (lane === undefined) lanes.set(message.partition, [message]);
        else lane.push(message);
      }
      const sent: string[] = [];
      const results = await Promise.allSettled(
        [...lanes].map(async ([partition, lane]) => {
          for (const { id, body } of lane) {
            await this.#deliver(partition, id, encoder.encode(body));
            sent.push(id);
          }
        }),
      );
      await spool.remove(sent);
      if (results.some(({ status }) => status === 'rejected')) return;
    }
  }
}

function closed(): TwinergyError {
  return new TwinergyError('CLUSTER_CLOSED', 'The publisher is closed.');
}
