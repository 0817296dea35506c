import type { Plant } from '../description/plant.js';
import type { Sky } from '../plant/sky.js';
import type { DaySummary } from './day.js';
import {
  dayStanding,
  type Projection,
  project,
  type Sample,
  standing,
  type Touched,
  touchedSeries,
} from './evidence.js';
import type { Expectation } from './expectation.js';
import { LightGeometry } from './geometry.js';
import { hypothesesOf } from './hypotheses.js';
import type { Hypothesis } from './hypothesis.js';
import type { Layout } from './layout.js';
import { dayLevel, dimmedByDust, type NaturalSoiling, naturalLevels, wetnessOf, withoutNatural } from './natural.js';
import { type SeriesNoise, worthOf } from './noise.js';
import type { Series } from './series.js';

/** Windows that evidence is pooled over, days, and how many standard deviations each must stand out. */
const WINDOWS = [
  { days: 1, threshold: 14 },
  { days: 2, threshold: 6.5 },
  { days: 4, threshold: 5.5 },
  { days: 8, threshold: 5 },
  { days: 16, threshold: 5 },
] as const;
const LONGEST = 16;
/** Standing of a single day that agrees with the others of its window. */
const AGREES = 1.5;
/** Late over early size of a shift that grows. */
const GROWS = 1.5;
/** The hypothesis that stands out most. */
export interface Standing {
  readonly h: number;
  readonly days: number;
  /** Standing over threshold. */
  readonly excess: number;
  readonly z: number;
  readonly each: Float64Array;
}

/** What evidence is judged by. */
export interface Known {
  readonly plant: Plant;
  readonly sky: Sky;
  readonly layout: Layout;
  readonly series: readonly Series[];
  readonly expectations: readonly Expectation[];
  readonly noise: readonly SeriesNoise[];
  readonly natural: readonly NaturalSoiling[];
}

/** What standings carry from day to day, as plain data. */
export interface StandingsState {
  readonly levels: readonly number[];
  readonly recent: readonly (readonly number[])[];
  readonly samples: readonly Sample[];
}

/** How far the days stand out along every hypothesis. */
export class Standings {
  readonly hypotheses: readonly Hypothesis[];
  /** By hypothesis the series that it moves. */
  readonly touched: readonly Touched[];
  /** By hypothesis the projections of the last days onto it. */
  readonly projections: readonly Projection[][];
  readonly #layout: Layout;
  readonly #series: readonly Series[];
  readonly #noise: readonly SeriesNoise[];
  readonly #natural: readonly NaturalSoiling[];
  readonly #samples: Sample[];
  #levels: number[];
  #recentLevels: number[][];

