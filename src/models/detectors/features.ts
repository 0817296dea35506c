import { TwinergyError } from '../../core/errors.js';

/** A statistic of a channel's last rows. */
export interface RollingFeature {
  /** Rows in the window, ≥ 2. */
  readonly window: number;
  readonly statistic: 'mean' | 'deviation' | 'minimum' | 'maximum' | 'slope';
}

/** What an engine sees of a row beside the channels themselves. All of it is the same in batches and in a stream. */
export interface FeatureOptions {
  /**
   * Position in the day, the week or the year, each as sine and cosine, from UTC shifted by `utcOffset`.
   */
  readonly time?: readonly ('day' | 'week' | 'year')[];
  /** Minutes that local time is ahead of UTC, for `time`. Default 0. */
  readonly utcOffset?: number;
  /** Earlier values of each channel: 1 is the row before. */
  readonly lags?: readonly number[];
  /** Differences of each channel to the row so many rows before. */
  readonly differences?: readonly number[];
  /** Statistics over windows that end at the row. */
  readonly rolling?: readonly RollingFeature[];
  /** Whether the channels themselves are features. Default true. */
  readonly values?: boolean;
  /**
   * What of channels that drift through the training rows (see `driftingChannels`): their level tomorrow is outside of
   * what was seen today, and no fault. `changes` looks only at their differences, deviations and slopes. Default `keep`.
   */
  readonly drifting?: 'keep' | 'changes';
}

/** Blocks that a training series is cut into to see whether it drifts. */
const driftBlocks = 20;

/**
 * Channels that move more slowly than a twentieth of the series: two thirds or more of their variance lies between the
 * means of twentieths. The training rows then hold no more than some thirty independent values of them, too few to know
 * their range. `rows` are the judged rows of all channels, one after the other.
 */
export function driftingChannels(columns: readonly Float64Array[], judged: Uint8Array): Uint8Array {
  const rows = judged.reduce((sum, flag) => sum + flag, 0);
  return Uint8Array.from(columns, (column) => {
    const values = column.filter((x, i) => judged[i] === 1 && Number.isFinite(x));
    if (values.length < 5 * driftBlocks || values.length < rows / 2) return 0;
    const block = Math.floor(values.length / driftBlocks);
    const means = Float64Array.from({ length: driftBlocks }, (_, k) => {
      return meanOf(values.subarray(k * block, (k + 1) * block));
    });
    return varianceOf(means) > (2 / 3) * varianceOf(values) ? 1 : 0;
  });
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
}

function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  let squared = 0;
  for (const x of values) squared += (x - mean) * (x - mean);
  return squared / (values.length - 1);
}

const periods = { day: 86_400_000, week: 7 * 86_400_000, year: 365.2425 * 86_400_000 } as const;

/** Statistics that move with a channel's level. */
const levels: ReadonlySet<RollingFeature['statistic']> = new Set(['mean', 'minimum', 'maximum']);

/** The last rows of a stream, as the features need them; JSON data. */
export interface FeatureState {
  /** Rows seen, at most `depth`. */
  readonly filled: number;
  /** The rows, oldest first, NaN as null. */
  readonly rows: readonly (readonly (number | null)[])[];
}

/**
 * Turns rows of channels into rows of features, one at a time with a ring of the last rows. Before there are enough
 * rows a feature is NaN.
 */
export class FeatureBuilder {
  readonly channels: readonly string[];
  /** Name of each feature: `voltage`, `voltage lag 1`, `voltage mean 12`, `sin day`. */
  readonly names: readonly string[];
  /** Which channel each feature comes from; −1 for features of time. */
  readonly origins: Int32Array;
  /** 1 where only a channel's changes are looked at. */
  readonly drifting: Uint8Array;
  readonly #options: FeatureOptions;
  readonly #depth: number;
  readonly #ring: Float64Array;
  #filled = 0;
  #at = 0;

  /** @throws TwinergyError `DETECTOR_BAD_FEATURE` */
  constructor(
    channels: readonly string[],
    options: FeatureOptions,
    drifting: Uint8Array = new Uint8Array(channels.length),
  ) {
    this.channels = channels;
    this.drifting = drifting;
    this.#options = options;
    const lags = [...(options.lags ?? []), ...(options.differences ?? [])];
    const windows = (options.rolling ?? []).map(({ window }) => window);
    for (const rows of [...lags, ...windows.map((window) => window - 1)]) {
      if (!Number.isInteger(rows) || rows < 1 || rows > 100_000) {
        throw new TwinergyError('DETECTOR_BAD_FEATURE', `A lag is 1 … 100000 rows, a window one more; got ${rows}.`, {
          value: rows,
        });
      }
    }
    this.#depth = Math.max(1, ...lags.map((lag) => lag + 1), ...windows);
    this.#ring = new Float64Array(this.#depth * channels.length);
    const names: string[] = [];
    const origins: number[] = [];
    channels.forEach((channel, c) => {
      const level = drifting[c] !== 1;
      const rolling = (options.rolling ?? []).filter(({ statistic }) => level || !levels.has(statistic));
      const own = [
        ...(level && options.values !== false ? [channel] : []),
        ...(level ? (options.lags ?? []) : []).map((lag) => `${channel} lag ${lag}`),
        ...(options.differences ?? []).map((lag) => `${channel} change over ${lag}`),
        ...rolling.map(({ statistic, window }) => `${channel} ${statistic} of ${window}`),
      ];
      names.push(...own);
      origins.push(...own.map(() => c));
    });
    for (const cycle of options.time ?? []) {
      names.push(`sin ${cycle}`, `cos ${cycle}`);
      origins.push(-1, -1);
    }
    if (names.length === 0) throw new TwinergyError('DETECTOR_NO_CHANNELS', 'There is no feature to look at.');
    this.names = names;
    this.origins = Int32Array.from(origins);
  }

