import { Calibration, type CalibrationState } from './calibration.js';
import { lowerBound } from './ecod.js';
import { Ring, type RingState } from './ring.js';

/** A `RollingCalibration` as JSON data. */
export interface RollingState {
  readonly ring: RingState;
  readonly since: number;
  /** As it was last fitted: some of its scores have left the ring since. */
  readonly current: CalibrationState | null;
}

/** Scores needed before anything is judged. */
const least = 50;

/**
 * The calibration of the last scores of a stream: what `adapt` asks for. Scores enter in order and leave in order; the
 * tail is fitted again whenever a thirtieth of the scores is new.
 */
export class RollingCalibration {
  readonly #ring: Ring;
  readonly #sorted: Float64Array;
  #since = 0;
  #current: Calibration | undefined;

  /** @param start scores to begin with; the last `size` of them count */
  constructor(size: number, start: ArrayLike<number>) {
    this.#ring = new Ring(size);
    this.#sorted = new Float64Array(size);
    for (let i = Math.max(0, start.length - size); i < start.length; i++) this.#take(start[i] as number);
    this.#fit();
  }

  /** The calibration to judge the next score by; undefined while there are fewer than 50 scores. */
  get current(): Calibration | undefined {
    return this.#current;
  }

  /** Takes a judged score. */
  push(score: number): void {
    this.#take(score);
    this.#since++;
    const wait = this.#current === undefined ? 1 : Math.max(20, this.#ring.length / 30);
    if (this.#ring.length >= least && this.#since >= wait) this.#fit();
  }

  #take(score: number): void {
    let length = this.#ring.length;
    const leaving = this.#ring.push(score);
    if (leaving !== undefined) {
      const from = lowerBound(this.#sorted, leaving, length);
      this.#sorted.copyWithin(from, from + 1, length);
      length--;
    }
    const place = lowerBound(this.#sorted, score, length);
    this.#sorted.copyWithin(place + 1, place, length);
    this.#sorted[place] = score;
  }

  #fit(): void {
    this.#since = 0;
    const { length } = this.#ring;
    if (length >= least) this.#current = Calibration.ofSorted(this.#sorted.slice(0, length));
  }

  toJSON(): RollingState {
    return { ring: this.#ring.toJSON(), since: this.#since, current: this.#current?.toJSON() ?? null };
  }

  static fromJSON(state: RollingState): RollingCalibration {
    const rolling = new RollingCalibration(state.ring.size, Ring.fromJSON(state.ring).ordered());
    rolling.#since = state.since;
    rolling.#current = state.current === null ? undefined : Calibration.fromJSON(state.current);
    return rolling;
  }
}
