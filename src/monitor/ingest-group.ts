import type { Reading } from '../core/index.js';
import type { IngestResult } from './contract.js';
import type { Rejection } from './validate.js';

/** What becomes of one call's readings while it is worked out. */
export interface IngestShare {
  accepted: number;
  late: number;
  duplicates: number;
  readonly rejected: Rejection[];
}

/** Readings of one call of `ingest`, and whoever waits for what becomes of them. */
interface Waiting {
  readonly readings: readonly Reading[];
  readonly resolve: (result: IngestResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** Readings beyond which no further call joins a group: one transaction should not keep the next one waiting. */
const MOST = 4000;

/**
 * Calls of `ingest` that came while another one was being stored go together, in one transaction: with many senders a
 * commit costs more than the readings in it. Each call gets its own result, and each is told only after the commit.
 */
export class IngestGroup {
  readonly #work: (calls: readonly (readonly Reading[])[]) => Promise<IngestResult[]>;
  readonly #queue: (step: () => Promise<void>) => Promise<void>;
  #waiting: Waiting[] = [];
  #queued = false;

  /**
   * @param queue runs a step when its turn comes
   * @param work takes the readings of several calls in, and gives the result of each
   */
  constructor(
    queue: (step: () => Promise<void>) => Promise<void>,
    work: (calls: readonly (readonly Reading[])[]) => Promise<IngestResult[]>,
  ) {
    this.#queue = queue;
    this.#work = work;
  }

  /** What became of `readings`, once it is stored. */
  add(readings: readonly Reading[]): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ readings, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#queued || this.#waiting.length === 0) return;
    this.#queued = true;
    this.#queue(() => this.#run()).catch((error: unknown) => {
      this.#queued = false;
      const refused = this.#waiting;
      this.#waiting = [];
      for (const { reject } of refused) reject(error);
    });
  }

  async #run(): Promise<void> {
    const group = this.#take();
    this.#queued = false;
    this.#next();
    try {
      const results = await this.#work(group.map(({ readings }) => readings));
      for (const [i, { resolve }] of group.entries()) resolve(results[i] as IngestResult);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  #take(): Waiting[] {
    let count = 0;
    let end = 0;
    for (const { readings } of this.#waiting) {
      if (end > 0 && count + readings.length > MOST) break;
      count += readings.length;
      end++;
    }
    return this.#waiting.splice(0, end);
  }
}