  /** A builder of the same features that has seen nothing. */
  fresh(): FeatureBuilder {
    return new FeatureBuilder(this.channels, this.#options, this.drifting);
  }

  /** Forgets the rows seen. */
  reset(): void {
    this.#filled = 0;
    this.#at = 0;
  }

  /** Takes the next row (`values` by channel, `time` in ms since the epoch) and writes its features. */
  push(time: number, values: Float64Array, out: Float64Array): void {
    const width = this.channels.length;
    this.#at = (this.#at + 1) % this.#depth;
    this.#ring.set(values, this.#at * width);
    this.#filled = Math.min(this.#depth, this.#filled + 1);
    const { lags = [], differences = [], rolling = [], time: cycles = [], utcOffset = 0 } = this.#options;
    let f = 0;
    for (let c = 0; c < width; c++) {
      const now = values[c] as number;
      const level = this.drifting[c] !== 1;
      if (level && this.#options.values !== false) out[f++] = now;
      if (level) for (const lag of lags) out[f++] = this.#past(c, lag);
      for (const lag of differences) out[f++] = now - this.#past(c, lag);
      for (const { window, statistic } of rolling) {
        if (level || !levels.has(statistic)) out[f++] = this.#rolling(c, window, statistic);
      }
    }
    for (const cycle of cycles) {
      const angle = (2 * Math.PI * (time + utcOffset * 60_000)) / periods[cycle];
      out[f++] = Math.sin(angle);
      out[f++] = Math.cos(angle);
    }
  }

  /** The features that `push` would write, without taking the row. */
  peek(time: number, values: Float64Array, out: Float64Array): void {
    const [at, filled] = [this.#at, this.#filled];
    const width = this.channels.length;
    const start = ((at + 1) % this.#depth) * width;
    const held = this.#ring.slice(start, start + width);
    this.push(time, values, out);
    this.#ring.set(held, start);
    this.#at = at;
    this.#filled = filled;
  }

  /** Rows before the first one that has all its features. */
  get warmup(): number {
    return this.#depth - 1;
  }

  #past(channel: number, lag: number): number {
    if (lag >= this.#filled) return Number.NaN;
    const row = (this.#at - lag + this.#depth) % this.#depth;
    return this.#ring[row * this.channels.length + channel] as number;
  }

  #rolling(channel: number, window: number, statistic: RollingFeature['statistic']): number {
    if (window > this.#filled) return Number.NaN;
    let count = 0;
    let sum = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let moment = 0;
    const middle = (window - 1) / 2;
    for (let lag = 0; lag < window; lag++) {
      const x = this.#past(channel, lag);
      if (Number.isNaN(x)) continue;
      count++;
      sum += x;
      low = Math.min(low, x);
      high = Math.max(high, x);
      moment += (middle - lag) * x;
    }
    if (count < 2) return Number.NaN;
    const mean = sum / count;
    if (statistic === 'mean') return mean;
    if (statistic === 'minimum') return low;
    if (statistic === 'maximum') return high;
    if (statistic === 'slope') return count === window ? moment / ((window * (window * window - 1)) / 12) : Number.NaN;
    let squared = 0;
    for (let lag = 0; lag < window; lag++) {
      const x = this.#past(channel, lag);
      if (!Number.isNaN(x)) squared += (x - mean) * (x - mean);
    }
    return Math.sqrt(squared / count);
  }

  toJSON(): FeatureState {
    const rows: (number | null)[][] = [];
    for (let lag = this.#filled - 1; lag >= 0; lag--) {
      rows.push(
        this.channels.map((_, c) => {
          const x = this.#past(c, lag);
          return Number.isFinite(x) ? x : null;
        }),
      );
    }
    return { filled: this.#filled, rows };
  }

  /** Takes up the rows of a stream that was stored. */
  restore(state: FeatureState): void {
    this.reset();
    for (const row of state.rows) {
      this.#at = (this.#at + 1) % this.#depth;
      this.#ring.set(
        row.map((x) => x ?? Number.NaN),
        this.#at * this.channels.length,
      );
      this.#filled = Math.min(this.#depth, this.#filled + 1);
    }
  }
}
