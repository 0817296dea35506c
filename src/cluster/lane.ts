import type { Reading } from '../core/index.js';

/** A reading that waits to be sent. */
export interface Waiting {
  readonly tenantId: string;
  readonly reading: Reading;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/** Options of a lane. */
export interface LaneOptions {
  /** Readings of one message at most. */
  readonly batch: number;
  /** How long the first reading waits for others to go with, ms. */
  readonly linger: number;
}

/** Readings of one partition on their way: one message at a time, the next ones gather meanwhile. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #send: (waiting: readonly Waiting[]) => Promise<void>;
  readonly #waiting: Waiting[] = [];
  #busy = false;
  #running: Promise<void> | undefined;

  /** @param send sends a message, and tells each of its readings that it is done */
  constructor(options: LaneOptions, send: (waiting: readonly Waiting[]) => Promise<void>) {
    this.#options = options;
    this.#send = send;
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (!this.#busy) this.#running = this.#run();
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { batch, linger } = this.#options;
    this.#busy = true;
    if (this.#waiting.length < batch) await new Promise((resolve) => setTimeout(resolve, linger));
    while (this.#waiting.length > 0) {
      const tenantId = this.#waiting[0]?.tenantId;
      let count = 0;
      while (count < Math.min(batch, this.#waiting.length) && this.#waiting[count]?.tenantId === tenantId) count++;
      const group = this.#waiting.splice(0, count);
      try {
        await this.#send(group);
      } catch (error) {
        for (const { fail } of group) fail(error);
      }
    }
    this.#busy = false;
  }
}