  constructor({ plant, sky, layout, series, expectations, noise, natural }: Known, state: StandingsState) {
    this.#layout = layout;
    this.#series = series;
    this.#noise = noise;
    this.#natural = natural;
    this.hypotheses = hypothesesOf(plant, layout, expectations, new LightGeometry(plant, sky));
    this.touched = this.hypotheses.map((hypothesis) => touchedSeries(layout, series, hypothesis));
    this.#levels = [...state.levels];
    this.#recentLevels = state.recent.map((list) => [...list]);
    this.#samples = [...state.samples];
    const late = this.#samples.slice(-LONGEST);
    this.projections = this.hypotheses.map((_, h) => late.map((sample) => this.#project(h, sample)));
  }

  toJSON(): StandingsState {
    return { levels: this.#levels, recent: this.#recentLevels, samples: this.#samples };
  }

  /** The days so far, cell by cell, natural dust taken out. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  #standing(h: number, n: number, days: number): number {
    const list = this.projections[h] as Projection[];
    return standing(list.slice(Math.max(0, list.length - Math.min(days, n))), this.#noise, this.touched[h] as Touched);
  }

  /** Whether the days of a window agree: no single odd day may speak for the others. */
  #steady(h: number, window: number): boolean {
    if (window === 1) return true;
    const list = this.projections[h] as Projection[];
    let agree = 0;
    for (let d = Math.max(0, list.length - window); d < list.length; d++)
      if (dayStanding(list[d] as Projection) > AGREES) agree++;
    return agree >= Math.max(2, window / 3);
  }

  /** Takes the last of `days` in. */
  add(days: readonly DaySummary[]): void {
    const day = days[days.length - 1];
    if (day === undefined) return;
    const wetness = wetnessOf(days, days.length - 1);
    this.#levels = this.#levels.map((level, j) => {
      if (!dimmedByDust(this.#layout, this.#series[j] as Series)) return level;
      const recent = this.#recentLevels[j] as number[];
      const value = dayLevel(day, j);
      if (Number.isFinite(value)) {
        recent.push(value);
        if (recent.length > 3) recent.shift();
      }
      return naturalLevels(
        Number.isFinite(value) ? recent.slice(-1).map(() => middle(recent)) : [Number.NaN],
        this.#natural[j] as NaturalSoiling,
        level,
        [wetness],
      )[0] as number;
    });
    const cells = worthOf(withoutNatural(this.#layout, this.#series, day.cells, this.#levels), this.#noise);
    const sample: Sample = { cells, days: 1, start: day.start };
    this.#samples.push(sample);
    this.hypotheses.forEach((_, h) => {
      const list = this.projections[h] as Projection[];
      list.push(this.#project(h, sample));
      if (list.length > LONGEST) list.shift();
    });
  }

  #project(h: number, sample: Sample): Projection {
    const hypothesis = this.hypotheses[h] as Hypothesis;
    const middle = hypothesis.severities.length >> 1;
    return project(this.#layout, this.#series, this.#noise, hypothesis, this.touched[h] as Touched, sample, middle);
  }

  /** How far a day stands out by itself, `ago` days before the last. */
  oneDay(ago: number): Standing {
    const each = new Float64Array(this.hypotheses.length);
    let top = { h: -1, days: 1, excess: 0, z: 0 };
    this.hypotheses.forEach(({ caution }, h) => {
      const day = (this.projections[h] as Projection[]).at(-1 - ago);
      const z = day === undefined ? 0 : standing([day], this.#noise, this.touched[h] as Touched);
      const excess = z / (WINDOWS[0].threshold + caution);
      each[h] = Math.max(0, excess);
      if (excess > top.excess) top = { h, days: 1, excess, z };
    });
    return { ...top, each };
  }

  /** Which hypothesis stands out most for its threshold, over which window; and how much each does. */
  top(): Standing {
    const n = this.#samples.length;
    const each = new Float64Array(this.hypotheses.length);
    let top = { h: -1, days: 0, excess: 0, z: 0 };
    this.hypotheses.forEach(({ caution }, h) => {
      for (const { days: window, threshold } of WINDOWS) {
        if (window > n && window !== 1) continue;
        if (!this.#steady(h, window)) continue;
        const z = this.#standing(h, n, window);
        const excess = z / (threshold + caution);
        if (excess > (each[h] as number)) each[h] = excess;
        if (excess > top.excess) top = { h, days: window, excess, z };
      }
    });
    return { ...top, each };
  }

  /** The day since which the evidence for a hypothesis has added up. */
  onset(h: number): number {
    const list = this.projections[h] as Projection[];
    const n = this.#samples.length;
    const late = list.slice(-4);
    const a = late.reduce((total, { a: own }) => total + own, 0);
    const b = late.reduce((total, { b: own }) => total + own, 0);
    const amplitude = a > 0 ? (0.5 * b) / a : 0;
    let sum = 0;
    let best = 0;
    let at = list.length - 1;
    for (let d = list.length - 1; d >= 0; d--) {
      const { a: own, b: along } = list[d] as Projection;
      sum += amplitude * along - 0.5 * amplitude * amplitude * own;
      if (sum > best) {
        best = sum;
        at = d;
      }
    }
    return n - list.length + at;
  }

  /** Whether what stands out along a hypothesis is still growing since its onset: a drift, not a step. */
  grows(h: number, onset: number): boolean {
    const list = this.projections[h] as Projection[];
    // Half of the onset's day is sound, which is no growth.
    const since = list.slice(Math.max(0, list.length - (this.#samples.length - onset - 1)));
    if (since.length < 4) return false;
    const mean = (part: readonly Projection[]) =>
      part.reduce((sum, { b }) => sum + b, 0) /
      Math.max(
        1e-12,
        part.reduce((sum, { a }) => sum + a, 0),
      );
    const third = Math.ceil(since.length / 3);
    return mean(since.slice(-third)) > GROWS * Math.max(0, mean(since.slice(0, third)));
  }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[sorted.length >> 1] as number;
}
