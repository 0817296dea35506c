import type { Arrived } from './tenant-work.js';

/** A message that waits to be stored. */
export interface Queued extends Arrived {
  readonly tenantId: string;
  readonly readings: number;
  /** Whether it may go with the one before it. */
  readonly joins: boolean;
}

/** The messages of a partition that were read and are not yet stored, in their order. */
export class MessageQueue {
  readonly #messages: Queued[] = [];
  #readings = 0;

  /** Messages that wait. */
  get length(): number {
    return this.#messages.length;
  }

  /** Readings that wait. */
  get readings(): number {
    return this.#readings;
  }

  /** The one that waits longest. */
  get first(): Queued | undefined {
    return this.#messages[0];
  }

  push(message: Queued): void {
    this.#messages.push(message);
    this.#readings += message.readings;
  }

  /** The next messages that go into one transaction of so many readings at most; they stay here until they are stored. */
  group(limit: number): readonly Queued[] {
    const [first] = this.#messages;
    if (first === undefined) return [];
    const group = [first];
    let { readings } = first;
    for (let i = 1; first.joins && i < this.#messages.length; i++) {
      const next = this.#messages[i] as Queued;
      if (!next.joins || next.tenantId !== first.tenantId || readings + next.readings > limit) break;
      group.push(next);
      readings += next.readings;
    }
    return group;
  }

  /** The first ones are stored. */
  drop(stored: readonly Queued[]): void {
    this.#messages.splice(0, stored.length);
    for (const { readings } of stored) this.#readings -= readings;
  }
}
