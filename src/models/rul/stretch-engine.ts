import { packFloats32, unpackFloats32 } from '../neural/pack.js';
import type { Course, TrainingLife } from './course.js';
import type { FittedLifeEngine, LifeEngine, LifeEngineSpec } from './engine.js';
import { findModes } from './learn-modes.js';
import { endOf, type FailureModes, type Way, waysOf, wayToFailure } from './modes.js';
import { type Curve, type Library, libraryOf, POINTS, remainingOf } from './stretched.js';
import { NEGLIGIBLE } from './tally.js';

/** Windows that are looked back on: a year of days with the usual window. */
const WINDOWS = 12;
/** Most lives in the library. */
const MOST_LIVES = 720;
/** Between the quantiles 0.1 and 0.9 of a normal distribution lie so many standard deviations. */
const NORMAL_80 = 2.563;

/**
 * Trajectory matching with the scale of time left free: the asset's wear, as far as it is seen, is laid along the lives of a
 * library, each stretched or pressed together, and shifted (after Wang, Yu, Siegel & Lee 2008, who match without). So a life
 * that goes twice as fast as any other is still foretold by its shape. Wear is told along the direction of each fault.
 */
export function stretchEngine(): LifeEngine {
  return {
    name: 'stretch',
    fit(lives, spec) {
      const whole = wholeLives(lives);
      const { found, modeOf } = findModes(whole, WINDOWS * spec.window);
      const curves = whole.map((life, l): Curve => {
        const mode = modeOf[l] as number;
        return curveOf(life, waysOf(life, found)[mode] as Way, mode);
      });
      return fitted(found, libraryOf(curves, longestOf(lives, spec)), spec);
    },
    fromJSON(state, spec) {
      const { modes, lengths, curveModes, points, longest } = state as SavedStretch;
      const all = unpackFloats32(points);
      const curves = curveModes.map((mode, i) => ({
        mode,
        length: lengths[i] as number,
        points: all.subarray(i * (POINTS + 1), (i + 1) * (POINTS + 1)),
      }));
      return fitted(modes, libraryOf(curves, longest), spec);
    },
  };
}

interface SavedStretch {
  readonly modes: FailureModes;
  readonly lengths: readonly number[];
  readonly curveModes: readonly number[];
  readonly points: string;
  readonly longest: number;
}

/** The longest life of each asset that ended with a failure; spread evenly over all where they are too many. */
function wholeLives(lives: readonly TrainingLife[]): TrainingLife[] {
  const longest = new Map<number, TrainingLife>();
  for (const life of lives)
    if (life.failed && life.length > (longest.get(life.asset)?.length ?? 1)) longest.set(life.asset, life);
  const all = [...longest.values()];
  const kept = Math.min(MOST_LIVES, all.length);
  return Array.from({ length: kept }, (_, i) => all[Math.floor((i * all.length) / kept)] as TrainingLife);
}

/** The longest remaining life that is said: the cap, or twice the longest life. */
function longestOf(lives: readonly TrainingLife[], { cap }: LifeEngineSpec): number {
  return Math.min(cap, 2 * lives.reduce((most, { remaining }) => Math.max(most, remaining[0] as number), 1e-9));
}

/** A life from its end back to its beginning, evenly in time. */
function curveOf(life: TrainingLife, way: Way, mode: number): Curve {
  const last = life.length - 1;
  const end = endOf(life, way);
  const half = Math.max(1, Math.round(life.length / POINTS / 2));
  const points = Float32Array.from({ length: POINTS + 1 }, (_, k) => {
    const row = Math.round(last * (1 - k / POINTS));
    return k === 0 ? 1 : way.sums.mean(Math.max(0, row - half), Math.min(row + half + 1, life.length)) / end;
  });
  return { mode, length: (life.remaining[0] as number) - (life.remaining[last] as number), points };
}

function fitted(modes: FailureModes, library: Library, spec: LifeEngineSpec): FittedLifeEngine {
  const memory = WINDOWS * spec.window;
  return {
    outlook(course, rows) {
      const ways = waysOf(course, modes);
      const center = new Float64Array(rows.length);
      const spread = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) {
        const { low, middle, high } = at(course, ways, rows[i] as number);
        center[i] = middle;
        spread[i] = (high - low) / NORMAL_80;
      }
      return { center, spread };
    },
    toJSON: (): SavedStretch => {
      const { curves, longest } = library;
      const points = new Float32Array(curves.length * (POINTS + 1));
      curves.forEach((curve, i) => {
        points.set(curve.points, i * (POINTS + 1));
      });
      return {
        modes,
        lengths: curves.map(({ length }) => length),
        curveModes: curves.map(({ mode }) => mode),
        points: packFloats32(points),
        longest,
      };
    },
  };

  function at(course: Course, ways: readonly Way[], row: number) {
    const from = Math.max(0, row - memory);
    const far = ways.map(({ telling }) => Math.max(0, telling[row] as number));
    const furthest = far.reduce((most, value) => Math.max(most, value), 0);
    const views = ways.flatMap((way, mode) => {
      // What is seen along one mode is noise to all others.
      const unlikely = (furthest ** 2 - (far[mode] as number) ** 2) / 2;
      if (unlikely > NEGLIGIBLE) return [];
      const { noise, uneven, offset, doubt } = modes.modes[mode] as FailureModes['modes'][number];
      const total = wayToFailure(course, way, modes, mode, from, row);
      return [{ mode, unlikely, sums: way.sums, total, noise: noise / total, uneven, offset: offset / total, doubt }];
    });
    return remainingOf(library, views, course.age, from, row);
  }
}
