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

/** Where notifications wait. A store implements it, so that they outlive a restart; keys are unique. */
export interface Outbox {
  /** Adds or replaces an entry by its notification's key. */
  put(entry: OutboxEntry): Promise<void> | void;
  /** Entries due at `now`, the oldest first, without those to the receivers in `except`. */
  due(
    now: number,
    limit: number,
    except: ReadonlySet<string>,
  ): Promise<readonly OutboxEntry[]> | readonly OutboxEntry[];
  /** Takes a delivered entry out. */
  remove(key: string): Promise<void> | void;
  /** Moves an entry to the dead letters. */
  bury(letter: DeadLetter): Promise<void> | void;
  /** The dead letters, the oldest first. */
  letters(limit: number): Promise<readonly DeadLetter[]> | readonly DeadLetter[];
  /** Lets a dead letter wait for its delivery again; false where there is none of that key. */
  revive(key: string): Promise<boolean> | boolean;
}

/** The entry that a notification begins with. */
export function outboxEntry(notification: Notification): OutboxEntry {
  return { notification, attempts: 0, notBefore: notification.time, error: null };
}

/** An outbox in memory. */
export class MemoryOutbox implements Outbox {
  readonly #entries = new Map<string, OutboxEntry>();
  readonly #dead = new Map<string, DeadLetter>();

  /** How many wait. */
  get size(): number {
    return this.#entries.size;
  }

  put(entry: OutboxEntry): void {
    this.#entries.set(entry.notification.key, entry);
  }

  due(now: number, limit: number, except: ReadonlySet<string>): OutboxEntry[] {
    return [...this.#entries.values()]
      .filter(({ notBefore, notification }) => notBefore <= now && !except.has(notification.receiver))
      .slice(0, limit);
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  bury(letter: DeadLetter): void {
    this.#entries.delete(letter.notification.key);
    this.#dead.set(letter.notification.key, letter);
  }

  letters(limit: number): DeadLetter[] {
    return [...this.#dead.values()].slice(0, limit);
  }

  revive(key: string): boolean {
    const letter = this.#dead.get(key);
    if (letter === undefined) return false;
    this.#dead.delete(key);
    this.put(outboxEntry(letter.notification));
    return true;
  }
}
