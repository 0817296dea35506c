import type { Principal } from '../auth/roles.js';

interface Open {
  readonly who: Principal;
  readonly close: () => void;
}

/** Ends the live connections of those who may no longer look: signed out, disabled, key withdrawn or over. */
export class LiveWatch {
  readonly #stands: (who: Principal) => Promise<boolean>;
  readonly #open = new Set<Open>();
  readonly #timer: NodeJS.Timeout;

  /**
   * @param stands whether somebody who was let in would be let in now
   * @param every ms between looks: what another server withdrew is found by looking
   */
  constructor(stands: (who: Principal) => Promise<boolean>, every = 10_000) {
    this.#stands = stands;
    this.#timer = setInterval(() => void this.look(), every);
    this.#timer.unref();
  }

  /** Watches a connection; the function that is returned ends the watch. */
  add(who: Principal, close: () => void): () => void {
    const entry = { who, close };
    this.#open.add(entry);
    return () => this.#open.delete(entry);
  }

  /** Looks at all of them now. While the store is away, nobody is sent off. */
  async look(): Promise<void> {
    await Promise.all(
      [...this.#open].map(async (entry) => {
        const stands = await this.#stands(entry.who).catch(() => true);
        if (!stands && this.#open.delete(entry)) entry.close();
      }),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
