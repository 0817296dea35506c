import { TwinergyError } from '../core/index.js';

/** One thing at a time, in the order of asking: the state belongs to whoever is working on it. */
export class Turns {
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Works when everything before is over. @throws TwinergyError `MONITOR_CLOSED` */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new TwinergyError('MONITOR_CLOSED', 'The monitor is closed.');
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Takes no more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }
}
