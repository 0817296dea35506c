import { type Reading, TwinergyError } from '../core/index.js';
import type { IngestResult } from './contract.js';
import { sheddingOrder } from './stages.js';

/** Readings of one group at most, unless one call brings more: a group is worked on without a pause. */
const MOST = 1000;

/** One call of `ingest` that waits for its answer. */
export interface IngestCall {
  readonly list: readonly Reading[];
  /** When it came, by `performance.now()`. */
  readonly since: number;
  readonly resolve: (result: IngestResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Calls that wait. Those that come while another is worked on are worked on together, so that single readings cost little more
 * than readings in one call.
 */
export class WaitingLine {
  readonly #shedFrom: number;
  readonly #refuseFrom: number;
  readonly #onShed: (shed: readonly string[], waiting: number) => void;
  #group: IngestCall[] | undefined;
  #grouped = 0;
  #waiting = 0;
  #shed: ReadonlySet<string> | undefined;

  /** @param onShed is told when other stages are shed than before */
  constructor(
    { shedFrom = 20_000, refuseFrom = 500_000 }: { readonly shedFrom?: number; readonly refuseFrom?: number },
    onShed: (shed: readonly string[], waiting: number) => void,
  ) {
    this.#shedFrom = shedFrom;
    this.#refuseFrom = refuseFrom;
    this.#onShed = onShed;
  }

  /** Readings that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Stages that are shed now; undefined: none. */
  get shed(): ReadonlySet<string> | undefined {
    return this.#shed;
  }

  /** @throws TwinergyError `MONITOR_OVERLOADED` when more would wait than may */
  enter(readings: number): void {
    if (this.#waiting > 0 && this.#waiting + readings > this.#refuseFrom) {
      throw new TwinergyError('MONITOR_OVERLOADED', `${this.#waiting} readings wait already.`, {
        hint: 'Send them again later, or more slowly.',
      });
    }
    this.#waiting += readings;
    this.#lighten();
  }

  leave(readings: number): void {
    this.#waiting -= readings;
    this.#lighten();
  }

  /** Puts a call to the end of the line; a new group that it begins, which has to be worked on, or undefined. */
  add(call: IngestCall): readonly IngestCall[] | undefined {
    if (this.#group !== undefined && this.#grouped + call.list.length <= MOST) {
      this.#grouped += call.list.length;
      this.#group.push(call);
      return undefined;
    }
    this.#grouped = call.list.length;
    this.#group = [call];
    return this.#group;
  }

  /** What comes from now on is another group: this one is being worked on, or something else comes after it. */
  closeGroup(): void {
    this.#group = undefined;
  }

  /** Leaves stages out while more waits than can be worked on, in the stated order. */
  #lighten(): void {
    const names = sheddingOrder.slice(0, Math.floor(this.#waiting / this.#shedFrom));
    if (names.length === (this.#shed?.size ?? 0)) return;
    this.#shed = names.length === 0 ? undefined : new Set(names);
    this.#onShed(names, this.#waiting);
  }
}
