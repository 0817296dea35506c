import type { Work, WorkOptions } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import type { Course, TrainingLife } from './course.js';
import { featureCount, type RulFeatureOptions, writeFeatures } from './features.js';

/** What an engine is told beside the lives. */
export interface LifeEngineSpec extends RulFeatureOptions {
  /** The channels' names, in the order of a course's columns. */
  readonly channels: readonly string[];
  /** Longest remaining life that is told apart, in units; ∞: no bound. */
  readonly cap: number;
  /** Length of a unit on the frames' time axis. */
  readonly unit: number;
  readonly seed: number;
}

/** What an engine says of some rows: where the remaining life lies, and how sure that is; both in units. */
export interface Outlook {
  readonly center: Float64Array;
  /** About one standard deviation; what it is worth is found out on assets that were held out. */
  readonly spread: Float64Array;
}

/** A fitted engine. */
export interface FittedLifeEngine {
  /** The outlook at some rows of an asset's course: each sees the rows up to and with it. Always finite, from 0 to the cap. */
  outlook(course: Course, rows: ArrayLike<number>): Outlook;
  /** What each feature (see `rulFeatureList`) adds to the centre, in units, where the engine can tell. */
  explain?(course: Course, row: number): Float64Array;
  /** The fitted state as plain JSON values. */
  toJSON(): unknown;
}

/** A way to tell remaining life. Own ones are given as `new RULPredictor({ engine: myEngine })`. */
export interface LifeEngine {
  /** The name in reports and in saved models. */
  readonly name: string;
  /** True where it has something to say without any history. */
  readonly selfReliant?: boolean;
  /** True where learning takes long: assets are then held out in fewer parts. */
  readonly costly?: boolean;
  /** Learns from lives. Work that takes long is written as a generator. */
  fit(lives: readonly TrainingLife[], spec: LifeEngineSpec): FittedLifeEngine | Work<FittedLifeEngine>;
  /** Learns where learning has to wait, for instance for a library to load. `fit` then throws. */
  fitAsync?(lives: readonly TrainingLife[], spec: LifeEngineSpec, options: WorkOptions): Promise<FittedLifeEngine>;
  /** Takes up what `FittedLifeEngine.toJSON` gave. Engines without it cannot be loaded again. */
  fromJSON?(state: unknown, spec: LifeEngineSpec): FittedLifeEngine;
}

/** Rows that must have been seen before anything is said. */
export const LEAST_ROWS = 5;

/** Rows of lives that engines learn from, with their features. */
export interface Examples {
  readonly matrix: Matrix;
  /** Units until the end of the life. */
  readonly remaining: Float64Array;
  /** 1 where the life ended with a failure. */
  readonly failed: Uint8Array;
  /** Which life a row is of. */
  readonly life: Uint32Array;
  readonly weight: Float64Array;
}

/** Most rows that engines learn from: neighbouring rows of one life say nearly the same. */
const MOST_ROWS = 24_000;
/** Rows beyond the cap weigh together as much as this share of the cap: they are all one answer, "far". */
const FAR_SHARE = 0.25;

const known = new WeakMap<readonly TrainingLife[], Examples>();

/** The rows that are learned from. They are worked out once for all engines. */
export function examplesOf(lives: readonly TrainingLife[], spec: LifeEngineSpec): Examples {
  const found = known.get(lives);
  if (found !== undefined) return found;
  const picked = lives.map((life) => rowsOf(life, strideOf(lives)));
  const rows = picked.reduce((sum, { length }) => sum + length, 0);
  const columns = featureCount(spec.channels.length, spec);
  const data = new Float64Array(rows * columns);
  const remaining = new Float64Array(rows);
  const failed = new Uint8Array(rows);
  const life = new Uint32Array(rows);
  let at = 0;
  lives.forEach((each, l) => {
    const own = picked[l] as Uint32Array;
    writeFeatures(each, own, spec, data, at * columns);
    for (const row of own) {
      remaining[at] = each.remaining[row] as number;
      failed[at] = each.failed ? 1 : 0;
      life[at++] = l;
    }
  });
  const examples = {
    matrix: { data, rows, columns },
    remaining,
    failed,
    life,
    weight: stageWeights(remaining, life, spec.cap),
  };
  known.set(lives, examples);
  return examples;
}

/** Every how many rows is one looked at, so that all together are not too many. */
export function strideOf(lives: readonly { readonly length: number }[], most = MOST_ROWS): number {
  return Math.max(1, Math.ceil(lives.reduce((sum, { length }) => sum + length, 0) / most));
}

/** The rows of a life that are looked at: every `stride`-th up to the last. */
export function rowsOf({ length }: { readonly length: number }, stride: number): Uint32Array {
  const count = Math.max(1, Math.ceil((length - LEAST_ROWS + 1) / stride));
  return Uint32Array.from({ length: count }, (_, i) => Math.max(0, length - 1 - (count - 1 - i) * stride));
}

/**
 * Weights by which an asset is looked at as often at any remaining life up to the cap, and for a quarter of the cap beyond
 * it: otherwise the many rows of new assets decide, of which nobody asks.
 */
export function stageWeights(remaining: Float64Array, life: Uint32Array, cap: number): Float64Array {
  const weight = new Float64Array(remaining.length).fill(1);
  if (!Number.isFinite(cap)) return weight;
  let far = 0;
  let near = 0;
  for (const left of remaining)
    if (left > cap) far++;
    else near++;
  const lives = new Set(life).size;
  if (far === 0 || lives === 0) return weight;
  const share = Math.min(1, (FAR_SHARE * near) / far);
  remaining.forEach((left, i) => {
    if (left > cap) weight[i] = share;
  });
  return weight;
}

/** Runs an engine's `fit`, whichever way it is written. */
export function* fitLifeEngine(
  engine: LifeEngine,
  lives: readonly TrainingLife[],
  spec: LifeEngineSpec,
): Work<FittedLifeEngine> {
  const result = engine.fit(lives, spec);
  return 'outlook' in result ? result : yield* result;
}
