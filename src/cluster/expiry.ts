/**
 * Judges leases by what this observer saw itself: a lease has run out when its revision has not changed for its time to live,
 * by the observer's own steady clock. Clocks of machines are never compared.
 */
export class LeaseWatch {
  readonly #elapsed: () => number;
  readonly #seen = new Map<string, { readonly revision: number; readonly at: number }>();

  /** @param elapsed a steady clock, ms; default `performance.now` */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  /** Notes the revision at which a lease was seen. */
  see(key: string, revision: number): void {
    if (this.#seen.get(key)?.revision !== revision) this.#seen.set(key, { revision, at: this.#elapsed() });
  }

  /** The lease is no longer there. */
  forget(key: string): void {
    this.#seen.delete(key);
  }

  /** How long its revision has stood still, ms; infinite where it was never seen. */
  age(key: string): number {
    const seen = this.#seen.get(key);
    return seen === undefined ? Number.POSITIVE_INFINITY : this.#elapsed() - seen.at;
  }

  /** The observer saw nothing for so long, ms: what stood still meanwhile may have been renewed all the same. */
  forgive(blind: number): void {
    const now = this.#elapsed();
    for (const [key, { revision, at }] of this.#seen) this.#seen.set(key, { revision, at: Math.min(now, at + blind) });
  }
}
