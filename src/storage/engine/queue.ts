import { TwinergyError } from '../../core/errors.js';
import type { Change } from '../contract/engine.js';

interface Entry {
  readonly change: Change;
  readonly rows: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Limits of the queue before the database. */
export interface QueueOptions {
  /** Readings accepted and not yet durable before a writer has to wait (default 100,000). */
  readonly maxPending?: number | undefined;
  /** Readings in one transaction at most, unless one call brings more (default 20,000). */
  readonly maxGroup?: number | undefined;
}

/**
 * Group commit: while one transaction is under way, changes gather; the next transaction takes them together. Each writer
 * is answered when its own change is durable. Past `maxPending` readings a writer waits before its change is accepted:
 * that is the back-pressure.
 */
export class CommitQueue {
  readonly #apply: (changes: readonly Change[]) => Promise<void>;
  readonly #maxPending: number;
  readonly #maxGroup: number;
  #entries: Entry[] = [];
  #waiting: { readonly rows: number; readonly enter: () => void }[] = [];
  #pending = 0;
  #running: Promise<void> | undefined;

  constructor(
    apply: (changes: readonly Change[]) => Promise<void>,
    { maxPending = 100_000, maxGroup = 20_000 }: QueueOptions = {},
  ) {
    this.#apply = apply;
    this.#maxPending = maxPending;
    this.#maxGroup = maxGroup;
  }

  /** Readings accepted and not yet durable. */
  get pending(): number {
    return this.#pending;
  }

  /** Resolves when `change` is durable. */
  async push(change: Change): Promise<void> {
    const rows = (change.telemetry ?? []).reduce((sum, { time }) => sum + time.length, 1);
    if (this.#waiting.length > 0 || (this.#pending > 0 && this.#pending + rows > this.#maxPending)) {
      await new Promise<void>((enter) => this.#waiting.push({ rows, enter }));
    } else this.#pending += rows;
    return new Promise((resolve, reject) => {
      this.#entries.push({ change, rows, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Waits until nothing is pending. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#waiting.length > 0) await (this.#running ?? Promise.resolve());
  }

  async #drain(): Promise<void> {
    // A turn of the event loop's micro-tasks lets writers that were started together share the first transaction.
    await Promise.resolve();
    while (this.#entries.length > 0) {
      const group = this.#take();
      await this.#commit(group);
      for (const { rows } of group) this.#pending -= rows;
      this.#admit();
      await Promise.resolve();
    }
    this.#running = undefined;
  }

  #take(): Entry[] {
    let rows = 0;
    let count = 0;
    for (const entry of this.#entries) {
      if (count > 0 && rows + entry.rows > this.#maxGroup) break;
      rows += entry.rows;
      count++;
    }
    return this.#entries.splice(0, count);
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    try {
      await this.#apply(group.map(({ change }) => change));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1 || (error instanceof TwinergyError && error.code === 'STORAGE_CLOSED')) {
        for (const { reject } of group) reject(error);
        return;
      }
      // One bad change must not take its neighbours down: each is tried alone.
      for (const entry of group) await this.#commit([entry]);
    }
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || (this.#pending > 0 && this.#pending + next.rows > this.#maxPending)) return;
      this.#waiting.shift();
      this.#pending += next.rows;
      next.enter();
    }
  }
}
