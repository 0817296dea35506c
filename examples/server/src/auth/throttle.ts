import { Problem } from '../http/problem.js';

/** Failures of a name that cost nothing; of an address, behind which many people may sit. */
const FREE = 5;
const FREE_ADDRESS = 50;
const LONGEST = 15 * 60_000;

/**
 * Slows guessing down: after five failures of a name (fifty of an address), each next one must wait twice as long, up to a quarter
 * of an hour. Success of a name forgets its failures.
 */
export class Throttle {
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @throws Problem 429 */
  check(...keys: string[]): void {
    const until = Math.max(0, ...keys.map((key) => this.#failures.get(key)?.until ?? 0));
    const wait = until - this.#now();
    if (wait > 0) {
      throw new Problem(429, 'API_SLOW_DOWN', 'Too many failed attempts; wait a moment.', {
        retryAfter: Math.ceil(wait / 1000),
      });
    }
  }

  failed(...keys: string[]): void {
    for (const key of keys) {
      const count = (this.#failures.get(key)?.count ?? 0) + 1;
      const free = key.startsWith('address ') ? FREE_ADDRESS : FREE;
      const wait = count < free ? 0 : Math.min(LONGEST, 1000 * 2 ** (count - free));
      this.#failures.delete(key);
      this.#failures.set(key, { count, until: this.#now() + wait });
    }
    // The oldest are forgotten, so that a flood of names takes no memory.
    while (this.#failures.size > 10_000) this.#failures.delete(this.#failures.keys().next().value as string);
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
