import type { StorageRecord } from './tables.js';

/** A message of the table `outbox`: it waits, is held by a worker (`claimedBy`), or is dead (`state: 'dead'`). */
export type OutboxMessage = StorageRecord<'outbox'>;

/** Which messages a worker takes. */
export interface OutboxClaim {
  /** Who takes them: unique among the workers that run at the same time. */
  readonly owner: string;
  /** Only messages of this topic; default: any. */
  readonly topic?: string | undefined;
  /** At most so many (default 100, at most 10,000). */
  readonly limit?: number | undefined;
  /** ms until others may take a message that was neither settled nor claimed anew (default 60,000). */
  readonly lease?: number | undefined;
  /** ms since the epoch (default: the clock of this machine). */
  readonly now?: number | undefined;
}

/** Why a message was not delivered, and from when on it may be tried again. */
export interface OutboxRetry {
  readonly error?: string | undefined;
  /** Not before, ms since the epoch. */
  readonly at: number;
}

/**
 * Messages that leave the store, each at least once. A message is written in the same transaction as what it tells of:
 * `commit({ readings, put: { outbox: [{ id, time, topic, payload }] } })`; `dueAt` says when the first attempt may be made.
 * A worker claims it, delivers it and acknowledges it; a worker that dies loses its claim after the lease, and another takes
 * the message. Two workers never hold the same message within its lease. Receivers drop what they have seen by the `id`.
 */
export interface Outbox {
  /** Takes due messages, the oldest first, and counts an attempt for each. */
  claim(claim: OutboxClaim): Promise<OutboxMessage[]>;
  /** Delivered: the messages go. The calls below return how many of the ids `owner` still held; the rest stay as they are. */
  ack(owner: string, ids: readonly string[]): Promise<number>;
  /** Not delivered: the messages wait until `at`. */
  retry(owner: string, ids: readonly string[], retry: OutboxRetry): Promise<number>;
  /** Given up: the messages stay as dead letters, `list('outbox', { where: { state: 'dead' } })`. */
  bury(owner: string, ids: readonly string[], error?: string): Promise<number>;
  /** Dead letters wait again, due at once, their attempts forgotten. Returns how many there were. */
  revive(ids: readonly string[]): Promise<number>;
}
