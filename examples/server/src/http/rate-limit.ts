/** A bucket of tokens for each caller: so many at once, so many a second in the long run. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, { tokens: number; time: number }>();

  /** @param perSecond 0: no limit */
  constructor(perSecond: number, burst = perSecond * 2) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes a token; the seconds to wait where there is none. */
  take(caller: string, now = Date.now()): { readonly wait: number; readonly left: number; readonly limit: number } {
    const limit = this.#burst;
    if (this.#perSecond === 0) return { wait: 0, left: Number.POSITIVE_INFINITY, limit };
    let bucket = this.#buckets.get(caller);
    if (bucket === undefined) {
      bucket = { tokens: this.#burst, time: now };
      this.#buckets.set(caller, bucket);
      if (this.#buckets.size > 20_000) this.#buckets.delete(this.#buckets.keys().next().value as string);
    }
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((now - bucket.time) / 1000) * this.#perSecond);
    bucket.time = now;
    if (bucket.tokens < 1) return { wait: (1 - bucket.tokens) / this.#perSecond, left: 0, limit };
    bucket.tokens--;
    return { wait: 0, left: Math.floor(bucket.tokens), limit };
  }
}
