/** The first wait after a failure, and the longest, ms. */
const FIRST = 500;
const LONGEST = 8_000;

/** Keeps from trying again at once what has just failed: each failure in a row doubles the wait. */
export class HoldOff {
  readonly #failed = new Map<number, { readonly times: number; readonly until: number }>();
  readonly #elapsed: () => number;

  /** @param elapsed a steady clock, ms; default `performance.now` */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  /** Notes a failure. */
  failed(key: number): void {
    const times = this.times(key) + 1;
    this.#failed.set(key, { times, until: this.#elapsed() + Math.min(LONGEST, FIRST * 2 ** (times - 1)) });
  }

  /** It went well. */
  succeeded(key: number): void {
    this.#failed.delete(key);
  }

  /** Failures in a row. */
  times(key: number): number {
    return this.#failed.get(key)?.times ?? 0;
  }

  /** Whether its time has not come yet. */
  holds(key: number): boolean {
    return this.#elapsed() < (this.#failed.get(key)?.until ?? 0);
  }
}
