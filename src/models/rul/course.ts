import type { Frame } from '../../core/frame.js';
import type { Random } from '../../core/random.js';
import { solveRidge } from '../forecasters/ridge.js';
import type { Life } from './history.js';
import { findRegimes, regimeOf, type SavedRegimes } from './regimes.js';
import { WindowSums } from './windows.js';

/** How histories are read. */
export interface CourseOptions {
  /** What remaining life is counted in, on the time axis of the frames. */
  readonly unit: number;
  /** Channels that tell the operating regime. */
  readonly settings: readonly string[];
  /** Whether the user named them: then they are not channels that may tell wear. */
  readonly settingsGiven: boolean;
  /** Rows that are looked back on. */
  readonly window: number;
  /** Longest remaining life that is told apart; ∞: no bound. */
  readonly cap: number;
}

/**
 * The course of one asset as engines see it: each channel in standard deviations from what is usual in its operating
 * regime, and the wear that all channels together tell.
 */
export interface Course {
  readonly frame: Frame;
  readonly length: number;
  /** Time since the first row, in units. */
  readonly age: Float64Array;
  /** One column a channel. */
  readonly channels: readonly Float64Array[];
  /** 0 when new or far from failure, 1 at failure; noisy. */
  readonly wear: Float64Array;
  /** Sums over the channels and, last, the wear. */
  readonly sums: readonly WindowSums[];
}

/** A life with what an engine may learn from it. */
export interface TrainingLife extends Course {
  readonly asset: number;
  readonly failed: boolean;
  readonly fault: string | undefined;
  /** Units until the end, of each row. Of a life that did not fail, it is at least that. */
  readonly remaining: Float64Array;
}

/** What a `Preparation` has learned, as JSON data. */
export interface SavedPreparation {
  readonly channels: readonly string[];
  readonly regimes: SavedRegimes;
  /** For each regime, mean and deviation of each channel. */
  readonly mean: readonly (readonly number[])[];
  readonly deviation: readonly (readonly number[])[];
  /** Weight of each channel in the wear, then the constant. */
  readonly wear: readonly number[];
  /** Remaining life at which wear begins. */
  readonly reach: number;
}

/** Values beyond this many standard deviations say no more than these. */
const FARTHEST = 20;
/** A regime with fewer rows takes the standards of all. */
const LEAST_ROWS = 10;

/** Turns histories into courses: operating regimes, standards and the weights of the wear, learned from lives. */
export class Preparation {
  readonly state: SavedPreparation;
  readonly #options: CourseOptions;

  constructor(state: SavedPreparation, options: CourseOptions) {
    this.state = state;
    this.#options = options;
  }

