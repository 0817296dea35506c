import { TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { Matrix } from '../matrix.js';
import { driftingChannels, FeatureBuilder } from './features.js';
import type { ResolvedOptions } from './options.js';

/** Feature rows of a frame, unscaled, and which of them may be judged. */
export interface Prepared {
  readonly rows: Matrix;
  /** 1 where the row is judged; 0 by night, where it is masked, or where nothing was measured. */
  readonly judged: Uint8Array;
}

/**
 * The channels to look at in a training frame.
 * @throws TwinergyError `FRAME_UNKNOWN_COLUMN`, `DETECTOR_NO_CHANNELS`
 */
export function channelsOf(frame: Frame, options: ResolvedOptions): readonly string[] {
  const channels = options.channels ?? frame.names.filter((name) => name !== options.mask);
  for (const channel of channels) frame.column(channel);
  if (channels.length === 0) throw new TwinergyError('DETECTOR_NO_CHANNELS', 'The frame has no column to look at.');
  return channels;
}

/** The feature builder for a training frame: with `drifting: 'changes'` it leaves the levels of drifting channels out. */
export function builderFor(frame: Frame, channels: readonly string[], options: ResolvedOptions): FeatureBuilder {
  const plain = new FeatureBuilder(channels, options.features);
  if (options.features.drifting !== 'changes') return plain;
  const { judged } = prepare(frame, plain, options);
  const drifting = driftingChannels(
    channels.map((channel) => frame.column(channel)),
    judged,
  );
  // Nothing else to look at: levels that drift are better than none.
  return drifting.every((flag) => flag === 1) ? plain : new FeatureBuilder(channels, options.features, drifting);
}

/**
 * Builds the feature rows of `frame`.
 * @throws TwinergyError `DETECTOR_WIDTH_MISMATCH` when a channel that was fitted is absent
 */
export function prepare(frame: Frame, builder: FeatureBuilder, options: ResolvedOptions): Prepared {
  const absent = builder.channels.filter((channel) => !frame.has(channel));
  if (absent.length > 0) {
    throw new TwinergyError('DETECTOR_WIDTH_MISMATCH', `The frame lacks ${absent.join(', ')}.`, {
      path: absent[0] as string,
      hint: `This detector looks at: ${builder.channels.join(', ')}.`,
    });
  }
  const columns = builder.channels.map((channel) => frame.column(channel));
  const width = builder.names.length;
  const data = new Float64Array(frame.length * width);
  const judged = new Uint8Array(frame.length);
  const values = new Float64Array(columns.length);
  const mask = columnOrNone(frame, options.mask);
  const night = columnOrNone(frame, options.night?.channel);
  builder.reset();
  for (let i = 0; i < frame.length; i++) {
    for (let c = 0; c < columns.length; c++) values[c] = (columns[c] as Float64Array)[i] as number;
    builder.push(frame.time[i] as number, values, data.subarray(i * width, (i + 1) * width));
    judged[i] = isJudged(values, mask?.[i], night?.[i], options) ? 1 : 0;
  }
  builder.reset();
  return { rows: { data, rows: frame.length, columns: width }, judged };
}

function columnOrNone(frame: Frame, name: string | undefined): Float64Array | undefined {
  return name !== undefined && frame.has(name) ? frame.column(name) : undefined;
}

/** Whether a row may be judged: something was measured, no mask, not at night. */
export function isJudged(
  values: Float64Array,
  mask: number | undefined,
  night: number | undefined,
  options: ResolvedOptions,
): boolean {
  if (mask !== undefined && mask !== 0) return false;
  if (options.night !== undefined && !((night ?? Number.NaN) >= options.night.below)) return false;
  return values.some((value) => !Number.isNaN(value));
}

/** Trailing mean over `count` scores, restarted for each stretch of rows. */
export class Smoother {
  readonly #ring: Float64Array;
  #filled = 0;
  #at = 0;

  constructor(count: number) {
    this.#ring = new Float64Array(count);
  }

  reset(): void {
    this.#filled = 0;
    this.#at = 0;
  }

  /** Takes the next score and gives the mean of the last ones. */
  push(score: number): number {
    this.#ring[this.#at] = score;
    this.#at = (this.#at + 1) % this.#ring.length;
    this.#filled = Math.min(this.#ring.length, this.#filled + 1);
    // Summed anew: a running sum would keep the rounding of every score there ever was.
    let sum = 0;
    for (let i = 0; i < this.#filled; i++) sum += this.#ring[i] as number;
    return sum / this.#filled;
  }

  toJSON(): number[] {
    const oldest = this.#filled < this.#ring.length ? 0 : this.#at;
    return Array.from({ length: this.#filled }, (_, i) => this.#ring[(oldest + i) % this.#ring.length] as number);
  }

  restore(scores: readonly number[]): void {
    this.reset();
    for (const score of scores) this.push(score);
  }
}
