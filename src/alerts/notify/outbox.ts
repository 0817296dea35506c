import type { Alert } from '../alert.js';

/** What is told to one receiver: the alerts of a group that stand, and those that have ended. */
export interface Notification {
  /** Unique, and the same at every attempt: receivers drop what they have seen. */
  readonly key: string;
  readonly receiver: string;
  /** What the alerts have in common. */
  readonly group: Readonly<Record<string, string>>;
  readonly time: number;
  readonly firing: readonly Alert[];
  readonly resolved: readonly Alert[];
  /** Why it is sent: something changed, it stands long, or nobody acknowledged. */
  readonly reason: 'change' | 'repeat' | 'escalation';
}

/** A notification that waits for its delivery. */
export interface OutboxEntry {
  readonly notification: Notification;
  readonly attempts: number;
  /** Not before, ms since the epoch. */
  readonly notBefore: number;
  /** Why the last attempt failed. */
  readonly error: string | null;
}

/** A notification that was given up, and why. */
export interface DeadLetter {
  readonly notification: Notification;
  readonly attempts: number;
  readonly time: number;
  readonly reason: string;
}

/** Where notifications wait. Storage implements it, so that they outlive a restart; keys are unique. */
export interface Outbox {
  /** Adds or replaces an entry by its notification's key. */
  put(entry: OutboxEntry): Promise<void> | void;
  /** Entries due at `now`, the oldest first. */
  due(now: number, limit: number): Promise<readonly OutboxEntry[]> | readonly OutboxEntry[];
  /** Takes a delivered entry out. */
  remove(key: string): Promise<void> | void;
  /** Moves an entry to the dead letters. */
  bury(letter: DeadLetter): Promise<void> | void;
}

/** An outbox in memory. */
export class MemoryOutbox implements Outbox {
  readonly #entries = new Map<string, OutboxEntry>();
  /** What was given up. */
  readonly dead: DeadLetter[] = [];

  /** How many wait. */
  get size(): number {
    return this.#entries.size;
  }

  put(entry: OutboxEntry): void {
    this.#entries.set(entry.notification.key, entry);
  }

  due(now: number, limit: number): OutboxEntry[] {
    return [...this.#entries.values()].filter(({ notBefore }) => notBefore <= now).slice(0, limit);
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  bury(letter: DeadLetter): void {
    this.#entries.delete(letter.notification.key);
    this.dead.push(letter);
  }
}
