import { randomUUID } from 'node:crypto';
import type { Storage } from '../storage/index.js';
import { sqliteStorage } from '../storage/sqlite/index.js';

/** A message that waits in the spool. */
export interface SpooledMessage {
  /** Its place in the order in which it was put in. */
  readonly place: number;
  readonly partition: number;
  readonly id: string;
  readonly body: string;
}

const COUNTERS = 'spool';
const TOPIC = 'spool';

interface Counters {
  readonly publisher: string;
  readonly place: number;
  readonly numbers: Readonly<Record<string, number>>;
}

/**
 * Messages in a SQLite file until the stream has acknowledged them: they outlive a cut link, a restart and a power cut, and
 * leave in the order in which they came. The file also keeps the sender's name and counts, so that what is sent again after a
 * restart is known as the same.
 */
export class Spool {
  readonly #storage: Storage;
  #place: number;
  #waiting: number;
  readonly #numbers: Map<number, number>;
  readonly publisher: string;

  private constructor(storage: Storage, { publisher, place, numbers }: Counters, waiting: number) {
    this.#storage = storage;
    this.publisher = publisher;
    this.#place = place;
    this.#waiting = waiting;
    this.#numbers = new Map(Object.entries(numbers).map(([partition, number]) => [Number(partition), number]));
  }

  /** Opens the file, or makes it. One process at a time may use it. @throws MissingPeerError where there is no SQLite */
  static async open(file: string): Promise<Spool> {
    const storage = await sqliteStorage(file);
    const kept = (await storage.get('checkpoints', COUNTERS))?.state as Counters | undefined;
    const first = await storage.list('outbox', { where: { topic: TOPIC }, limit: 1 });
    const counters = kept ?? { publisher: randomUUID(), place: 0, numbers: {} };
    const waiting = first.rows[0] === undefined ? 0 : counters.place - first.rows[0].time + 1;
    return new Spool(storage, counters, waiting);
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The number of the next message of a partition. */
  nextNumber(partition: number): number {
    const number = (this.#numbers.get(partition) ?? 0) + 1;
    this.#numbers.set(partition, number);
    return number;
  }

  /** Puts messages in; resolves when they are on disk. */
  async add(messages: readonly Omit<SpooledMessage, 'place'>[]): Promise<void> {
    const outbox = messages.map(({ partition, id, body }) => ({
      id,
      time: ++this.#place,
      topic: TOPIC,
      payload: { partition, body },
    }));
    const state: Counters = {
      publisher: this.publisher,
      place: this.#place,
      numbers: Object.fromEntries(this.#numbers),
    };
    await this.#storage.commit({ put: { outbox, checkpoints: [{ id: COUNTERS, time: this.#place, state }] } });
    this.#waiting += messages.length;
  }

  /** The oldest messages, in their order. */
  async oldest(limit: number): Promise<SpooledMessage[]> {
    const { rows } = await this.#storage.list('outbox', { where: { topic: TOPIC }, limit });
    return rows.map(({ id, time, payload }) => {
      const { partition, body } = payload as { partition: number; body: string };
      return { place: time, partition, id, body };
    });
  }

  /** Takes messages out that have arrived. */
  async remove(ids: readonly string[]): Promise<void> {
    await this.#storage.remove('outbox', ids);
    this.#waiting -= ids.length;
  }

  close(): Promise<void> {
    return this.#storage.close();
  }
}
