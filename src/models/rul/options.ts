import { type Duration, durationMs } from '../../core/duration.js';
import { TwinergyError } from '../../core/errors.js';
import type { LifeEngine } from './engine.js';
import type { LearnOptions } from './learn.js';
import type { LifeEngineName } from './registry.js';

/** Options of `RULPredictor`; all have defaults. */
export interface RULPredictorOptions {
  /** How remaining life is told: a name, or an engine of your own. Default `gradient-boosting`. */
  readonly engine?: LifeEngineName | LifeEngine;
  /** Intervals that an answer carries, in %. Default 50, 80, 95. */
  readonly levels?: readonly number[];
  /** Within which times, in `unit`, the probability of a failure is told. Default 7, 14, 30. */
  readonly horizons?: readonly number[];
  /** What remaining life is counted in. Default `1d`; with cycles for time, 1. */
  readonly unit?: Duration;
  /** Channels that are looked at. Default: all that the histories have in common. */
  readonly channels?: readonly string[];
  /**
   * Channels that say how the asset is run (load, altitude, speed) rather than how it is. Rows are compared with what is usual
   * in their operating regime, which is found by clustering them. Default: channels that jump to and fro between a few values.
   */
  readonly settings?: readonly string[];
  /** Rows that are looked back on. Default 30. */
  readonly window?: number;
  /**
   * Rows at the beginning that tell what is usual for an asset; 0 where a history may begin at any time of its life, or where
   * channels mean the same for all assets. Default: as many as `window`.
   */
  readonly baseline?: number;
  /** Whether the time since an asset's first row tells something. Default false: histories seldom begin at birth. */
  readonly age?: boolean;
  /** Longest remaining life that is told apart, in `unit`: far from failure nothing shows yet. Default: none. */
  readonly cap?: number;
  /**
   * What the intervals hold for: as many `rows` as they say, so that a long life counts for as much as it was watched, or as many
   * `lives`, looked at after any part of them. Default `rows`.
   */
  readonly intervalsFor?: 'rows' | 'lives';
  /** Seconds after which `auto` takes no further engine to the end; with ∞ a fit repeats to the bit. Default 60. */
  readonly timeBudget?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** The options with their defaults. */
export interface ResolvedRul extends LearnOptions {
  readonly engine: LifeEngineName | LifeEngine;
  readonly levels: readonly number[];
  readonly horizons: readonly number[];
  readonly wanted: readonly string[] | undefined;
}

/** Fills in defaults. @throws TwinergyError `RUL_BAD_OPTION`, `BAD_DURATION` */
export function resolveRul(options: RULPredictorOptions): ResolvedRul {
  const {
    engine = 'gradient-boosting',
    levels = [50, 80, 95],
    horizons = [7, 14, 30],
    unit = '1d',
    channels,
    settings,
    window = 30,
    baseline = window,
    age = false,
    cap = Number.POSITIVE_INFINITY,
    intervalsFor = 'rows',
    timeBudget = 60,
    seed = 0,
  } = options;
  const wrong = (path: string, value: unknown, hint: string) =>
    new TwinergyError('RUL_BAD_OPTION', `${String(value)} will not do for the option ${path}.`, { path, value, hint });
  if (!(window >= 3)) throw wrong('window', window, 'It takes at least 3 rows to see a slope.');
  if (!(baseline >= 0)) throw wrong('baseline', baseline, 'It is a number of rows, 0 or more.');
  if (!(cap > 0)) throw wrong('cap', cap, 'It must be greater than 0.');
  if (!(timeBudget >= 0)) throw wrong('timeBudget', timeBudget, 'Seconds, 0 or more.');
  if (intervalsFor !== 'rows' && intervalsFor !== 'lives')
    throw wrong('intervalsFor', intervalsFor, "It is 'rows' or 'lives'.");
  for (const level of levels)
    if (!(level > 0 && level < 100)) throw wrong('levels', level, 'Levels are in %, between 0 and 100.');
  for (const horizon of horizons)
    if (!(horizon > 0 && horizon < Number.POSITIVE_INFINITY))
      throw wrong('horizons', horizon, 'Horizons are lengths of time in `unit`, greater than 0.');
  return {
    engine,
    levels: [...levels].sort((a, b) => a - b),
    horizons: [...horizons].sort((a, b) => a - b),
    unit: durationMs(unit, 'unit'),
    wanted: channels,
    settings: settings ?? [],
    settingsGiven: settings !== undefined,
    window,
    baseline,
    age,
    cap,
    intervalsFor,
    timeBudget,
    seed,
  };
}
