import type { KV } from '@nats-io/kv';
import { isRevisionConflict, type MemberRecord, memberKey } from './bucket.js';

/** A worker's own lease: a record in the bucket that it writes anew, by compare-and-set, as long as it lives. */
export class Lease {
  readonly #bucket: KV;
  readonly #key: string;
  readonly #ttl: number;
  #revision = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(bucket: KV, id: string, ttl: number) {
    this.#bucket = bucket;
    this.#key = memberKey(id);
    this.#ttl = ttl;
  }

  /** Whether it stands, by this worker's own clock: others wait at least as long before they take anything. */
  get holds(): boolean {
    return performance.now() - this.#renewedAt < this.#ttl;
  }

  /** Renews it; a renewal that came too late for its revision takes up what is there, and the next one goes on from that. */
  async renew(record: MemberRecord): Promise<void> {
    const asked = performance.now();
    const text = JSON.stringify(record);
    try {
      this.#revision = await (this.#revision === 0
        ? this.#bucket.create(this.#key, text)
        : this.#bucket.update(this.#key, text, this.#revision));
      this.#renewedAt = asked;
    } catch (error) {
      if (!isRevisionConflict(error)) throw error;
      // A renewal whose answer was lost; or the record was cleared away, and begins anew.
      const entry = await this.#bucket.get(this.#key);
      this.#revision = entry === null || entry.length === 0 ? 0 : entry.revision;
    }
  }

  /** Gives it back. */
  async end(): Promise<void> {
    await this.#bucket.delete(this.#key).catch(() => undefined);
  }
}
