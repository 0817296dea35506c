import type { ChannelExpectation } from './check.js';
import { QualityFlag } from './flags.js';

/** How a stream of readings is checked. */
export interface QualityStreamOptions {
  /** Channel → its physical range. Other channels are checked by their own values alone. */
  readonly channels?: Readonly<Record<string, Pick<ChannelExpectation, 'min' | 'max'>>>;
  /** Usual distance of two readings, ms; more than one and a half of it is a gap. Default: learnt from the stream. */
  readonly step?: number;
  /** Equal values, other than zero, before they count as stale. Default 6. */
  readonly staleAfter?: number;
}

/** What the stream knows of one channel. */
interface ChannelState {
  /** Extremes of the values that did not stand out. */
  low: number;
  high: number;
  /** The last two values, the newer last. */
  before: number;
  last: number;
  /** Usual size of a change: a running mean. */
  change: number;
  repeats: number;
  seen: number;
}

/** Values before an outlier can be told. */
const WARM_UP = 20;
/** Weight of a new change in the running mean. */
const LEARNING = 0.1;
const LEAST_SHARE = 0.2;
const CHANGES = 2;

/**
 * Quality flags reading by reading, in constant time and memory per channel: missing, out of range, stale, gap, and
 * outliers. What only later values can tell (interpolation, clipping, and which of a jump's two ends is the odd one) is
 * left to `checkQuality` on a batch; an outlier is told at once, where a value leaves the range of the two before it by more
 * than a fifth of the channel's range and four times its usual change, and is taken back by nothing.
 */
export class QualityStream {
  readonly #options: QualityStreamOptions;
  readonly #channels = new Map<string, ChannelState>();
  #time = Number.NaN;
  #step: number;

  constructor(options: QualityStreamOptions = {}) {
    this.#options = options;
    this.#step = options.step ?? Number.NaN;
  }

  /**
   * The flags of one reading, channel by channel: bits of `QualityFlag`. A channel that was seen before and is absent now is
   * missing. A reading that is not later than the one before it is checked for range alone and not learnt from.
   */
  update(reading: {
    readonly time: number;
    readonly values: Readonly<Record<string, number>>;
  }): Record<string, number> {
    const distance = reading.time - this.#time;
    const inOrder = !(distance <= 0);
    const gap = distance > 1.5 * this.#step ? QualityFlag.gap : 0;
    const flags: Record<string, number> = {};
    for (const name of this.#channels.keys()) if (!(name in reading.values)) flags[name] = QualityFlag.missing | gap;
    for (const [name, value] of Object.entries(reading.values)) flags[name] = this.#check(name, value, inOrder) | gap;
    if (inOrder) {
      this.#time = reading.time;
      // A gap is no step; the least distance seen is the step, so that a stream that begins with a gap recovers.
      if (this.#options.step === undefined && distance > 0 && !(distance > this.#step)) this.#step = distance;
    }
    return flags;
  }

  #check(name: string, value: number, learn: boolean): number {
    if (!Number.isFinite(value)) return QualityFlag.missing;
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = this.#options.channels?.[name] ?? {};
    if (value < min || value > max) return QualityFlag.outOfRange;
    if (!learn) return 0;
    const state = this.#channels.get(name);
    if (state === undefined) {
      this.#channels.set(name, { low: value, high: value, before: value, last: value, change: 0, repeats: 1, seen: 1 });
      return 0;
    }
    const range = state.high - state.low;
    const step = Math.abs(value - state.last);
    const beyond = Math.max(value - Math.max(state.last, state.before), Math.min(state.last, state.before) - value);
    state.repeats = step <= 1e-9 * range && value !== 0 ? state.repeats + 1 : 1;
    const stale = state.repeats >= (this.#options.staleAfter ?? 6);
    const outlier = state.seen >= WARM_UP && beyond > LEAST_SHARE * range + 2 * CHANGES * state.change;
    state.seen++;
    // What stands out is kept once, so that a new level, which repeats, is not flagged for ever.
    state.before = state.last;
    state.last = value;
    if (!outlier) {
      state.change += LEARNING * (step - state.change);
      state.low = Math.min(state.low, value);
      state.high = Math.max(state.high, value);
    }
    return (stale ? QualityFlag.stale : 0) | (outlier ? QualityFlag.outlier : 0);
  }
}