  /** Learns from lives. */
  static fit(lives: readonly Life[], names: readonly string[], options: CourseOptions, random: Random): Preparation {
    const frames = lives.map(({ frame }) => frame);
    const { settings } = options;
    const regimes = findRegimes(
      settings,
      settings.map((name) => joined(frames, name)),
      random,
    );
    const count = Math.max(1, regimes.centres.length);
    const rowRegimes = frames.map((frame) => regimesOf(frame, regimes));
    const candidates = names.filter((name) => !(options.settingsGiven && settings.includes(name)));
    const kept: string[] = [];
    const mean: number[][] = Array.from({ length: count }, () => []);
    const deviation: number[][] = Array.from({ length: count }, () => []);
    for (const name of candidates) {
      const all = standards(frames, rowRegimes, name, count);
      if (all.every(({ deviation: d }) => d === 0)) continue;
      kept.push(name);
      all.forEach((standard, r) => {
        mean[r]?.push(standard.mean);
        deviation[r]?.push(standard.deviation);
      });
    }
    const reach = Number.isFinite(options.cap) ? options.cap : Math.max(medianLife(lives, options) / 2, 1e-9);
    const blank = { channels: kept, regimes, mean, deviation, wear: [], reach };
    const draft = new Preparation(blank, options);
    return new Preparation({ ...blank, wear: draft.#weigh(lives) }, options);
  }

  /** One that takes channels as they are: where there are no lives to learn from. */
  static blank(channels: readonly string[], options: CourseOptions): Preparation {
    const regimes = { settings: [], mean: [], deviation: [], centres: [] };
    const [mean, deviation] = [[channels.map(() => 0)], [channels.map(() => 1)]];
    const reach = Number.isFinite(options.cap) ? options.cap : 1;
    return new Preparation({ channels, regimes, mean, deviation, wear: [], reach }, options);
  }

  /** Names of the channels that tell something. */
  get channels(): readonly string[] {
    return this.state.channels;
  }

  /** A history as engines see it. @throws TwinergyError `FRAME_UNKNOWN_COLUMN` */
  course(frame: Frame): Course {
    const { wear: weights } = this.state;
    const channels = this.#standardised(frame);
    const last = channels.length;
    const wear = new Float64Array(frame.length).fill(weights[last] ?? 0);
    channels.forEach((values, c) => {
      const weight = weights[c] ?? 0;
      if (weight === 0) return;
      for (let i = 0; i < wear.length; i++) {
        const value = values[i] as number;
        // What is missing is taken as usual.
        if (Number.isFinite(value)) wear[i] = (wear[i] as number) + weight * value;
      }
    });
    const first = frame.time[0] ?? 0;
    return {
      frame,
      length: frame.length,
      age: frame.time.map((time) => (time - first) / this.#options.unit),
      channels,
      wear,
      sums: [...channels, wear].map((values) => new WindowSums(values)),
    };
  }

  /** A life as engines learn from it. */
  life({ frame, end, asset, failed, fault }: Life): TrainingLife {
    const remaining = frame.time.map((time) => (end - time) / this.#options.unit);
    return { ...this.course(frame), asset, failed, fault, remaining };
  }

  #standardised(frame: Frame): Float64Array[] {
    const { channels, regimes, mean, deviation } = this.state;
    const regime = regimesOf(frame, regimes);
    return channels.map((name, c) => {
      const values = frame.column(name);
      return Float64Array.from(values, (value, i) => {
        const r = regime[i] as number;
        const d = deviation[r]?.[c] as number;
        // In a regime in which the channel never moved, it says nothing.
        if (d === 0 || !Number.isFinite(value)) return d === 0 && Number.isFinite(value) ? 0 : Number.NaN;
        return Math.max(-FARTHEST, Math.min(FARTHEST, (value - (mean[r]?.[c] as number)) / d));
      });
    });
  }

  /** Ridge regression of the share of life that is used up on smoothed channels. */
  #weigh(lives: readonly Life[]): number[] {
    const { channels, reach } = this.state;
    const n = channels.length + 1;
    const gram = new Float64Array(n * n);
    const target = new Float64Array(n);
    const smooth = Math.max(3, Math.round(this.#options.window / 3));
    const point = new Float64Array(n).fill(1);
    let rows = 0;
    for (const life of lives) {
      const { sums, remaining, failed } = this.life(life);
      for (let row = smooth - 1; row < remaining.length; row += 2) {
        const left = remaining[row] as number;
        // Of a life that did not end, only what is far from any end is known.
        if (!failed && left < reach) continue;
        for (let c = 0; c < n - 1; c++) {
          const value = sums[c]?.mean(row + 1 - smooth, row + 1) as number;
          point[c] = Number.isFinite(value) ? value : 0;
        }
        const y = 1 - Math.min(left, reach) / reach;
        for (let a = 0; a < n; a++) {
          target[a] = (target[a] as number) + (point[a] as number) * y;
          for (let b = 0; b < n; b++)
            gram[a * n + b] = (gram[a * n + b] as number) + (point[a] as number) * (point[b] as number);
        }
        rows++;
      }
    }
    return [...solveRidge(gram, target, n, 1, 0.003 * rows, new Set([n - 1]))];
  }
}

function regimesOf(frame: Frame, regimes: SavedRegimes): Uint8Array {
  const result = new Uint8Array(frame.length);
  if (regimes.centres.length === 0) return result;
  const columns = regimes.settings.map((name) => frame.column(name));
  for (let i = 0; i < result.length; i++)
    result[i] = regimeOf(
      regimes,
      columns.map((values) => values[i] as number),
    );
  return result;
}

/** Mean and deviation of a channel in each regime. */
function standards(frames: readonly Frame[], regimes: readonly Uint8Array[], name: string, count: number) {
  // The last place is for all rows together.
  const n = new Float64Array(count + 1);
  const sum = new Float64Array(count + 1);
  const shift = firstFinite(frames, name);
  const square = new Float64Array(count + 1);
  frames.forEach((frame, f) => {
    const values = frame.column(name);
    for (let i = 0; i < values.length; i++) {
      const value = (values[i] as number) - shift;
      if (!Number.isFinite(value)) continue;
      for (const r of [regimes[f]?.[i] as number, count]) {
        n[r] = (n[r] as number) + 1;
        sum[r] = (sum[r] as number) + value;
        square[r] = (square[r] as number) + value * value;
      }
    }
  });
  return Array.from({ length: count }, (_, regime) => {
    const r = (n[regime] as number) < LEAST_ROWS ? count : regime;
    const m = (sum[r] as number) / Math.max(1, n[r] as number);
    const d = Math.sqrt(Math.max(0, (square[r] as number) / Math.max(1, n[r] as number) - m * m));
    return { mean: m + shift, deviation: d > 1e-9 * Math.max(1e-9, Math.abs(m + shift)) ? d : 0 };
  });
}

function firstFinite(frames: readonly Frame[], name: string): number {
  for (const frame of frames) {
    const found = frame.column(name).find((value) => Number.isFinite(value));
    if (found !== undefined) return found;
  }
  return 0;
}

function joined(frames: readonly Frame[], name: string): Float64Array {
  const result = new Float64Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    result.set(frame.column(name), at);
    at += frame.length;
  }
  return result;
}

/** Channels that jump to and fro between a few values: they tell how the asset is run, not how it wears. */
export function switchingChannels(frames: readonly Frame[], names: readonly string[], random: Random): string[] {
  return names.filter((name) => {
    const regimes = findRegimes([name], [joined(frames, name)], random);
    if (regimes.centres.length === 0) return false;
    let switches = 0;
    let steps = 0;
    for (const frame of frames) {
      const regime = regimesOf(frame, regimes);
      for (let i = 1; i < regime.length; i++) if (regime[i] !== regime[i - 1]) switches++;
      steps += Math.max(0, regime.length - 1);
    }
    return switches > 0.1 * steps;
  });
}

function medianLife(lives: readonly Life[], { unit }: CourseOptions): number {
  const lengths = lives.map(({ frame, end }) => (end - (frame.time[0] as number)) / unit).sort((a, b) => a - b);
  return lengths[lengths.length >> 1] ?? 1;
}
