import { Calibration } from './calibration.js';
import { lowerBound } from './ecod.js';

/**
 * The calibration of the last scores of a stream: what `adapt` asks for. Scores enter in order and leave in order; the
 * tail is fitted again after every twentieth part of them.
 */
export class RollingCalibration {
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #filled = 0;
  #at = 0;
  #since = 0;
  #current: Calibration;

  /** @param start scores to begin with; the last `size` of them count */
  constructor(size: number, start: ArrayLike<number>) {
    this.#ring = new Float64Array(size);
    this.#sorted = new Float64Array(size);
    for (let i = Math.max(0, start.length - size); i < start.length; i++) this.#take(start[i] as number);
    this.#current = this.#fit();
  }

  /** The calibration to judge the next score by. */
  get current(): Calibration {
    return this.#current;
  }

  /** Takes a judged score. */
  push(score: number): void {
    this.#take(score);
    if (++this.#since >= Math.max(1, this.#ring.length / 20)) {
      this.#since = 0;
      this.#current = this.#fit();
    }
  }

  #take(score: number): void {
    const size = this.#ring.length;
    let length = this.#filled;
    if (length === size) {
      const leaving = lowerBound(this.#sorted, this.#ring[this.#at] as number, length);
      this.#sorted.copyWithin(leaving, leaving + 1, length);
      length--;
    }
    const place = lowerBound(this.#sorted, score, length);
    this.#sorted.copyWithin(place + 1, place, length);
    this.#sorted[place] = score;
    this.#filled = length + 1;
    this.#ring[this.#at] = score;
    this.#at = (this.#at + 1) % size;
  }

  #fit(): Calibration {
    return Calibration.fit(this.#sorted.slice(0, this.#filled));
  }

  /** The scores, oldest first, and how many came since the last fit. */
  toJSON(): { scores: number[]; since: number } {
    const size = this.#ring.length;
    const oldest = this.#filled < size ? 0 : this.#at;
    const scores = Array.from({ length: this.#filled }, (_, i) => this.#ring[(oldest + i) % size] as number);
    return { scores, since: this.#since };
  }

  static fromJSON(size: number, state: { scores: number[]; since: number }): RollingCalibration {
    const rolling = new RollingCalibration(size, state.scores.slice(0, state.scores.length - state.since));
    for (const score of state.scores.slice(state.scores.length - state.since)) rolling.push(score);
    return rolling;
  }
}
