import { Random } from '../../core/random.js';
import type { Matrix } from '../matrix.js';
import { type FeatureMap, isActive, levelAt } from './features.js';
import type { Series } from './series.js';

/** Rows to learn from: inputs of one origin and lead each, and the clearness (or part of the scale) that came. */
export interface Examples {
  readonly matrix: Matrix;
  readonly target: Float64Array;
  /** Weights that make squared errors of the clearness squared errors of the target. */
  readonly weights: Float64Array;
}

/** How examples are chosen. */
export interface ExampleOptions {
  /** Leads 1 … horizon. */
  readonly horizon: number;
  /** Steps of each series that are looked at: from, to. */
  readonly range: (index: number) => readonly [number, number];
  /** Most rows; of more, a random part is taken. */
  readonly most: number;
  readonly seed: number;
  /** Rows are drawn in proportion to their weight, for learners that take none: all weights are then 1. */
  readonly drawn: boolean;
}

/** Collects the examples of a pool. */
export function collectExamples(map: FeatureMap, pool: readonly Series[], options: ExampleOptions): Examples {
  const { horizon, range, most, drawn } = options;
  const random = new Random(options.seed).split('examples');
  const places: { series: Series; origin: number; lead: number; weight: number }[] = [];
  const total = pool.reduce((sum, _, i) => sum + Math.max(0, range(i)[1] - range(i)[0]), 0) * horizon;
  const share = Math.min(1, (2 * most) / Math.max(1, total));
  pool.forEach((series, i) => {
    const [from, to] = range(i);
    for (let origin = from; origin < to - 1; origin++) {
      if (!isActive(series, origin)) continue;
      for (let lead = 1; lead <= horizon && origin + lead < to; lead++) {
        const step = origin + lead;
        if (!isActive(series, step) || !Number.isFinite(series.target[step])) continue;
        if (share < 1 && random.next() >= share) continue;
        places.push({ series, origin, lead, weight: (levelAt(series, step) / series.scale) ** 2 });
      }
    }
  });
  let chosen = places;
  if (drawn) {
    const greatest = places.reduce((best, { weight }) => Math.max(best, weight), 0);
    chosen = places.filter(({ weight }) => random.next() * greatest < weight);
  }
  if (chosen.length > most) {
    random.shuffle(chosen, most);
    chosen = chosen.slice(0, most);
  }
  const columns = map.names.length;
  const data = new Float64Array(chosen.length * columns);
  const target = new Float64Array(chosen.length);
  const weights = new Float64Array(chosen.length);
  chosen.forEach(({ series, origin, lead, weight }, row) => {
    map.write(series, origin, lead, data, row * columns);
    const step = origin + lead;
    target[row] = Math.min(2, (series.target[step] as number) / levelAt(series, step));
    weights[row] = drawn ? 1 : weight;
  });
  return { matrix: { data, rows: chosen.length, columns }, target, weights };
}
