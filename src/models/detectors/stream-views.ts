import { packFloats, unpackFloats } from '../serial.js';
import { Ring, type RingState } from './ring.js';

/**
 * One way of looking at a single series: how far is what it does now from the nearest thing it did before? Undefined
 * while there is nothing to compare with.
 */
export interface StreamView {
  step(value: number): number | undefined;
  toJSON(): unknown;
}

/** Distance of the value to the nearest earlier value: levels and spikes never seen before. */
export class LevelView implements StreamView {
  #values: Ring;

  constructor(memory: number) {
    this.#values = new Ring(memory);
  }

  step(value: number): number | undefined {
    let nearest = Number.POSITIVE_INFINITY;
    for (const earlier of this.#values.unordered()) {
      const distance = Math.abs(value - earlier);
      if (distance < nearest) nearest = distance;
    }
    this.#values.push(value);
    return nearest === Number.POSITIVE_INFINITY ? undefined : nearest;
  }

  toJSON(): RingState {
    return this.#values.toJSON();
  }

  static restore(state: RingState): LevelView {
    const view = new LevelView(1);
    view.#values = Ring.fromJSON(state);
    return view;
  }
}

interface WindowState {
  readonly recent: RingState;
  readonly memory: number;
  readonly places: string;
  readonly pending: string;
  readonly next: number;
  readonly seen: number;
}

/**
 * Mean, deviation, least and greatest value of the last rows, and the distance to the nearest such quadruple of an
 * earlier window that does not overlap: changes of level, of spread, of how often it spikes, whatever the phase.
 */
export class WindowView implements StreamView {
  #recent: Ring;
  readonly #memory: number;
  /** Quadruples of earlier windows. */
  #places: Float64Array<ArrayBufferLike>;
  #filled = 0;
  #next = 0;
  #seen = 0;
  /** Quadruples whose windows still overlap the present one. */
  #pending: number[][] = [];

  constructor(window: number, memory: number) {
    this.#recent = new Ring(window);
    this.#memory = memory;
    this.#places = new Float64Array(4 * memory);
  }

  step(value: number): number | undefined {
    const window = this.#recent.size;
    this.#recent.push(value);
    if (this.#recent.length < window) return undefined;
    const now = summary(this.#recent.unordered());
    let nearest = Number.POSITIVE_INFINITY;
    const [a, b, c, d] = now;
    for (let at = 0; at < 4 * this.#filled; at += 4) {
      const distance =
        ((this.#places[at] as number) - a) ** 2 +
        ((this.#places[at + 1] as number) - b) ** 2 +
        ((this.#places[at + 2] as number) - c) ** 2 +
        ((this.#places[at + 3] as number) - d) ** 2;
      if (distance < nearest) nearest = distance;
    }
    // Neighbouring windows are nearly the same: one in so many is enough to remember.
    if (this.#seen++ % Math.max(1, window >> 3) === 0) this.#remember(now);
    return nearest === Number.POSITIVE_INFINITY ? undefined : Math.sqrt(nearest);
  }

  #remember(now: number[]): void {
    this.#pending.push(now);
    // Held back in places, not rows: twice the window at least, so that a change does not soon pass for known.
    if (this.#pending.length <= this.#recent.size) return;
    this.#places.set(this.#pending.shift() as number[], 4 * this.#next);
    this.#next = (this.#next + 1) % this.#memory;
    this.#filled = Math.min(this.#memory, this.#filled + 1);
  }

  toJSON(): WindowState {
    return {
      recent: this.#recent.toJSON(),
      memory: this.#memory,
      places: packFloats(this.#places.slice(0, 4 * this.#filled)),
      pending: packFloats(Float64Array.from(this.#pending.flat())),
      next: this.#next,
      seen: this.#seen,
    };
  }

  static restore(state: WindowState): WindowView {
    const view = new WindowView(state.recent.size, state.memory);
    view.#recent = Ring.fromJSON(state.recent);
    const places = unpackFloats(state.places);
    view.#places.set(places);
    view.#filled = places.length / 4;
    view.#next = state.next;
    view.#seen = state.seen;
    const pending = unpackFloats(state.pending);
    for (let at = 0; at < pending.length; at += 4) view.#pending.push(Array.from(pending.subarray(at, at + 4)));
    return view;
  }
}

function summary(values: Float64Array): [mean: number, deviation: number, least: number, greatest: number] {
  let sum = 0;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const x of values) {
    sum += x;
    if (x < least) least = x;
    if (x > greatest) greatest = x;
  }
  const mean = sum / values.length;
  let squared = 0;
  for (const x of values) squared += (x - mean) * (x - mean);
  return [mean, Math.sqrt(squared / values.length), least, greatest];
}

interface SeasonState {
  readonly period: number;
  readonly days: number;
  readonly values: RingState;
  readonly nearest: RingState;
}

/** Rows around the same time of the day that count as the same time. */
const tolerance = 2;

/** Mean, over the last rows, of the distance to the nearest value of earlier periods at the same phase. */
export class SeasonView implements StreamView {
  readonly #period: number;
  readonly #days: number;
  #values: Ring;
  #nearest: Ring;

  constructor(period: number, days: number, window: number) {
    this.#period = period;
    this.#days = days;
    this.#values = new Ring(period * days + tolerance + 1);
    this.#nearest = new Ring(window);
  }

  step(value: number): number | undefined {
    this.#values.push(value);
    let nearest = Number.POSITIVE_INFINITY;
    for (let day = 1; day <= this.#days; day++) {
      const lag = day * this.#period;
      if (lag + tolerance >= this.#values.length) break;
      for (let shift = -tolerance; shift <= tolerance; shift++) {
        const distance = Math.abs(value - this.#values.past(lag + shift));
        if (distance < nearest) nearest = distance;
      }
    }
    if (nearest === Number.POSITIVE_INFINITY) return undefined;
    this.#nearest.push(nearest);
    let sum = 0;
    for (const distance of this.#nearest.unordered()) sum += distance;
    return sum / this.#nearest.length;
  }

  toJSON(): SeasonState {
    return {
      period: this.#period,
      days: this.#days,
      values: this.#values.toJSON(),
      nearest: this.#nearest.toJSON(),
    };
  }

  static restore(state: SeasonState): SeasonView {
    const view = new SeasonView(state.period, state.days, 1);
    view.#values = Ring.fromJSON(state.values);
    view.#nearest = Ring.fromJSON(state.nearest);
    return view;
  }
}
