import type { KvWatchEntry } from '@nats-io/kv';
import type { BalanceInput } from './balance.js';
import { type MemberRecord, memberFormat, memberKey, memberPrefix } from './bucket.js';
import { LeaseWatch } from './expiry.js';
import type { OwnerTable } from './table.js';

/** What one worker knows of all workers: their records, and whether their leases still move. */
export class Members {
  readonly #id: string;
  readonly #ttl: number;
  readonly #leases = new LeaseWatch();
  readonly #records = new Map<string, MemberRecord>();
  #echoAt = performance.now();

  /** @param ttl how long a lease may stand still, ms */
  constructor(id: string, ttl: number) {
    this.#id = id;
    this.#ttl = ttl;
  }

  /** When the own lease was last heard, by `performance.now`: by that the watch is known to work. */
  get echoAt(): number {
    return this.#echoAt;
  }

  /**
   * Whether it sees what happens: one that has not even heard its own lease of late, for the servers were away or its watch is
   * broken, would take everybody for dead.
   */
  get sees(): boolean {
    return performance.now() - this.#echoAt < this.#ttl / 2;
  }

  /** Takes an entry of the bucket up; true where a worker came or went. */
  hear(entry: KvWatchEntry): boolean {
    const { key, revision } = entry;
    const id = key.slice(memberPrefix.length);
    if (entry.operation !== 'PUT') {
      this.#records.delete(id);
      this.#leases.forget(key);
      return true;
    }
    this.#leases.see(key, revision);
    const isNew = !this.#records.has(id);
    this.#records.set(id, entry.json<MemberRecord>());
    if (id === this.#id) this.#heardMyself();
    return isNew;
  }

  /** The table without the owners whose leases ran out, the workers that live (itself where it is `willing`), and the rates. */
  view(table: OwnerTable, willing: boolean): Pick<BalanceInput, 'table' | 'workers' | 'rates'> {
    const rates = new Map<number, number>();
    const workers: string[] = willing ? [this.#id] : [];
    for (const [id, { draining, partitions, format }] of this.#records) {
      if (!this.#lives(id) || format > memberFormat) continue;
      if (id !== this.#id && !draining) workers.push(id);
      for (const { partition, rate } of partitions) rates.set(partition, rate);
    }
    const partitions = table.partitions.map((ownership) =>
      ownership.owner === null || this.#lives(ownership.owner) ? ownership : { owner: null, epoch: ownership.epoch },
    );
    return { table: { ...table, partitions }, workers, rates };
  }

  #lives(id: string): boolean {
    return id === this.#id || this.#leases.age(memberKey(id)) < this.#ttl;
  }

  /** An observer that stood still, or was cut off, cannot say that the others did. */
  #heardMyself(): void {
    const gap = performance.now() - this.#echoAt;
    if (gap > this.#ttl / 2) this.#leases.forgive(gap - this.#ttl / 2);
    this.#echoAt = performance.now();
  }
}
